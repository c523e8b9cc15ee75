"""The file of local connections: what it keeps and refuses, and what damage, crashes and other windows do to it."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keeperdb.connections.profile import (
    CommitMode,
    ConnectionProfile,
    Environment,
    PasswordMode,
    Source,
    TlsMode,
    VaultOrigin,
)
from keeperdb.connections.store import ConnectionStore
from keeperdb.errors import NotFoundError, SettingsError, StoreError
from keeperdb.keychain import Secret

FULL = ConnectionProfile(
    "Shop – été 🛒",
    "postgresql",
    host="db1",
    port=5433,
    database="shop",
    user="joe",
    path="/a b/c.db",
    options={"application_name": "x"},
    password_mode=PasswordMode.ASK,
    tls=TlsMode.VERIFY_CA,
    tls_ca="/ca.pem",
    tls_certificate="/c.pem",
    tls_key="/k.pem",
    folder=("work", "eu"),
    color="#aabbcc",
    environment=Environment.PRODUCTION,
    read_only=True,
    commit_mode=CommitMode.MANUAL,
    notes="two\nlines",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "connections.json"


@pytest.fixture
def store(path: Path) -> ConnectionStore:
    return ConnectionStore(path)


def reopened(path: Path) -> ConnectionStore:
    store = ConnectionStore(path)
    store.reload()
    return store


def edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def entry(**fields: object) -> dict[str, object]:
    return {"id": "1", "name": "one", "engine": "sqlite"} | fields


def write(path: Path, *entries: object, **fields: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"connections": list(entries)} | fields))


class TestSaving:
    def test_every_field_comes_back(self, store: ConnectionStore, path: Path) -> None:
        store.save(FULL)
        assert reopened(path).get(FULL.id) == FULL

    def test_defaults_are_not_written(self, store: ConnectionStore, path: Path) -> None:
        store.save(ConnectionProfile("a", "sqlite", id="1"))
        assert json.loads(path.read_text())["connections"] == [{"id": "1", "name": "a", "engine": "sqlite"}]

    def test_the_file_is_private(self, store: ConnectionStore, path: Path) -> None:
        store.save(FULL)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700

    def test_saving_again_replaces_in_place(self, store: ConnectionStore, path: Path) -> None:
        first, second = ConnectionProfile("a", "sqlite"), ConnectionProfile("b", "sqlite")
        store.save_many([first, second])
        store.save(first.with_(name="c"))
        assert [profile.name for profile in reopened(path).all()] == ["c", "b"]

    def test_a_lone_surrogate_survives(self, store: ConnectionStore, path: Path) -> None:
        store.save(FULL.with_(path="/caf\udce9.db"))
        assert reopened(path).get(FULL.id).path == "/caf\udce9.db"

    def test_nothing_is_read_or_written_before_it_is_asked_for(self, store: ConnectionStore, path: Path) -> None:
        assert store.all() == []
        assert not path.parent.exists()

    def test_reading_a_snapshot_does_not_touch_the_store(self, store: ConnectionStore) -> None:
        store.save(FULL)
        store.all().clear()
        assert store.all() == [FULL]


class TestSecretsStayOut:
    @pytest.mark.parametrize(
        "name", ["password", "PASSWORD", "pwd", "sslpassword", "passwd", "token", "client_secret", "private_key"]
    )
    def test_an_option_that_would_hold_a_secret_is_refused(self, store: ConnectionStore, path: Path, name: str) -> None:
        with pytest.raises(SettingsError, match=name):
            store.save(FULL.with_(options={name: "hunter2"}))
        assert not path.exists()

    @pytest.mark.parametrize("field", ["user", "notes", "name", "options", "folder"])
    def test_a_secret_is_not_text(self, store: ConnectionStore, path: Path, field: str) -> None:
        value = {"options": {"x": Secret("hunter2")}, "folder": (Secret("hunter2"),)}.get(field, Secret("hunter2"))
        with pytest.raises(TypeError) as caught:
            store.save(FULL.with_(**{field: value}))
        assert "hunter2" not in str(caught.value)
        assert not path.exists()

    def test_a_vault_connection_is_not_stored(self, store: ConnectionStore, path: Path) -> None:
        origin = VaultOrigin("1", "Team", "uid")
        with pytest.raises(ValueError, match="local"):
            store.save(FULL.with_(source=Source.VAULT, vault=origin))
        assert not path.exists()


class TestRemoving:
    def test_a_removed_connection_is_gone_and_returned(self, store: ConnectionStore, path: Path) -> None:
        store.save(FULL)
        assert store.remove(FULL.id) == FULL
        assert store.find(FULL.id) is None
        assert reopened(path).all() == []

    def test_saving_it_brings_it_back_with_fields_of_a_newer_version(self, path: Path) -> None:
        write(path, entry(added_later=[1]))
        store = reopened(path)
        store.save(store.remove("1"))
        assert json.loads(path.read_text())["connections"] == [entry(added_later=[1])]

    def test_removing_or_getting_an_unknown_one_says_so(self, store: ConnectionStore) -> None:
        for call in (store.remove, store.get):
            with pytest.raises(NotFoundError):
                call("none")


class TestNewerVersions:
    def test_unknown_fields_are_kept_everywhere(self, path: Path) -> None:
        write(path, entry(later={"a": 1}), "not an object", entry(id="2", engine=5), ui={"sort": "name"})
        store = reopened(path)
        store.save(store.get("1").with_(name="renamed"))
        store.save(FULL)
        document = json.loads(path.read_text())
        assert document["ui"] == {"sort": "name"}
        assert document["connections"][:3] == [
            entry(name="renamed", later={"a": 1}),
            "not an object",
            entry(id="2", engine=5),
        ]

    def test_a_file_of_a_newer_version_is_read_but_not_changed(self, path: Path) -> None:
        write(path, entry(), version=2)
        before = path.read_bytes()
        store = reopened(path)
        assert store.is_read_only
        assert [profile.name for profile in store.all()] == ["one"]
        assert any("newer version" in warning for warning in store.warnings)
        for change in (lambda: store.save(FULL), lambda: store.remove("1")):
            with pytest.raises(StoreError, match="newer version"):
                change()
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("tls", "quantum"),
            ("password_mode", "fido"),
            ("environment", "moon"),
            ("port", "5432"),
            ("port", 70000),
            ("port", True),
            ("host", 5),
            ("read_only", 1),
            ("folder", "work"),
            ("options", ["a"]),
            ("options", {"a": 1}),
        ],
    )
    def test_a_value_that_cannot_be_used_makes_a_connection_with_a_problem(
        self, path: Path, field: str, value: object
    ) -> None:
        write(path, entry(**{field: value}))
        profile = reopened(path).get("1")
        assert not profile.is_usable
        assert field.replace("_", " ") in profile.problem
        assert profile.problem_hint


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"[]", b'{"connections": {}}', b"\xff\xfe", b"[" * 100_000, b'{"connections": nul'],
        ids=["empty", "cut", "list", "object", "bytes", "deep", "word"],
    )
    def test_a_damaged_file_is_set_aside_with_a_message(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        store = reopened(path)
        assert store.all() == []
        aside = path.parent / "connections.damaged-1.json"
        assert any(str(aside) in warning for warning in store.warnings)
        store.save(FULL)
        assert aside.read_bytes() == content
        assert reopened(path).all() == [FULL]

    def test_a_file_damaged_while_open_is_set_aside_at_the_next_save(self, store: ConnectionStore, path: Path) -> None:
        store.save(FULL)
        path.write_text("broken")
        other = ConnectionProfile("b", "sqlite")
        store.save(other)
        assert (path.parent / "connections.damaged-1.json").read_text() == "broken"
        assert store.all() == [other]
        assert store.warnings

    def test_an_entry_that_cannot_be_read_is_named_and_kept(self, path: Path) -> None:
        write(path, {"id": "x"}, entry(), {"id": "", "name": "n", "engine": "e"}, entry(name="twin"))
        store = reopened(path)
        assert [profile.name for profile in store.all()] == ["one"]
        assert len(store.warnings) == 3
        store.save(FULL)
        assert len(json.loads(path.read_text())["connections"]) == 5

    def test_a_file_that_cannot_be_read_is_neither_shown_as_empty_nor_overwritten(self, path: Path) -> None:
        path.mkdir(parents=True)
        store = ConnectionStore(path)
        for call in (store.reload, lambda: store.save(FULL)):
            with pytest.raises(StoreError):
                call()
        assert path.is_dir()

    def test_leftovers_of_a_killed_writer_are_removed(self, store: ConnectionStore, path: Path) -> None:
        path.parent.mkdir()
        leftover = path.parent / f".{path.name}.abc.part"
        leftover.write_text("half")
        store.save(FULL)
        assert not leftover.exists()


class TestReloading:
    def test_tells_whether_something_changed(self, store: ConnectionStore, path: Path) -> None:
        assert not store.reload()
        store.save(FULL)
        other = reopened(path)
        assert not other.reload()
        store.save(FULL.with_(name="renamed"))
        assert other.reload()
        assert other.get(FULL.id).name == "renamed"

    def test_a_file_that_went_away_is_an_empty_list(self, store: ConnectionStore, path: Path) -> None:
        store.save(FULL)
        path.unlink()
        assert store.reload()
        assert store.all() == []


_WRITE_MANY = """
import sys
from pathlib import Path
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.connections.store import ConnectionStore
store = ConnectionStore(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    store.save(ConnectionProfile(f"{sys.argv[2]} {number}", "sqlite", notes="x" * 20_000))
    print(number, flush=True)
"""


class TestOtherProcesses:
    def test_two_windows_saving_at_once_lose_nothing(self, path: Path) -> None:
        command = [sys.executable, "-c", _WRITE_MANY, str(path)]
        writers = [
            subprocess.Popen([*command, name, "25"], stdout=subprocess.DEVNULL) for name in ("left", "right", "third")
        ]
        assert [writer.wait(60) for writer in writers] == [0, 0, 0]
        names = {profile.name for profile in reopened(path).all()}
        assert names == {f"{name} {number}" for name in ("left", "right", "third") for number in range(25)}

    def test_two_windows_changing_different_connections_keep_both_changes(self, path: Path) -> None:
        write(path, entry(), entry(id="2", name="two"))
        left, right = reopened(path), reopened(path)
        left.save(left.get("1").with_(name="left"))
        right.save(right.get("2").with_(name="right"))
        assert [profile.name for profile in reopened(path).all()] == ["left", "right"]

    @pytest.mark.parametrize("after", [1, 4, 9])
    def test_a_writer_killed_at_any_moment_leaves_everything_that_was_saved(self, path: Path, after: int) -> None:
        reopened(path).save(FULL)
        command = [sys.executable, "-c", _WRITE_MANY, str(path), "w", "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            said = [int(writer.stdout.readline()) for _ in range(after)]
            writer.send_signal(signal.SIGKILL)
        store = reopened(path)
        assert store.warnings == []
        names = [profile.name for profile in store.all()]
        assert names[0] == FULL.name
        assert names[1 : after + 1] == [f"w {number}" for number in said]
        store.save(ConnectionProfile("after", "sqlite"))
        assert [*names, "after"] == [profile.name for profile in reopened(path).all()]
        assert not list(path.parent.glob(".*.part"))
