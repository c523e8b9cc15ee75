"""Files that results are written to: whole or not at all, however the writing ends."""

import io
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.export import (
    AllRows,
    ExportFormat,
    ExportOptions,
    FetchedRows,
    export_result,
    write_rows,
)
from keeperdb.engines.blocks import Block, CellKind, Column, RowBlock
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ExportError, QueryError
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.task import Progress, Task

CSV = ExportFormat.CSV
OPTIONS = ExportOptions()
_COUNT = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i, 'row ' || i AS t FROM n"
)


@pytest.fixture
def session() -> Iterator[Session]:
    profile = ConnectionProfile("memory", "sqlite", path=":memory:")
    engine = get_engine("sqlite")
    session = Session(profile, engine, engine.connect(profile, None, Task()))
    yield session
    session.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "result.csv"


def run(session: Session, sql: str) -> ResultSet:
    return session.execute(sql, Task())[-1]


def only_file(path: Path) -> str:
    """The content of `path`, with nothing else beside it."""
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return path.read_text()


class Numbers:
    """Rows that call `at` before each block of a thousand."""

    def __init__(self, blocks: int, at: dict[int, object] | None = None) -> None:
        self.columns = (Column("n", "integer", CellKind.INTEGER),)
        self.total = blocks * 1000
        self._blocks = blocks
        self._at = at or {}

    def blocks(self, task: Task) -> Iterator[Block]:
        for number in range(self._blocks):
            action = self._at.get(number)
            if isinstance(action, BaseException):
                raise action
            if callable(action):
                action()
            yield RowBlock([[row] for row in range(number * 1000, number * 1000 + 1000)], [str])


class TestRows:
    def test_all_rows_are_fetched_but_not_kept(self, session: Session, path: Path) -> None:
        result = run(session, _COUNT.format(30_000))
        result.fetch(100, Task())
        assert export_result(AllRows(result), path, CSV, OPTIONS, Task()) == 30_000
        lines = path.read_text().splitlines()
        assert lines[:2] == ["i,t", "1,row 1"]
        assert lines[100:102] == ["100,row 100", "101,row 101"]
        assert lines[-1] == "30000,row 30000"
        assert len(lines) == 30_001
        assert result.row_count == 100
        assert result.is_complete

    @pytest.mark.parametrize("limit", [0, 1, 99, 100, 101, 12_345])
    def test_a_limit_is_kept_to_the_row(self, session: Session, limit: int) -> None:
        result = run(session, _COUNT.format(30_000))
        result.fetch(100, Task())
        stream = io.StringIO()
        assert write_rows(AllRows(result, limit), stream, CSV, OPTIONS, Task()) == limit
        assert stream.getvalue().splitlines()[1:] == [f"{number},row {number}" for number in range(1, limit + 1)]

    def test_fetched_rows_leave_the_rest_where_it_is(self, session: Session, path: Path) -> None:
        result = run(session, _COUNT.format(30_000))
        result.fetch(7_001, Task())
        assert export_result(FetchedRows(result), path, CSV, OPTIONS, Task()) == 7_001
        assert result.is_open
        assert result.fetch(1, Task()) == 1

    def test_a_result_without_rows_has_only_a_header(self, session: Session, path: Path) -> None:
        result = run(session, "SELECT 1 AS a, 'x' AS \"b,c\" WHERE 0")
        assert export_result(AllRows(result), path, CSV, OPTIONS, Task()) == 0
        assert only_file(path) == 'a,"b,c"\n'

    def test_values_of_a_real_database_are_exact(self, session: Session) -> None:
        result = run(session, "SELECT 9007199254740993 AS i, 0.1 AS f, NULL AS n, x'00ff' AS b, 'é' AS t, 'x' AS t")
        stream = io.StringIO()
        write_rows(AllRows(result), stream, ExportFormat.JSONL, OPTIONS, Task())
        assert stream.getvalue() == (
            '{"i": 9007199254740993, "f": 0.1, "n": null, "b": "AP8=", "t": "é", "t_2": "x"}\n'
        )

    def test_progress_tells_how_many_rows_are_written(self) -> None:
        seen: list[Progress] = []
        task = Task(seen.append)
        write_rows(Numbers(5), io.StringIO(), CSV, OPTIONS, task)
        assert seen[-1] == Progress(5000, 5000, "5,000 rows written")


