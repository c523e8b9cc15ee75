"""SQLite's objects as the statements that SQLite keeps."""

import sqlite3
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.errors import NotFoundError, UnsupportedError
from keeperdb.query.session import Session
from keeperdb.query.statements import split
from keeperdb.task import Task
from tests.contracts.engine_contract import find

ODD = 'o"dd. na\nme 😀\u202e%s'
Q = '"' + ODD.replace('"', '""') + '"'
KINDS = f"""
CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT UNIQUE COLLATE NOCASE DEFAULT 'it''s; x',
  gross REAL GENERATED ALWAYS AS (id * 1.2) STORED, CHECK (id > 0)) STRICT;
CREATE TABLE {Q} ({Q} TEXT REFERENCES parent (code) ON DELETE CASCADE) ;
CREATE INDEX {'"I' + Q[1:]} ON {Q} ({Q} DESC) WHERE {Q} > 'a';
CREATE INDEX by_code ON parent (lower(code));
CREATE TRIGGER changed AFTER UPDATE ON parent BEGIN SELECT 1; SELECT ';'; END;
CREATE VIEW cheap (one) AS SELECT id FROM parent -- with a comment
;
CREATE TRIGGER instead INSTEAD OF INSERT ON cheap BEGIN SELECT 2; END;
CREATE VIRTUAL TABLE found USING fts5 (body);
ANALYZE;
"""


@pytest.fixture
def open_file(sqlite_file: Path):
    opened = []

    def open_(path: Path = sqlite_file) -> Session:
        profile, engine = ConnectionProfile("x", "sqlite", path=str(path)), get_engine("sqlite")
        opened.append(Session(profile, engine, engine.connect(profile, None, Task())))
        return opened[-1]

    yield open_
    for session in opened:
        session.close()


@pytest.fixture
def session(open_file) -> Session:
    session = open_file()
    run(session, KINDS)
    return session


def run(session: Session, script: str) -> None:
    for statement in split(script, "sqlite"):
        session.execute(statement, Task())


def objects(session: Session) -> list[Node]:
    groups = [find(session, "Tables"), find(session, "Views")]
    nodes = [node for group in groups for node in session.children(group, Task())]
    return [node for node in nodes if not node.is_system and not node.name.startswith("found_")]


def schema(path: Path) -> set[tuple[str, ...]]:
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
        )
        found = set(rows.fetchall())
    database.close()
    return found


def test_objects_made_from_their_ddl_are_the_same(session, open_file, sqlite_file, tmp_path):
    copy = tmp_path / "copy.sqlite"
    copy.touch()
    other = open_file(copy)
    for node in objects(session):
        run(other, session.ddl(node, Task()))
    assert schema(copy) == schema(sqlite_file)
    assert len(schema(copy)) > 10


def test_parts_with_a_statement_have_it_and_the_others_have_their_tables(session):
    table = session.ddl(find(session, "Tables", "parent"), Task())
    assert session.ddl(find(session, "Tables", "parent", "Indexes", "by_code"), Task()) == (
        "CREATE INDEX by_code ON parent (lower(code));\n"
    )
    assert session.ddl(find(session, "Tables", "parent", "Triggers", "changed"), Task()).endswith("SELECT ';'; END;\n")
    assert session.ddl(find(session, "Tables", "parent", "Columns", "code"), Task()) == table
    assert session.ddl(find(session, "Views", "cheap", "Columns", "one"), Task()).startswith("CREATE VIEW cheap")
    own = next(
        node for node in session.children(find(session, "Tables", "parent", "Indexes"), Task()) if node.is_system
    )
    assert session.ddl(own, Task()) == table


def test_objects_of_attached_databases_have_their_own_ddl(session, tmp_path):
    run(session, f"ATTACH '{tmp_path / 'second.db'}' AS {Q}; CREATE TABLE {Q}.parent (x)")
    assert session.ddl(find(session, ODD, "Tables", "parent"), Task()) == "CREATE TABLE parent (x);\n"


def test_a_table_that_is_gone_is_not_found_and_a_heading_has_no_ddl(session):
    node = find(session, "Views", "cheap")
    run(session, "DROP VIEW cheap")
    with pytest.raises(NotFoundError):
        session.ddl(node, Task())
    with pytest.raises(UnsupportedError):
        session.ddl(Node(NodeKind.GROUP, "Tables"), Task())


def test_rows_are_estimated_where_analyze_has_counted(session):
    run(session, "INSERT INTO parent (code) VALUES ('a'), ('b'); ANALYZE")
    rows = {node.name: node.row_estimate for node in session.children(find(session, "Tables"), Task())}
    assert rows["parent"] == 2
    assert rows["found"] is None
