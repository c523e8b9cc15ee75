"""Rows above the memory budget: exact as ever, in a file that nobody sees and that goes with the result."""

import gc
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.export import AllRows, ExportFormat, ExportOptions, FetchedRows, export_result
from keeperdb.engines.column_cells import column_cells
from keeperdb.engines.registry import get_engine
from keeperdb.errors import StoreError
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.spill import MemoryBudget
from keeperdb.task import Task

Open = Callable[[str], Session]
_SQL = {
    "postgresql": """SELECT i, repeat('x', 100) || i AS t, NULLIF(i % 7, 0) AS n,
        ('\\x' || lpad(to_hex(i), 4, '0'))::bytea AS b,
        i / 3.0 AS d, ARRAY[i, NULL] AS a, 'é😀'::text AS u, 'infinity'::timestamptz AS z
        FROM generate_series(1, 12000) i""",
    "mariadb": """SELECT seq AS i, concat(repeat('x', 100), seq) AS t, nullif(seq % 7, 0) AS n, unhex('00ff') AS b,
        seq / 3 AS d, b'101' AS a, 'é😀' AS u, repeat('l', 300) AS l FROM seq_1_to_12000""",
    "sqlite": """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
        SELECT i, printf('%.100c', 'x') || i AS t, nullif(i % 7, 0) AS n, x'00ff' AS b, i / 3.0 AS d,
        CAST(x'ff41' AS TEXT) AS a, 'é😀' AS u FROM n""",
}


@pytest.fixture
def open_session(request: pytest.FixtureRequest) -> Iterator[Open]:
    opened = []

    def open_session(name: str) -> Session:
        if name == "sqlite":
            profile, credential = ConnectionProfile("memory", "sqlite", path=":memory:"), None
        else:
            server = request.getfixturevalue(f"{name}_server")
            profile, credential = server.profile(), server.credential
        engine = get_engine(profile.engine)
        opened.append(Session(profile, engine, engine.connect(profile, credential, Task())))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


def fetched(session: Session, sql: str, rows: int = 100_000) -> ResultSet:
    result = session.execute(sql, Task())[-1]
    result.fetch(rows, Task())
    return result


def everything(result: ResultSet) -> list[list[Any]]:
    columns = range(len(result.columns or ()))
    return [[(result.text(row, n), result.value(row, n)) for n in columns] for row in range(result.row_count)]


def unnamed_files() -> list[int]:
    """The modes of open files of this process that no folder has."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        if descriptor.is_symlink():  # else it was the one of this very look
            name = str(descriptor.readlink())
            if name.startswith(tempfile.gettempdir()) and name.endswith("(deleted)"):
                found.append(descriptor.stat().st_mode & 0o777)
    return found


@pytest.mark.parametrize("engine", _SQL)
@pytest.mark.parametrize("limit", [0, 400_000])
def test_cells_are_exact_whether_in_memory_or_not(open_session: Open, engine: str, limit: int) -> None:
    session = open_session(engine)
    expected = fetched(session, _SQL[engine])
    session.memory = MemoryBudget(limit)
    result = fetched(session, _SQL[engine])
    assert result.row_count == 12_000
    assert result.nbytes_on_disk > 1_000_000
    assert session.memory.held <= limit
    assert (session.memory.held > 0) == (limit > 0)
    assert everything(result) == everything(expected)
    for number in range(len(result.columns or ())):
        ours = [cell for block in result.blocks() for cell in column_cells(block, number)]
        assert ours == [cell for block in expected.blocks() for cell in column_cells(block, number)]


@pytest.mark.parametrize("engine", _SQL)
def test_columns_that_are_read_together_say_what_the_cells_say(open_session: Open, engine: str) -> None:
    session = open_session(engine)
    session.memory = MemoryBudget(400_000)
    result = session.execute(_SQL[engine], Task())[-1]
    every, columns = range(len(result.columns or ())), ShownColumns(result)
    for rows in (9_000, 100_000):  # some rows arrive after the first have been read
        result.fetch(rows, Task())
        columns.read(every, Task())
        for number in every:
            texts = [result.text(row, number) for row in range(result.row_count)]
            assert columns.as_fetched(number, Task()).to_pylist() == texts
    assert result.row_count == 12_000


@pytest.mark.parametrize("engine", _SQL)
def test_rows_on_disk_are_exported_as_any(open_session: Open, tmp_path: Path, engine: str) -> None:
    session = open_session(engine)
    files = {}
    for limit in (None, 0):
        session.memory = MemoryBudget(limit)
        result = fetched(session, _SQL[engine], 7_000)
        for source in (FetchedRows(result), AllRows(result)):
            path = tmp_path / f"{limit}-{type(source).__name__}.csv"
            export_result(source, path, ExportFormat.CSV, ExportOptions(), Task())
            files.setdefault(type(source), []).append(path.read_bytes())
    for first, second in files.values():
        assert first == second
    assert files[AllRows][0].count(b"\n") == 12_001


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_the_file_is_seen_by_nobody_and_goes_with_the_result(
    open_session: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    session = open_session("sqlite")
    session.memory = MemoryBudget(1_000_000)
    result = fetched(session, _SQL["sqlite"])
    assert list(tmp_path.iterdir()) == []
    assert unnamed_files() == [0o600]
    assert session.memory.held > 0
    session.execute("SELECT 1", Task())
    del result
    gc.collect()
    assert unnamed_files() == []
    assert session.memory.held == 0


def test_results_share_one_budget(open_session: Open) -> None:
    one, two = open_session("sqlite"), open_session("sqlite")
    one.memory = two.memory = MemoryBudget(2_500_000)
    first = fetched(one, _SQL["sqlite"])
    second = fetched(two, _SQL["sqlite"])
    assert first.nbytes_on_disk == 0
    assert second.nbytes_on_disk > 0
    assert second.nbytes == first.nbytes


def test_a_disk_that_cannot_be_written_keeps_what_is_there_and_says_so(
    open_session: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    session = open_session("sqlite")
    session.memory = MemoryBudget(1_000_000)
    result = session.execute(_SQL["sqlite"], Task())[-1]
    with pytest.raises(StoreError, match="memory budget"):
        result.fetch(100_000, Task())
    assert 0 < result.row_count < 12_000
    assert not result.is_complete
    assert not result.is_open
    assert result.text(result.row_count - 1, 0) == str(result.row_count)