class TestEndings:
    def test_a_finished_export_leaves_the_file_alone(self, path: Path) -> None:
        assert export_result(Numbers(2), path, CSV, OPTIONS, Task()) == 2000
        assert only_file(path).count("\n") == 2001

    def test_a_file_is_replaced_and_keeps_its_permissions(self, path: Path) -> None:
        path.write_text("old")
        path.chmod(0o640)
        export_result(Numbers(1), path, CSV, OPTIONS, Task())
        assert only_file(path).startswith("n\n0\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    @pytest.mark.parametrize("before", [None, "old"])
    def test_cancelling_leaves_no_half_file(self, path: Path, before: str | None) -> None:
        if before is not None:
            path.write_text(before)
        task = Task()
        with pytest.raises(Cancelled):
            export_result(Numbers(5, {3: task.cancel}), path, CSV, OPTIONS, task)
        if before is None:
            assert list(path.parent.iterdir()) == []
        else:
            assert only_file(path) == before

    def test_cancelling_from_another_thread_stops_a_query(self, session: Session, path: Path) -> None:
        result = run(session, _COUNT.format(1_000_000_000))
        started = threading.Event()
        task = Task(lambda progress: started.set())
        canceller = threading.Thread(target=lambda: (started.wait(), task.cancel()))
        canceller.start()
        with pytest.raises(Cancelled):
            export_result(AllRows(result), path, CSV, OPTIONS, task)
        canceller.join()
        assert list(path.parent.iterdir()) == []
        assert not result.is_open
        assert not result.is_complete

    def test_an_error_of_the_server_in_the_middle_leaves_what_was_there(self, path: Path) -> None:
        path.write_text("old")
        with pytest.raises(QueryError):
            export_result(Numbers(5, {3: QueryError("division by zero")}), path, CSV, OPTIONS, Task())
        assert only_file(path) == "old"

    def test_a_killed_export_leaves_what_was_there(self, path: Path) -> None:
        path.write_text("old")
        code = """
import sys
from pathlib import Path
from keeperdb.data.export import ExportFormat, ExportOptions, export_result
from keeperdb.engines.blocks import Column, RowBlock
from keeperdb.task import Task
class Endless:
    columns, total = (Column("n", "integer"),), None
    def blocks(self, task):
        while True:
            yield RowBlock([["x" * 1000]] * 1000, [str])
            print("more", flush=True)
export_result(Endless(), Path(sys.argv[1]), ExportFormat.CSV, ExportOptions(), Task())
"""
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        assert path.read_text() == "old"

    def test_a_full_disk_is_an_error_that_leaves_what_was_there(self, path: Path) -> None:
        path.write_text("old")
        code = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from keeperdb.data.export import ExportFormat, ExportOptions, export_result
from keeperdb.errors import ExportError
from keeperdb.task import Task
from tests.data.test_export import Numbers
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    export_result(Numbers(50), Path(sys.argv[1]), ExportFormat.CSV, ExportOptions(), Task())
except ExportError as error:
    print(error)
"""
        root = str(Path(__file__).parents[2])
        done = subprocess.run([sys.executable, "-c", code, str(path), root], capture_output=True, text=True, check=True)
        assert str(path) in done.stdout
        assert "could not be written" in done.stdout
        assert only_file(path) == "old"


class TestTargets:
    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        target = tmp_path / "precious"
        target.write_text("precious")
        link = tmp_path / "result.csv"
        link.symlink_to(target)
        with pytest.raises(ExportError, match="is a link"):
            export_result(Numbers(1), link, CSV, OPTIONS, Task())
        assert target.read_text() == "precious"
        assert link.is_symlink()

    def test_a_link_that_appears_meanwhile_is_replaced_and_not_followed(self, tmp_path: Path) -> None:
        target = tmp_path / "precious"
        target.write_text("precious")
        path = tmp_path / "result.csv"
        export_result(Numbers(2, {1: lambda: path.symlink_to(target)}), path, CSV, OPTIONS, Task())
        assert target.read_text() == "precious"
        assert not path.is_symlink()

    def test_a_folder_a_device_and_a_missing_folder_are_errors(self, tmp_path: Path) -> None:
        for path in (tmp_path, Path("/dev/null"), tmp_path / "none" / "x.csv"):
            with pytest.raises(ExportError) as caught:
                export_result(Numbers(1), path, CSV, OPTIONS, Task())
            assert str(path) in caught.value.message
            assert caught.value.hint
        assert list(tmp_path.iterdir()) == []

    def test_a_file_is_not_replaced_unless_it_may(self, path: Path) -> None:
        path.write_text("old")
        with pytest.raises(ExportError, match="exists already"):
            export_result(Numbers(1), path, CSV, OPTIONS, Task(), may_replace=False)
        assert only_file(path) == "old"

    def test_a_name_of_full_length_can_be_written(self, tmp_path: Path) -> None:
        path = tmp_path / ("x" * 251 + ".csv")
        export_result(Numbers(1), path, CSV, OPTIONS, Task())
        assert only_file(path).startswith("n\n")
