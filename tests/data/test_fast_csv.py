"""CSV that is written column by column, or by the server itself, is byte for byte what the cells say."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.export import ExportFormat, ExportOptions, export_statement
from keeperdb.data.separated import CsvWriter, SeparatedColumns, SeparatedLine
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, QueryError
from keeperdb.query.session import Session
from keeperdb.task import Task

Open = Callable[..., Session]
_TEXTS = st.none() | st.text(st.sampled_from('ab,;"\n\r\t|\\.é0\0😀'), max_size=6)
_DELIMITERS = st.sampled_from([",", ";", "\t", "|", ".", "0"])

_POSTGRESQL = """
SELECT * FROM (VALUES
  (1::int, 9223372036854775807::bigint, 'plain'::text, 1.50::numeric, '2026-01-01 12:00:00+02'::timestamptz, true,
   '{"a": "b,c"}'::jsonb, ARRAY['x,y', 'q"r', NULL], 'infinity'::float8, '1 day 02:00'::interval,
   '1900-01-01'::date, B'0101', '\\x00ff'::text, 'a'::"char"),
  (-2, -9223372036854775808, E'two\\nlines, "quoted"', 'NaN', 'infinity', false, 'null', '{}', '-infinity',
   '-1 mon', '0044-03-15 BC', B'', '', ''),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (0, 0, '\\.', 1e40, '2026-01-01 00:00:00.123456+00', NULL, '"é😀"', ARRAY[''], 1e-300, '0', '10000-01-01', B'1',
   E'\\r', ' ')
) AS t(i, "big, int", s, n, ts, b, j, a, f, iv, d, bits, hex, c)
"""
_MARIADB = """
SELECT CAST(1 AS UNSIGNED) AS `a,b`, 18446744073709551615 AS u, 'plain' AS s, 1.50 AS n,
       TIMESTAMP'2026-01-01 12:00:00' AS t, 1 AS k,
       X'00ff' AS x, 'two\nlines, "quoted" é😀' AS e, '' AS nothing, NULL AS z, b'101' AS bits, 1e300 AS f,
       REPEAT('long, ', 20000) AS l, POINT(1, 2) AS g, CAST('2026-01-01' AS DATE) AS d, '\\\\.' AS dot
