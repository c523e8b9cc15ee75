"""Where files live, and that they are written whole, locked, and set aside when damaged."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keeperdb.errors import StoreError
from keeperdb.paths import Paths, locked, make_private_folder, set_aside, write_atomically


class TestPaths:
    def test_one_folder_holds_everything_when_the_environment_names_it(self, tmp_path: Path) -> None:
        paths = Paths.from_environment({"KEEPERDB_HOME": str(tmp_path / "home")})
        assert {folder.parent for folder in (paths.config, paths.data, paths.cache, paths.logs)} == {tmp_path / "home"}
        assert not (tmp_path / "home").exists()

    def test_an_option_goes_before_the_environment(self, tmp_path: Path) -> None:
        paths = Paths.from_environment({"KEEPERDB_HOME": "/elsewhere"}, home=tmp_path)
        assert paths.config == tmp_path / "config"

    def test_a_relative_home_becomes_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert Paths.under(Path("here")).data == tmp_path / "here" / "data"

    def test_without_a_home_the_platform_says_where(self) -> None:
        code = "from keeperdb.paths import Paths; print(Paths.from_environment({}).config)"
        environment = {"HOME": "/home/joe", "XDG_CONFIG_HOME": "/home/joe/xdg", "PATH": os.environ["PATH"]}
        root = Path(__file__).parents[1]
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "/home/joe/xdg/keeperdb"

    def test_folders_are_private(self, tmp_path: Path) -> None:
        paths = Paths.under(tmp_path / "home")
        paths.make()
        paths.make()
        for folder in (paths.config, paths.data, paths.cache, paths.logs):
            assert folder.stat().st_mode & 0o777 == 0o700

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError) as caught:
            make_private_folder(tmp_path / "file" / "sub")
        assert str(tmp_path / "file" / "sub") in caught.value.message


_WRITE = """
import sys
from pathlib import Path
from keeperdb.paths import write_atomically
path = Path(sys.argv[1])
contents = [letter * 300_000 for letter in (b"a", b"b")]
while True:
    for content in contents:
        write_atomically(path, content)
        print("written", flush=True)
"""


class TestWriting:
    def test_a_file_is_replaced_whole_and_private(self, tmp_path: Path) -> None:
        path = tmp_path / "sub" / "file"
        write_atomically(path, b"old")
        write_atomically(path, b"new")
        assert path.read_bytes() == b"new"
        assert path.stat().st_mode & 0o777 == 0o600
        assert [each.name for each in path.parent.iterdir()] == ["file"]

    @pytest.mark.parametrize("after", [1, 2, 5, 8])
    def test_a_writer_killed_at_any_moment_leaves_a_whole_file(self, tmp_path: Path, after: int) -> None:
        path = tmp_path / "file"
        with subprocess.Popen([sys.executable, "-c", _WRITE, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            for _ in range(after):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        content = path.read_bytes()
        assert content in (b"a" * 300_000, b"b" * 300_000)

    def test_a_reader_never_sees_half_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        write_atomically(path, b"a" * 100_000)
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                for letter in (b"a", b"b"):
                    write_atomically(path, letter * 100_000)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen = [path.read_bytes() for _ in range(200)]
        finally:
            stop.set()
            writer.join()
        assert all(content in (b"a" * 100_000, b"b" * 100_000) for content in seen)

    def test_a_failure_leaves_the_old_file_and_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "folder"
        path.mkdir()
        (path / "inside").write_text("kept")
        with pytest.raises(StoreError) as caught:
            write_atomically(path, b"new")
        assert str(path) in caught.value.message
        assert caught.value.hint
        assert (path / "inside").read_text() == "kept"
        assert [each.name for each in tmp_path.iterdir()] == ["folder"]

    def test_a_link_is_replaced_and_its_target_left_alone(self, tmp_path: Path) -> None:
        target, link = tmp_path / "target", tmp_path / "link"
        target.write_text("kept")
        link.symlink_to(target)
        write_atomically(link, b"new")
        assert target.read_text() == "kept"
        assert link.read_bytes() == b"new"


class TestLocking:
    def test_another_thread_waits(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        order: list[str] = []
        is_inside = threading.Event()

        def second() -> None:
            is_inside.wait(30)
            with locked(path):
                order.append("second")

        thread = threading.Thread(target=second)
        thread.start()
        with locked(path):
            is_inside.set()
            for _ in range(1000):
                order.append("first")
        thread.join()
        assert order == ["first"] * 1000 + ["second"]

    def test_a_lock_that_is_never_given_back_is_an_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "file"
        code = """
import sys
from pathlib import Path
from keeperdb.paths import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""
        command = [sys.executable, "-c", code, str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout
            holder.stdout.readline()
            monkeypatch.setattr("keeperdb.paths._LOCK_TIMEOUT", 0.05)
            with pytest.raises(StoreError, match="in use"), locked(path):
                pytest.fail("entered")
            holder.kill()
        with locked(path):  # a killed holder keeps nobody out
            pass

    def test_leftovers_of_this_file_only_are_removed(self, tmp_path: Path) -> None:
        path = tmp_path / "a[1].json"
        ours, other = tmp_path / ".a[1].json.x.part", tmp_path / ".b.json.x.part"
        for part in (ours, other):
            part.write_text("")
        with locked(path):
            assert not ours.exists()
            assert other.exists()

    def test_a_folder_that_cannot_be_written_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError), locked(tmp_path / "file" / "x"):
            pytest.fail("entered")


class TestSettingAside:
    def test_each_damaged_file_gets_a_name_of_its_own(self, tmp_path: Path) -> None:
        path = tmp_path / "x.json"
        names = []
        for content in (b"1", b"2"):
            path.write_bytes(content)
            aside = set_aside(path, content)
            assert aside
            assert aside.read_bytes() == content
            names.append(aside.name)
        assert names == ["x.damaged-1.json", "x.damaged-2.json"]
        assert not path.exists()

    def test_a_file_that_was_written_anew_in_the_meantime_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "x.json"
        path.write_bytes(b"good")
        assert set_aside(path, b"damaged") is None
        assert path.read_bytes() == b"good"

    def test_a_file_that_is_gone_is_nothing_to_set_aside(self, tmp_path: Path) -> None:
        assert set_aside(tmp_path / "x.json", b"") is None
