"""Sessions and results where the engine does not matter."""

from collections.abc import Iterator

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, QueryError
from keeperdb.query.session import Session
from keeperdb.query.statements import split
from keeperdb.task import Progress, Task

_NUMBERS = "WITH RECURSIVE x(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM x WHERE i < {}) SELECT i, 'row ' || i FROM x"


@pytest.fixture
def session() -> Iterator[Session]:
    engine = get_engine("sqlite")
    profile = ConnectionProfile(name="memory", engine="sqlite")
    session = Session(profile, engine, engine.connect(profile, None, Task()))
    yield session
    session.close()


def test_a_result_has_the_title_of_its_statement(session: Session) -> None:
    (statement,) = split("-- name: Numbers\nSELECT 1", "sqlite")
    (result,) = session.execute(statement, Task())
    assert result.title == "Numbers"
    assert result.statement is statement


def test_a_text_is_a_statement_too(session: Session) -> None:
    (result,) = session.execute("SELECT 1", Task())
    assert (result.statement.text, result.statement.start, result.statement.end) == ("SELECT 1", 0, 8)


def test_rows_that_were_not_fetched_are_out_of_reach(session: Session) -> None:
    (result,) = session.execute(_NUMBERS.format(10), Task())
    result.fetch(5, Task())
    assert result.text(4, 1) == "row 5"
    for row in (-1, 5):
        with pytest.raises(IndexError):
            result.text(row, 0)


def test_rows_stay_after_the_session_is_closed(session: Session) -> None:
    (result,) = session.execute(_NUMBERS.format(10_000), Task())
    result.fetch(6_000, Task())
    session.close()
    assert result.text(5_999, 1) == "row 6000"
    assert not result.is_open
    assert not result.is_complete


def test_memory_grows_with_the_rows(session: Session) -> None:
    (result,) = session.execute(_NUMBERS.format(10_000), Task())
    result.fetch(100, Task())
    first = result.nbytes
    result.fetch(10_000, Task())
    assert 0 < first < result.nbytes < 10_000 * 100


def test_progress_counts_rows(session: Session) -> None:
    seen: list[Progress] = []
    task = Task(seen.append)
    (result,) = session.execute(_NUMBERS.format(12_000), Task())
    result.fetch(12_000, task)
    task.flush()
    assert seen[-1].done == 12_000


def test_a_stop_between_blocks_keeps_those_that_came(session: Session) -> None:
    (result,) = session.execute(_NUMBERS.format(100_000), Task())
    task = Task(lambda progress: task.cancel())
    with pytest.raises(Cancelled):
        result.fetch(100_000, task)
    assert 0 < result.row_count < 100_000
    assert result.text(result.row_count - 1, 0) == str(result.row_count)
    assert not result.is_complete


def test_an_error_while_fetching_closes_the_result(session: Session) -> None:
    (result,) = session.execute(_NUMBERS.format(10) + " WHERE abs(iif(i = 5, -9223372036854775807 - 1, i)) > 0", Task())
    with pytest.raises(QueryError, match="overflow"):
        result.fetch(10, Task())
    assert (result.is_open, result.is_complete) == (False, False)


def test_seconds_are_measured(session: Session) -> None:
    (result,) = session.execute(_NUMBERS.format(50_000), Task())
    result.fetch(50_000, Task())
    assert result.execute_seconds > 0
    assert result.fetch_seconds > 0


def test_a_count_is_complete_at_once(session: Session) -> None:
    (result,) = session.execute("CREATE TABLE t (a)", Task())
    assert (result.columns, result.is_open, result.is_complete, result.row_count) == (None, False, True, 0)
    assert result.fetch(10, Task()) == 0


def test_what_a_session_is_connected_to_is_told(session: Session) -> None:
    assert session.server_version.startswith("SQLite 3.")
    assert session.database == "memory"
    assert session.engine.id == "sqlite"
