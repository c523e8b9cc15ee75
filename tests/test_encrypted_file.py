"""The encrypted file: what it keeps, what it refuses, and what becomes of a damaged one."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from keeperdb.errors import KeychainError, KeychainReason
from keeperdb.keychain import FileKeychain, Keychain, Secret
from tests.contracts.keychain import KeychainContract

MASTER = Secret("correct horse")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keychain.json"


@pytest.fixture
def file_keychain(path: Path) -> FileKeychain:
    keychain = FileKeychain(path)
    keychain.create(MASTER)
    return keychain


def reason_of(call: Callable[[], object]) -> KeychainReason:
    with pytest.raises(KeychainError) as caught:
        call()
    assert "correct horse" not in str(caught.value)
    return caught.value.reason


class TestFileKeychain(KeychainContract):
    @pytest.fixture
    def keychain(self, file_keychain: FileKeychain) -> Keychain:
        return file_keychain

    def test_another_program_with_the_master_password_reads_it(self, file_keychain: FileKeychain, path: Path) -> None:
        file_keychain.set("connection/1", Secret("s3cret"))
        other = FileKeychain(path)
        assert other.exists
        assert other.is_locked
        other.unlock(MASTER)
        assert not other.is_locked
        assert other.get("connection/1") == Secret("s3cret")

    def test_shows_no_secret_and_is_private(self, file_keychain: FileKeychain, path: Path) -> None:
        file_keychain.set("connection/1", Secret("s3cret"))
        content = path.read_text()
        assert "s3cret" not in content
        assert "correct horse" not in content
        assert path.stat().st_mode & 0o777 == 0o600

    def test_is_locked_until_unlocked(self, file_keychain: FileKeychain, path: Path) -> None:
        locked = FileKeychain(path)
        for call in (
            lambda: locked.get("a/b"),
            lambda: locked.set("a/b", Secret("x")),
            lambda: locked.delete("a/b"),
        ):
            assert reason_of(call) is KeychainReason.LOCKED

    def test_locks_again(self, file_keychain: FileKeychain) -> None:
        file_keychain.lock()
        assert reason_of(lambda: file_keychain.get("a/b")) is KeychainReason.LOCKED

    def test_refuses_a_wrong_master_password(self, file_keychain: FileKeychain, path: Path) -> None:
        other = FileKeychain(path)
        assert reason_of(lambda: other.unlock(Secret("correct horsf"))) is KeychainReason.WRONG_PASSWORD
        assert other.is_locked
        assert path.exists()

    def test_refuses_an_empty_master_password(self, path: Path) -> None:
        assert reason_of(lambda: FileKeychain(path).create(Secret(""))) is KeychainReason.WRONG_PASSWORD
        assert not path.exists()

    def test_says_that_there_is_no_file_yet(self, path: Path) -> None:
        assert not FileKeychain(path).exists
        assert reason_of(lambda: FileKeychain(path).unlock(MASTER)) is KeychainReason.MISSING

    def test_does_not_overwrite_an_existing_file(self, file_keychain: FileKeychain, path: Path) -> None:
        before = path.read_bytes()
        assert reason_of(lambda: FileKeychain(path).create(Secret("mine"))) is KeychainReason.FAILED
        assert path.read_bytes() == before

    def test_two_files_with_one_password_cannot_read_each_other(self, tmp_path: Path) -> None:
        one, two = FileKeychain(tmp_path / "1.json"), FileKeychain(tmp_path / "2.json")
        for keychain in (one, two):
            keychain.create(MASTER)
            keychain.set("a/b", Secret("same"))
        first, second = (json.loads(keychain.path.read_text()) for keychain in (one, two))
        assert first["entries"]["a/b"] != second["entries"]["a/b"]
        second["entries"] = first["entries"]
        two.path.write_text(json.dumps(second))
        assert reason_of(lambda: two.get("a/b")) is KeychainReason.DAMAGED

    def test_an_entry_cannot_take_the_place_of_another(self, file_keychain: FileKeychain, path: Path) -> None:
        file_keychain.set("connection/test", Secret("test"))
        file_keychain.set("connection/production", Secret("production"))
        document = json.loads(path.read_text())
        document["entries"]["connection/test"] = document["entries"]["connection/production"]
        path.write_text(json.dumps(document))
        assert reason_of(lambda: file_keychain.get("connection/test")) is KeychainReason.DAMAGED

    def test_the_same_secret_is_sealed_differently_each_time(self, file_keychain: FileKeychain, path: Path) -> None:
        seen = set()
        for _ in range(3):
            file_keychain.set("a/b", Secret("same"))
            seen.add(json.loads(path.read_text())["entries"]["a/b"])
        assert len(seen) == 3

    def test_parameters_are_stored_and_used(self, file_keychain: FileKeychain, path: Path) -> None:
        document = json.loads(path.read_text())
        assert document["argon2id"] | {"salt": ""} == {
            "salt": "",
            "time_cost": 3,
            "memory_cost": 65536,
            "parallelism": 4,
        }
        document["argon2id"]["time_cost"] = 2
        path.write_text(json.dumps(document))
        assert reason_of(lambda: FileKeychain(path).unlock(MASTER)) is KeychainReason.WRONG_PASSWORD

    @pytest.mark.parametrize(
        "damage",
        [
            lambda document: "",
            lambda document: "not json",
            lambda document: "[]",
            lambda document: "[" * 100_000,
            lambda document: json.dumps(document)[:-20],
            lambda document: json.dumps(document | {"entries": []}),
            lambda document: json.dumps(document | {"check": "*"}),
            lambda document: json.dumps(document | {"argon2id": document["argon2id"] | {"memory_cost": 2**31}}),
            lambda document: json.dumps(document | {"argon2id": document["argon2id"] | {"salt": ""}}),
        ],
    )
    def test_a_damaged_file_is_set_aside_and_kept(
        self, file_keychain: FileKeychain, path: Path, damage: Callable[[dict[str, object]], str]
    ) -> None:
        damaged = damage(json.loads(path.read_text()))
        path.write_text(damaged)
        other = FileKeychain(path)
        assert reason_of(lambda: other.unlock(MASTER)) is KeychainReason.DAMAGED
        assert not other.exists
        other.create(Secret("new one"))
        assert (path.parent / "keychain.damaged-1.json").read_text() == damaged

    def test_a_second_damaged_file_does_not_overwrite_the_first(self, path: Path) -> None:
        for content in ("one", "two"):
            path.write_text(content)
            assert reason_of(lambda: FileKeychain(path).unlock(MASTER)) is KeychainReason.DAMAGED
        assert (path.parent / "keychain.damaged-1.json").read_text() == "one"
        assert (path.parent / "keychain.damaged-2.json").read_text() == "two"

    def test_a_damaged_entry_leaves_the_others(self, file_keychain: FileKeychain, path: Path) -> None:
        file_keychain.set("a/1", Secret("one"))
        file_keychain.set("a/2", Secret("two"))
        document = json.loads(path.read_text())
        document["entries"]["a/1"] = "AAAA"
        path.write_text(json.dumps(document))
        assert reason_of(lambda: file_keychain.get("a/1")) is KeychainReason.DAMAGED
        assert file_keychain.get("a/2") == Secret("two")

    def test_a_file_of_a_newer_version_is_left_alone(self, file_keychain: FileKeychain, path: Path) -> None:
        newer = json.dumps(json.loads(path.read_text()) | {"version": 2})
        path.write_text(newer)
        assert reason_of(lambda: FileKeychain(path).unlock(MASTER)) is KeychainReason.FAILED
        assert path.read_text() == newer

    def test_the_master_password_can_be_changed(self, file_keychain: FileKeychain, path: Path) -> None:
        file_keychain.set("a/b", Secret("kept"))
        file_keychain.change_master_password(MASTER, Secret("battery staple"))
        assert file_keychain.get("a/b") == Secret("kept")
        other = FileKeychain(path)
        assert reason_of(lambda: other.unlock(MASTER)) is KeychainReason.WRONG_PASSWORD
        other.unlock(Secret("battery staple"))
        assert other.get("a/b") == Secret("kept")

    def test_changing_needs_the_old_master_password(self, file_keychain: FileKeychain, path: Path) -> None:
        before = path.read_bytes()
        change = lambda: file_keychain.change_master_password(Secret("guess"), Secret("mine"))  # noqa: E731
        assert reason_of(change) is KeychainReason.WRONG_PASSWORD
        assert path.read_bytes() == before

    def test_another_window_is_locked_after_a_change(self, file_keychain: FileKeychain, path: Path) -> None:
        other = FileKeychain(path)
        other.unlock(MASTER)
        file_keychain.change_master_password(MASTER, Secret("battery staple"))
        assert reason_of(lambda: other.set("a/b", Secret("x"))) is KeychainReason.LOCKED
        assert other.is_locked

    def test_two_windows_lose_nothing(self, file_keychain: FileKeychain, path: Path) -> None:
        other = FileKeychain(path)
        other.unlock(MASTER)

        def write(keychain: FileKeychain, prefix: str) -> None:
            for number in range(20):
                keychain.set(f"{prefix}/{number}", Secret(f"{prefix}{number}"))

        threads = [threading.Thread(target=write, args=args) for args in ((file_keychain, "a"), (other, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for prefix in "ab":
            for number in range(20):
                assert file_keychain.get(f"{prefix}/{number}") == Secret(f"{prefix}{number}")

    def test_a_folder_that_cannot_be_made_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        keychain = FileKeychain(tmp_path / "file" / "keychain.json")
        assert reason_of(lambda: keychain.create(MASTER)) is KeychainReason.FAILED

    def test_its_repr_holds_no_key(self, file_keychain: FileKeychain) -> None:
        assert "keychain" in repr(file_keychain).lower()
        assert "b'" not in repr(file_keychain)
