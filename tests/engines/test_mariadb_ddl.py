"""MariaDB's objects as statements: what they make is what was there before."""

from collections.abc import Iterator

import pytest

from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.errors import NotFoundError, QueryError, UnsupportedError
from keeperdb.query.session import Session
from keeperdb.query.statements import split
from keeperdb.task import Task
from tests.contracts.engine_contract import find, names_below, rows_of

ODD = 'o`dd. "na\nme ö\u202e%s'
Q = "`" + ODD.replace("`", "``") + "`"
KINDS = f"""
CREATE TABLE parent (id int unsigned AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s the key, (first)', code varchar(20)
  COLLATE utf8mb4_bin DEFAULT 'a,b)''' NOT NULL, n decimal(10,2), kind enum('a,b', 'c)') DEFAULT 'c)', gross double
  AS (n * 1.2)
  STORED, body text, {Q} int, UNIQUE KEY {Q} (code, {Q}), KEY by_n (n DESC, code(5)) COMMENT 'for it', FULLTEXT KEY
  words (body), CONSTRAINT above CHECK (n > 0)) COMMENT='The ''parent''' ENGINE=InnoDB;
CREATE TABLE child (id int, up int unsigned,
  CONSTRAINT fk_up FOREIGN KEY (up) REFERENCES parent (id) ON DELETE CASCADE);
CREATE TABLE {Q} ({Q} int) PARTITION BY RANGE ({Q}) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN
  MAXVALUE);
CREATE VIEW cheap AS SELECT id, code FROM parent WHERE n < 5 WITH CHECK OPTION;
CREATE VIEW {"`V" + Q[1:]} AS SELECT {Q} FROM {Q};
CREATE SEQUENCE counter START WITH 5 INCREMENT BY 5 MAXVALUE 100 CYCLE;
CREATE SEQUENCE {"`S" + Q[1:]};
DELIMITER //
CREATE PROCEDURE act(IN a int, OUT b int) COMMENT 'it''s done' BEGIN SET b = a; SELECT '$$;'; END//
CREATE FUNCTION act(a int) RETURNS int DETERMINISTIC BEGIN RETURN a; END//
CREATE FUNCTION {Q}() RETURNS varchar(10) DETERMINISTIC RETURN 'x'//
CREATE TRIGGER changed BEFORE INSERT ON parent FOR EACH ROW BEGIN SET NEW.n = 1; SET NEW.n = 2; END//
CREATE TRIGGER {Q} AFTER INSERT ON {Q} FOR EACH ROW SET @x = 1//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE COMMENT 'rests'
  DO BEGIN SELECT 1; END//
DELIMITER ;
"""


@pytest.fixture
def session(mariadb_server) -> Iterator[Session]:
    profile = mariadb_server.profile()
    engine = get_engine("mariadb")
    session = Session(profile, engine, engine.connect(profile, mariadb_server.credential, Task()))
    run(session, "DROP DATABASE IF EXISTS ddl; CREATE DATABASE ddl CHARACTER SET utf8mb4; USE ddl")
    run(session, KINDS)
    yield session
    run(session, "DROP DATABASE IF EXISTS ddl")
    session.close()


def run(session: Session, script: str) -> None:
    for statement in split(script, "mysql"):
        session.execute(statement, Task())


def objects(session: Session) -> list[Node]:
    groups = {group.name: group for group in session.children(find(session, "ddl"), Task())}
    names = ("Sequences", "Tables", "Routines", "Views", "Events")
    return [node for name in names for node in session.children(groups[name], Task())]


def make_all(session: Session, statements: list[str]) -> None:
    """Run what can be run until nothing is left: a table may stand before the one it points at."""
    while statements:
        refused: list[tuple[str, QueryError]] = []
        for text in statements:
            try:
                run(session, text)
            except QueryError as error:
                refused.append((text, error))
        assert len(refused) < len(statements), [f"{error.message} in {text}" for text, error in refused]
        statements = [text for text, _ in refused]


def test_objects_made_from_their_ddl_are_the_same(session):
    nodes = objects(session)
    made = {(*node.path, node.detail): session.ddl(node, Task()) for node in nodes}
    assert len(made) == 11
    run(session, "DROP DATABASE ddl; CREATE DATABASE ddl CHARACTER SET utf8mb4; USE mysql")
    make_all(session, list(made.values()))
    run(session, "USE ddl")
    assert {(*node.path, node.detail): session.ddl(node, Task()) for node in objects(session)} == made