UNION ALL
SELECT 2, 0, NULL, -0.01, NULL, 2, X'', '"', ' ', 'x', b'0', 0.1, '', NULL, NULL, NULL
"""
_SQLITE = """
SELECT 1 AS "a,b", 2.5 AS f, 'plain' AS s, x'00ff' AS x, NULL AS z, '' AS blank, 1 AS mixed, 'é😀' AS e
UNION ALL SELECT -9223372036854775808, 1e300 * 1e300, 'two' || char(10) || 'lines, "quoted"', x'', 'x', 'y', 'text', 'q'
UNION ALL SELECT NULL, -0.1, char(13), NULL, NULL, ' ', 1.5, CAST(x'ff41' AS TEXT)
"""


@pytest.fixture
def open_session(request: pytest.FixtureRequest) -> Iterator[Open]:
    opened = []

    def open_session(name: str, **changes: object) -> Session:
        if name == "sqlite":
            profile, credential = ConnectionProfile("memory", "sqlite", path=":memory:"), None
        else:
            server = request.getfixturevalue(f"{name}_server")
            profile, credential = server.profile(**changes), server.credential
        engine = get_engine(profile.engine)
        opened.append(Session(profile, engine, engine.connect(profile, credential, Task())))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


def cell_by_cell(session: Session, sql: str, options: ExportOptions) -> bytes:
    """The slow and plain way."""
    result = session.execute(sql, Task())[-1]
    result.fetch(1_000_000, Task())
    line = SeparatedLine(options.delimiter)
    columns = result.columns or ()
    lines = [line.write([column.name for column in columns])]
    for row in range(result.row_count):
        lines.append(line.write([result.text(row, number) for number in range(len(columns))]))
    return "".join(lines).encode()


def exported(session: Session, sql: str, path: Path, options: ExportOptions, **more: object) -> bytes:
    export_statement(session, sql, path, ExportFormat.CSV, options, Task(), **more)
    return path.read_bytes()


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[_TEXTS] * n), min_size=1, max_size=6)), _DELIMITERS)
def test_columns_become_the_same_lines_as_rows(rows: list[tuple[str | None, ...]], delimiter: str) -> None:
    line = SeparatedLine(delimiter)
    lines = "".join(line.write(row) for row in rows)
    columns = list(zip(*rows, strict=True))
    assert SeparatedColumns[str](delimiter, str).write(columns) == lines
    encoded = [[None if cell is None else cell.encode() for cell in column] for column in columns]
    assert SeparatedColumns[bytes](delimiter, str.encode).write(encoded) == lines.encode()


@pytest.mark.parametrize(("engine", "sql"), [("postgresql", _POSTGRESQL), ("mariadb", _MARIADB), ("sqlite", _SQLITE)])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ".", "-", "'", "\\", "1", ":"])
def test_every_type_is_written_as_its_cell_says(
    open_session: Open, tmp_path: Path, engine: str, sql: str, delimiter: str
) -> None:
    session = open_session(engine)
    options = ExportOptions(delimiter=delimiter)
    expected = cell_by_cell(session, sql, options)
    assert exported(session, sql, tmp_path / "fast.csv", options) == expected
    assert exported(session, sql, tmp_path / "limited.csv", options, limit=1_000) == expected  # without COPY


@pytest.mark.parametrize("sql", [_POSTGRESQL, "SELECT '\\.' AS only UNION ALL SELECT ''", "TABLE pg_database"])
def test_postgresql_itself_writes_what_the_cells_say(open_session: Open, sql: str) -> None:
    session = open_session("postgresql")
    expected = cell_by_cell(session, sql, ExportOptions())
    copied = session.copy_csv(sql, ",", Task())
    assert copied is not None
    header = SeparatedLine(",").write([column.name for column in copied.columns])
    assert header.encode() + b"".join(lines for lines, _ in copied.chunks(Task())) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1, '\\x00'::bytea",
        "INSERT INTO pg_temp.t VALUES (1) RETURNING i",
        "WITH w AS (INSERT INTO pg_temp.t VALUES (1) RETURNING i) SELECT * FROM w",
        "SHOW server_version",
        "EXPLAIN SELECT 1",
        "SELECT",
    ],
)
def test_postgresql_writes_no_csv_of_what_it_would_write_differently(open_session: Open, sql: str) -> None:
    session = open_session("postgresql")
    session.execute("CREATE TEMP TABLE t (i int)", Task())
    assert session.copy_csv(sql, ",", Task()) is None
    result = session.execute("SELECT count(*) FROM pg_temp.t", Task())[-1]
    result.fetch(1, Task())
    assert result.text(0, 0) == "0"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1) TO PROGRAM 'touch /tmp/owned' --",
        "SELECT 1) TO STDOUT; DROP TABLE pg_temp.t; --",
        "SELECT 1 /* ) TO PROGRAM 'x'",
        "SELECT 'unfinished",
    ],
)
def test_a_query_cannot_leave_the_brackets_of_copy(open_session: Open, tmp_path: Path, sql: str) -> None:
    session = open_session("postgresql")
    with pytest.raises(QueryError):
        exported(session, sql, tmp_path / "x.csv", ExportOptions())
    assert list(tmp_path.iterdir()) == []


def test_comments_and_semicolons_around_a_query_are_fine(open_session: Open, tmp_path: Path) -> None:
    session = open_session("postgresql")
    sql = "-- first\nSELECT ';' AS a /* ; */ ; -- last"
    assert exported(session, sql, tmp_path / "x.csv", ExportOptions()) == b"a\n;\n"
    assert exported(session, sql.replace(" ; --", " --"), tmp_path / "x.csv", ExportOptions()) == b"a\n;\n"
    assert session.copy_csv(sql.replace(" ; --", " --"), ",", Task()) is not None


def test_an_error_of_the_server_tells_its_place_in_the_query(open_session: Open, tmp_path: Path) -> None:
    session = open_session("postgresql")
    with pytest.raises(QueryError) as caught:
        exported(session, "SELECT nonsense", tmp_path / "x.csv", ExportOptions())
    assert caught.value.position == len("SELECT ")
    with pytest.raises(QueryError, match="division by zero"):
        exported(session, "SELECT 1 / (5000 - i) FROM generate_series(1, 9000) i", tmp_path / "x.csv", ExportOptions())
    assert list(tmp_path.iterdir()) == []
    assert exported(session, "SELECT 1 AS a", tmp_path / "x.csv", ExportOptions()) == b"a\n1\n"


def test_a_cancelled_copy_leaves_a_session_that_works(open_session: Open, tmp_path: Path) -> None:
    session = open_session("postgresql")
    task = Task(lambda progress: task.cancel())
    with pytest.raises(Cancelled):
        export_statement(
            session,
            "SELECT i, repeat('x', 100) FROM generate_series(1, 10000000) i",
            tmp_path / "x.csv",
            ExportFormat.CSV,
            ExportOptions(),
            task,
        )
    assert list(tmp_path.iterdir()) == []
    assert not session.in_transaction
    assert exported(session, "SELECT 1 AS a", tmp_path / "x.csv", ExportOptions()) == b"a\n1\n"


def test_a_read_only_connection_copies_and_writes_nothing(open_session: Open, tmp_path: Path) -> None:
    session = open_session("postgresql", read_only=True)
    assert exported(session, "SELECT 1 AS a", tmp_path / "x.csv", ExportOptions()) == b"a\n1\n"
    assert not session.in_transaction
    with pytest.raises(QueryError):
        exported(session, "SELECT nextval('pg_temp.s')", tmp_path / "y.csv", ExportOptions())


def test_text_that_is_not_utf8_is_written_as_it_is_shown(open_session: Open, tmp_path: Path) -> None:
    session = open_session("postgresql")
    session.execute("SET client_encoding = 'LATIN1'", Task())
    assert session.copy_csv("SELECT 'é' AS a", ",", Task()) is None
    assert exported(session, "SELECT 'é' AS a", tmp_path / "x.csv", ExportOptions()) == "a\né\n".encode()


def test_rows_that_were_fetched_are_written_by_column_as_well(open_session: Open) -> None:
    session = open_session("sqlite")
    result = session.execute(_SQLITE, Task())[-1]
    result.fetch(10, Task())
    writer = CsvWriter(result.columns or (), ExportOptions())
    [block] = result.blocks()
    for start in range(3):
        for stop in range(start + 1, 4):
            assert writer.encoded(block, start, stop) == writer.rows(block, start, stop).encode()
    assert list(csv.reader(io.StringIO(writer.rows(block, 0, 3))))[1][2] == 'two\nlines, "quoted"'
