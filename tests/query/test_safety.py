"""What statements do, and which of them ask first."""

import pytest

from keeperdb.query.safety import Kind, check

DANGEROUS = [
    ("postgres", "DELETE FROM customer", "Delete all rows of customer"),
    ("postgres", 'delete from only public."odd ""name"""', 'Delete all rows of public."odd ""name"""'),
    ("postgres", "/* a */ DELETE /* b */ FROM t -- WHERE x = 1", "Delete all rows of t"),
    ("postgres", "DELETE FROM t RETURNING 'WHERE x'", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE true", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE 1=1", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE ((2 > 1))", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE 'a' = 'a'", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE id = id", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE 1 = 1 OR id = 4", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE id IS NULL OR id IS NOT NULL", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE name LIKE '%'", "Delete all rows of t"),
    ("postgres", "DELETE FROM t WHERE 1=1 RETURNING id", "Delete all rows of t"),
    ("postgres", "UPDATE t SET a = 1", "Update all rows of t"),
    ("postgres", "UPDATE t SET a = (SELECT max(b) FROM s WHERE s.id = 4)", "Update all rows of t"),
    ("postgres", "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x WHERE a = 1", "Delete all rows of t"),
    ("postgres", "WITH x AS MATERIALIZED (UPDATE t SET a = 1 RETURNING a) SELECT 1", "Update all rows of t"),
    ("postgres", "WITH x AS (SELECT 1 WHERE 1 = 2) DELETE FROM t USING x", "Delete rows, without a condition, of t"),
    ("postgres", "EXPLAIN ANALYZE DELETE FROM t", "Delete all rows of t"),
    ("postgres", "EXPLAIN (ANALYZE, BUFFERS) UPDATE t SET a = 1", "Update all rows of t"),
    ("postgres", "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "Delete rows, without a condition, of t"),
    ("postgres", "SELECT 'a\\'; DELETE FROM t; --'", "Delete all rows of t"),
    ("postgres", "DO $$ BEGIN DELETE FROM t; END $$", "Delete all rows of t"),
    ("postgres", "DO $x$ BEGIN IF true THEN DROP TABLE t; END IF; END $x$ LANGUAGE plpgsql", "Drop table t"),
    ("postgres", "DROP TABLE IF EXISTS a, s.b CASCADE", "Drop table a, s.b"),
    ("postgres", "DROP MATERIALIZED VIEW v", "Drop materialized view v"),
    ("postgres", "DROP SCHEMA s CASCADE", "Drop schema s"),
    ("postgres", "DROP OWNED BY somebody", "Drop everything owned by somebody"),
    ("postgres", "TRUNCATE ONLY t, u RESTART IDENTITY CASCADE", "Delete all rows of t, u"),
    ("postgres", "ALTER TABLE t DROP COLUMN a", "Drop column a of t"),
    ("postgres", "ALTER TABLE IF EXISTS ONLY t ADD b int, DROP IF EXISTS a CASCADE", "Drop column a of t"),
    ("mysql", "DELETE a, b FROM a JOIN b ON a.x = b.x", "Delete rows, without a condition, of a, b"),
    ("mysql", "DELETE FROM a, b USING a JOIN b", "Delete rows, without a condition, of a, b"),
    ("mysql", "UPDATE a, b SET a.x = 1", "Update all rows of a, b"),
    ("mysql", "UPDATE a JOIN b ON a.x = b.x SET a.y = 1", "Update rows, without a condition, of a"),
    ("mysql", "DELETE LOW_PRIORITY QUICK FROM `my table` LIMIT 3", "Delete rows, without a condition, of `my table`"),
    ("mysql", "/*!50000 DELETE FROM t */", "Delete all rows of t"),
    ("mysql", "DELETE FROM t /*!99999 WHERE id = 1 */ WHERE 1", "Delete all rows of t"),
    ("mysql", "DELETE FROM t /*!50000 WHERE id = 1 */", "Delete all rows of t"),
    ("mysql", "ANALYZE DELETE FROM t", "Delete all rows of t"),
    ("mysql", "DELETE FROM t # WHERE id = 1", "Delete all rows of t"),
    ("mysql", "DELETE FROM t WHERE 1", "Delete all rows of t"),
    ("mysql", "CREATE OR REPLACE TABLE t (a int)", "Drop and make anew table t"),
    ("mysql", "ALTER TABLE t DROP PARTITION p0", "Drop partition p0 of t"),
    ("mysql", "ALTER TABLE t DROP a", "Drop column a of t"),
    ("mysql", "DROP DATABASE shop", "Drop database shop"),
    ("mysql", "SELECT 1; DELETE FROM t; SELECT 2 WHERE 3", "Delete all rows of t"),
    ("mysql", "BEGIN NOT ATOMIC DELETE FROM t; UPDATE u SET a = 1 WHERE b = 2; END", "Delete all rows of t"),
    ("sqlite", "DELETE FROM [my table]", "Delete all rows of [my table]"),
    ("sqlite", "UPDATE OR IGNORE t SET a = 1", "Update all rows of t"),
    ("sqlite", "DROP INDEX i", "Drop index i"),
    ("tsql", "DELETE TOP (3) FROM t", "Delete rows, without a condition, of t"),
    ("tsql", "DELETE FROM t SELECT * FROM s WHERE a = 1", "Delete all rows of t"),
    ("tsql", "UPDATE t SET a = 1 FROM t JOIN s ON t.x = s.x", "Update rows, without a condition, of t"),
    ("tsql", "DELETE #scratch", "Delete all rows of #scratch"),
    ("tsql", "TRUNCATE TABLE [dbo].[t]", "Delete all rows of [dbo].[t]"),
    ("oracle", "DELETE t", "Delete all rows of t"),
    ("oracle", "BEGIN DELETE FROM t; END;", "Delete all rows of t"),
    ("oracle", "DROP TABLE t PURGE", "Drop table t"),
]

CALM = [
    ("postgres", "SELECT 'DELETE FROM t', \"drop\" FROM t", Kind.READ),
    ("postgres", "SELECT count(*), now(), lower(name) FROM t GROUP BY 2", Kind.READ),
    ("postgres", "WITH x (a) AS (SELECT 1) SELECT * FROM x", Kind.READ),
    ("postgres", "(SELECT 1) UNION (SELECT 2)", Kind.READ),
    ("postgres", "SELECT replace(name, 'a', 'b') FROM t", Kind.READ),
    ("postgres", "TABLE t", Kind.READ),
    ("postgres", "EXPLAIN DELETE FROM t", Kind.READ),
    ("postgres", "EXPLAIN (VERBOSE) UPDATE t SET a = 1", Kind.READ),
    ("postgres", "SELECT * INTO copied FROM t", Kind.WRITE),
    ("postgres", "SELECT pg_terminate_backend(1)", Kind.WRITE),
    ("postgres", "SELECT nextval('s')", Kind.WRITE),
    ("postgres", "SELECT public.lower('x')", Kind.WRITE),
    ("postgres", "SELECT * FROM t FOR UPDATE", Kind.WRITE),
    ("postgres", "DELETE FROM t WHERE id = 4", Kind.WRITE),
    ("postgres", "DELETE FROM t WHERE 1 = 0", Kind.WRITE),
    ("postgres", "DELETE FROM t USING s WHERE t.id = s.id", Kind.WRITE),
    ("postgres", "DELETE FROM t WHERE CURRENT OF c", Kind.WRITE),
    ("postgres", "UPDATE t SET a = 1 WHERE a = 2 AND true", Kind.WRITE),
    ("postgres", "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1", Kind.WRITE),
    ("postgres", "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE", Kind.WRITE),
    ("postgres", "ALTER TABLE t ALTER COLUMN a DROP NOT NULL", Kind.DEFINE),
    ("postgres", "ALTER TABLE t DROP CONSTRAINT c", Kind.DEFINE),
    ("postgres", "CREATE TABLE t (a int REFERENCES s ON DELETE CASCADE ON UPDATE SET NULL)", Kind.DEFINE),
    ("postgres", "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'", Kind.DEFINE),
    ("postgres", "CREATE RULE r AS ON INSERT TO t DO DELETE FROM s", Kind.DEFINE),
    ("postgres", "GRANT DELETE, TRUNCATE, UPDATE ON t TO somebody", Kind.DEFINE),
    ("postgres", "BEGIN ISOLATION LEVEL SERIALIZABLE", Kind.TRANSACTION),
    ("postgres", "ROLLBACK TO SAVEPOINT a", Kind.TRANSACTION),
    ("postgres", "SET search_path TO x", Kind.SESSION),
    ("postgres", "COPY t FROM STDIN", Kind.WRITE),
    ("postgres", "DO $$ BEGIN PERFORM 1; END $$", Kind.WRITE),
    ("postgres", "FLORB t", Kind.WRITE),
    ("postgres", "-- nothing", Kind.WRITE),
    ("mysql", "SELECT * FROM t INTO OUTFILE 'x'", Kind.WRITE),
    ("mysql", "REPLACE INTO t VALUES (1)", Kind.WRITE),
    ("mysql", "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1", Kind.WRITE),
    ("mysql", "SELECT truncate(1.5, 0), insert('a', 1, 1, 'b')", Kind.READ),
    ("mysql", "SHOW TABLES", Kind.READ),
    ("mysql", "SET GLOBAL max_connections = 1", Kind.WRITE),
    ("mysql", "USE shop", Kind.SESSION),
    ("mysql", "SELECT 1 -- /*! DROP TABLE t */", Kind.READ),
    ("mysql", "SELECT sleep(1)", Kind.WRITE),
    ("sqlite", "PRAGMA table_info(t)", Kind.READ),
    ("sqlite", "PRAGMA journal_mode = DELETE", Kind.WRITE),
    ("sqlite", "CREATE TRIGGER x AFTER DELETE ON t BEGIN DELETE FROM s; END", Kind.DEFINE),
    ("sqlite", "ATTACH 'x' AS y", Kind.WRITE),
    ("tsql", "BEGIN TRAN", Kind.TRANSACTION),
    ("tsql", "UPDATE STATISTICS t", Kind.WRITE),
    ("tsql", "EXEC do_it", Kind.WRITE),
    ("oracle", "EXPLAIN PLAN FOR DELETE FROM t", Kind.WRITE),
]


@pytest.mark.parametrize(("dialect", "statement", "words"), DANGEROUS)
def test_what_destroys_is_named(dialect: str, statement: str, words: str) -> None:
    verdict = check(statement, dialect)
    assert [operation.in_words for operation in verdict.operations] == [words]
    assert verdict.is_change


@pytest.mark.parametrize(("dialect", "statement", "kind"), CALM)
def test_the_rest_has_a_kind_and_asks_nothing(dialect: str, statement: str, kind: Kind) -> None:
    verdict = check(statement, dialect)
    assert verdict.operations == ()
    assert verdict.kind is kind


def test_several_operations_are_all_named() -> None:
    verdict = check("WITH x AS (DELETE FROM a RETURNING *), y AS (UPDATE b SET c = 1) DELETE FROM d", "postgres")
    assert [operation.names for operation in verdict.operations] == [("a",), ("b",), ("d",)]


def test_an_operation_knows_its_place() -> None:
    statement = "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x"
    operation = check(statement, "postgres").operations[0]
    assert statement[operation.start : operation.end] == "DELETE FROM t RETURNING *"


def test_a_place_in_a_body_is_a_place_in_the_statement() -> None:
    statement = "DO $$ BEGIN DELETE FROM t; END $$"
    operation = check(statement, "postgres").operations[0]
    assert statement[operation.start : operation.end] == "DELETE FROM t"


def test_long_statements_are_judged_as_short_ones() -> None:
    values = ", ".join(["(1, 'some text')"] * 1_000)
    assert check(f"INSERT INTO t VALUES {values}", "postgres").kind is Kind.WRITE
    assert check(f"SELECT {'1, ' * 3_000} 2", "postgres").kind is Kind.READ
    assert check(f"SELECT {'1, ' * 3_000} nextval('s')", "postgres").kind is Kind.WRITE
    rows = " OR ".join(f"id = {number}" for number in range(1_000))
    assert check(f"DELETE FROM t WHERE {rows}", "postgres").operations == ()
    assert check(f"INSERT INTO t VALUES {values}; DELETE FROM t", "mysql").operations[0].names == ("t",)