def test_a_program_keeps_the_sql_mode_it_was_made_with(session):
    run(session, "SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'")
    run(session, """CREATE FUNCTION joined() RETURNS varchar(10) DETERMINISTIC RETURN 'a' || 'b'""")
    run(session, "SET sql_mode = 'STRICT_TRANS_TABLES'")
    text = session.ddl(find(session, "ddl", "Routines", "joined"), Task())
    run(session, "DROP FUNCTION joined")
    run(session, text)
    assert rows_of(session, "SELECT joined(), @@sql_mode") == [("ab", "STRICT_TRANS_TABLES")]


@pytest.mark.parametrize("group", ["Keys", "Indexes", "Columns"])
def test_parts_of_a_table_can_be_dropped_and_made_again(session, group):
    create = "SHOW CREATE TABLE parent"
    before = sorted(line.strip(" ,") for line in rows_of(session, create)[0][1].splitlines())
    drops = {"Keys": "DROP CONSTRAINT {}", "Indexes": "DROP INDEX {}", "Columns": "DROP COLUMN {}"}
    for node in session.children(find(session, "ddl", "Tables", "parent", group), Task()):
        text = session.ddl(node, Task())
        assert text.startswith("ALTER TABLE `ddl`.`parent` ADD ")
        if node.name == "PRIMARY" or (group == "Columns" and node.name not in ("gross", "kind")):  # others hang on them
            continue
        run(session, f"ALTER TABLE parent {drops[group].format(session.engine.quote(node.name))}")
        run(session, text)
    assert sorted(line.strip(" ,") for line in rows_of(session, create)[0][1].splitlines()) == before


def test_users_have_ddl_with_their_grants_and_without_hashes(session, mariadb_server):
    run(session, "DROP USER IF EXISTS 'pl`an''t'@'%'; CREATE USER 'pl`an''t'@'%' IDENTIFIED BY 'planted-secret'")
    try:
        run(session, "GRANT SELECT ON ddl.* TO 'pl`an''t'@'%'")
        [digest] = rows_of(session, "SELECT PASSWORD('planted-secret')")[0]
        node = find(session, "Users", "pl`an't@%")
        text = session.ddl(node, Task())
        assert "CREATE USER `pl``an't`@`%`" in text
        assert "GRANT SELECT ON `ddl`.*" in text
        assert digest not in text
        assert "'<left out>'" in text
    finally:
        run(session, "DROP USER 'pl`an''t'@'%'")


def test_what_is_gone_is_not_found_and_a_heading_has_no_ddl(session):
    routine, table = find(session, "ddl", "Routines", "act"), find(session, "ddl", "Tables", "child")
    run(session, "DROP PROCEDURE act; DROP FUNCTION act; DROP TABLE child")
    with pytest.raises(NotFoundError):
        session.ddl(routine, Task())
    with pytest.raises((NotFoundError, QueryError)):
        session.ddl(table, Task())
    with pytest.raises(UnsupportedError):
        session.ddl(Node(NodeKind.GROUP, "Tables", ("ddl",)), Task())


def test_sequences_events_and_users_are_listed(session, mariadb_server):
    assert names_below(session, find(session, "ddl", "Sequences")) == ["counter", "S" + ODD]
    assert names_below(session, find(session, "ddl", "Tables")) == ["child", ODD, "parent"]
    [event] = session.children(find(session, "ddl", "Events"), Task())
    assert (event.name, event.detail, event.comment) == ("nightly", "disabled, every 1 day", "rests")
    assert f"{mariadb_server.user}@%" in names_below(session, find(session, "Users"))


def test_comments_rows_and_sizes_come_with_the_details(session):
    run(session, "INSERT INTO child VALUES (1, NULL), (2, NULL); ANALYZE TABLE child")
    tables = find(session, "ddl", "Tables")
    assert all(node.row_estimate is None for node in session.children(tables, Task()))
    details = {node.name: node for node in session.details(tables, Task())}
    assert details["parent"].comment == "The 'parent'"
    assert details["child"].row_estimate == 2
    assert details["child"].size_bytes >= 16_384
    assert session.details(find(session, "ddl", "Views"), Task()) == []
