"""INSERT statements put back what was exported, on the databases themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.export import ExportFormat, ExportOptions, SqlOptions, export_statement, write_rows
from keeperdb.data.sql_literals import literals_of
from keeperdb.engines.blocks import CellKind, Column, RowBlock
from keeperdb.engines.registry import get_engine
from keeperdb.query.session import Session
from keeperdb.query.statements import split
from keeperdb.task import Task

Open = Callable[[str], Session]

_TABLES = {
    "postgresql": (
        """CREATE TEMP TABLE {} (i int, "se""lect" bigint, n numeric, f float8, t text, b bytea, ok boolean,
           at timestamptz, d date, j jsonb, a text[], bits bit(4), iv interval, u uuid)""",
        """INSERT INTO {} VALUES
           (1, 9223372036854775807, 12345678901234567890.123456789, 1e-300, 'it''s \\ "x" é😀', '\\x00ff27', true,
            '2026-01-01 12:00:00.123456+02', '2026-02-03', '{{"a": "b''\\\\"}}', ARRAY['x''y', NULL, '\\'], '0101',
            '1 mon 2 days', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'),
           (-2, NULL, 'NaN', 'infinity', '', '', false, 'infinity', '0044-03-15 BC', 'null', '{{}}', NULL, NULL, NULL),
           (3, 0, -0.0, '-0', E'\\n\\t\\\\', NULL, NULL, NULL, '10000-01-01', NULL, NULL, '0000', '-00:00:01', NULL)""",
    ),
    "mariadb": (
        """CREATE TEMPORARY TABLE {} (i int, `se``lect` bigint unsigned, n decimal(40,10), f double, t longtext, b blob,
           at datetime(6), d date, j json, bits bit(5), e enum('a','b'), y year, tm time, g point)""",
        """INSERT INTO {} VALUES
           (1, 18446744073709551615, 123456789012345678901234567890.1234567890, 1e-300, 'it''s \\\\ "x" é😀',
            X'00ff275c', '2026-01-01 12:00:00.123456', '2026-02-03', '{{"a": "b\\\\"c"}}', b'101', 'a', 2026,
            '-838:59:59', POINT(1, 2)),
           (-2, 0, -0.1, -1, '', '', NULL, '1000-01-01', 'null', b'0', NULL, NULL, NULL, NULL),
           (3, NULL, NULL, NULL, 'x\\0y\\n\\\\', NULL, NULL, NULL, NULL, NULL, 'b', NULL, NULL, NULL)""",
    ),
    "sqlite": (
        'CREATE TABLE {} (i, "se""lect", n, t, b, m)',
        """INSERT INTO {} VALUES
           (1, 9223372036854775807, 0.1, 'it''s \\ "x" é😀', x'00ff', 'text'),
           (-2, -9223372036854775808, 1e999, '', x'', 5),
           (NULL, -1e999, 1e300, 'a' || char(0) || 'b', NULL, 1.0),
           (5, '5', '5.0', CAST(x'ff41' AS TEXT), x'41', '1e5')""",
    ),
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


def cells(session: Session, table: str) -> list[list[object]]:
    result = session.execute(f"SELECT * FROM {table}", Task())[-1]
    result.fetch(1_000, Task())
    columns = range(len(result.columns or ()))
    return [[(result.text(row, n), type(result.value(row, n))) for n in columns] for row in range(result.row_count)]


@pytest.mark.parametrize(
    ("engine", "before"),
    [
        ("postgresql", "SELECT 1"),
        ("postgresql", "SET standard_conforming_strings = off"),
        ("mariadb", "SELECT 1"),
        ("mariadb", "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'"),
        ("sqlite", "SELECT 1"),
    ],
)
def test_what_is_inserted_is_what_was_there(open_session: Open, tmp_path: Path, engine: str, before: str) -> None:
    session = open_session(engine)
    create, insert = _TABLES[engine]
    session.execute(create.format("source"), Task())
    session.execute(insert.format("source"), Task())
    session.execute(create.format(session.engine.quote("targ'et;--")), Task())
    options = ExportOptions(sql=SqlOptions.of(session.engine, ["targ'et;--"]))
    path = tmp_path / "x.sql"
    assert export_statement(session, "SELECT * FROM source", path, ExportFormat.SQL, options, Task()) >= 3
    session.execute(before, Task())
    [statement] = split(path.read_text(encoding="utf-8"), session.engine.dialect)
    session.execute(statement, Task())
    assert cells(session, session.engine.quote("targ'et;--")) == cells(session, "source")


class _Numbers:
    columns = (Column("n", "integer", CellKind.INTEGER), Column("n", "integer", CellKind.INTEGER))
    total = 7

    def blocks(self, task: Task) -> Iterator[RowBlock]:
        yield RowBlock([[n, n] for n in range(4)], [str, str])
        yield RowBlock([[n, n] for n in range(4, 7)], [str, str])


@pytest.mark.parametrize(("dialect", "most", "statements"), [("postgres", 3, 3), ("postgres", 7, 1), ("oracle", 3, 7)])
def test_as_many_rows_stand_in_a_statement_as_were_asked_for(
    tmp_path: Path, dialect: str, most: int, statements: int
) -> None:
    path = tmp_path / "x.sql"
    with path.open("w") as stream:
        options = ExportOptions(sql=SqlOptions(("a", "b"), dialect, rows_per_insert=most))
        write_rows(_Numbers(), stream, ExportFormat.SQL, options, Task())
    text = path.read_text()
    assert text.startswith('INSERT INTO "a"."b" ("n", "n_2") VALUES\n(0, 0)')
    assert text.count("INSERT") == text.count(";\n") == statements
    assert text.endswith("(6, 6);\n")


@pytest.mark.parametrize(
    ("dialect", "value", "kind", "type_name", "literal"),
    [
        ("tsql", "it's", CellKind.TEXT, "nvarchar", "N'it''s'"),
        ("tsql", b"\x00\xff", CellKind.BINARY, "binary", "0x00ff"),
        ("tsql", True, CellKind.BOOLEAN, "bit", "1"),
        ("oracle", b"\x00\xff", CellKind.BINARY, "RAW", "HEXTORAW('00ff')"),
        ("oracle", "2026-01-01", CellKind.DATE, "DATE", "DATE '2026-01-01'"),
        ("oracle", "2026-01-01 12:00:00", CellKind.DATE, "DATE", "TIMESTAMP '2026-01-01 12:00:00'"),
        ("oracle", "2026-01-01T12:00:00.5", CellKind.TIMESTAMP, "TIMESTAMP", "TIMESTAMP '2026-01-01 12:00:00.5'"),
        ("oracle", "x'" * 600, CellKind.TEXT, "CLOB", f"TO_CLOB('{chr(120)}{chr(39) * 2}"),
        ("redshift", "a\\b", CellKind.TEXT, "text", "E'a\\\\b'"),
        ("other", "it's", CellKind.TEXT, "text", "'it''s'"),
    ],
)
def test_literals_of_servers_that_are_not_here(
    dialect: str, value: object, kind: CellKind, type_name: str, literal: str
) -> None:
    block = RowBlock([[value]], [str])
    written = literals_of(dialect)(block, 0, 0, Column("c", type_name, kind))
    assert written.startswith(literal)
    assert written == literal or len(str(value)) > 1_000
