"""The guard below every front, parameters, smart commit, savepoints and limits, on real databases."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment
from keeperdb.engines.registry import get_engine
from keeperdb.errors import QueryError, UnsupportedError
from keeperdb.query.parameters import ParameterKind, parse_value
from keeperdb.query.policy import Confirmation, Policy
from keeperdb.query.safety import ConfirmationRequired
from keeperdb.query.session import Session
from keeperdb.task import Task

ROWS = 5_000


class Database:
    """A database with a table `customer` of `ROWS` rows, opened as often as a test wants."""

    def __init__(self, profile: ConnectionProfile, credential=None) -> None:
        self.profile, self.credential = profile, credential
        self.opened: list[Session] = []

    def open(self, policy: Policy | None = None, **changes: object) -> Session:
        profile, engine = self.profile.with_(**changes), get_engine(self.profile.engine)
        session = Session(profile, engine, engine.connect(profile, self.credential, Task()), policy or Policy())
        session.prepare(Task())
        self.opened.append(session)
        return session


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request, sqlite_file) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(ConnectionProfile("Store", "sqlite", path=str(sqlite_file)))
    else:
        server = request.getfixturevalue(f"{request.param}_server")
        database = Database(server.profile(), server.credential)
    session = database.open(Policy(confirmation=Confirmation.OFF))
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i, 'x' FROM n"
    run(session, "DROP TABLE IF EXISTS customer")
    run(session, "CREATE TABLE customer (id int PRIMARY KEY, name varchar(50))")
    if request.param == "mariadb":
        run(session, f"SET max_recursive_iterations = {ROWS + 1}")
        run(session, f"INSERT INTO customer {numbers}")
        run(session, "ANALYZE TABLE customer")
    else:
        run(session, f"INSERT INTO customer {numbers}")
        run(session, "ANALYZE")
    yield database
    for session in database.opened:
        session.close()
    session = database.open(Policy(confirmation=Confirmation.OFF))
    run(session, "DROP TABLE customer")
    session.close()


def run(session: Session, statement: str, **options) -> list[tuple[str | None, ...]]:
    result = session.execute(statement, Task(), **options)[-1]
    if result.columns is None:
        return []
    result.fetch(100_000, Task())
    return [tuple(result.text(row, at) for at in range(len(result.columns))) for row in range(result.row_count)]


def count(database: Database) -> int:
    session = database.open()
    number = int(run(session, "SELECT count(*) FROM customer")[0][0] or 0)
    session.close()
    return number


def test_what_destroys_is_not_sent_without_confirmation(database: Database) -> None:
    session = database.open()
    for statement in ("DELETE FROM customer", "UPDATE customer SET name = 'y' WHERE 1 = 1", "DROP TABLE customer"):
        with pytest.raises(ConfirmationRequired) as caught:
            session.execute(statement, Task())
        assert caught.value.tables == ("customer",)
        assert not caught.value.is_typed
    assert not session.in_transaction
    assert count(database) == ROWS
    assert run(session, "SELECT count(*) FROM customer WHERE name = 'y'") == [("0",)]


def test_the_estimate_is_the_servers_own(database: Database) -> None:
    session = database.open()
    for statement in ("DELETE FROM customer", "DROP TABLE customer"):
        with pytest.raises(ConfirmationRequired) as caught:
            session.execute(statement, Task())
        assert caught.value.rows is not None
        assert ROWS * 0.8 <= caught.value.rows <= ROWS * 1.2
        assert "rows)" in caught.value.message


def test_an_estimate_that_fails_leaves_the_transaction_alive(database: Database) -> None:
    session = database.open(Policy(CommitMode.MANUAL))
    run(session, "INSERT INTO customer VALUES (0, 'new')")
    with pytest.raises(ConfirmationRequired) as caught:
        session.execute("DELETE FROM no_such_table", Task())
    assert caught.value.rows is None
    assert run(session, "SELECT name FROM customer WHERE id = 0") == [("new",)]
    session.commit(Task())
    assert count(database) == ROWS + 1


def test_what_is_confirmed_runs_verbatim(database: Database) -> None:
    session = database.open()
    assert session.execute("DELETE FROM customer", Task(), confirmed=True)[0].rows_affected == ROWS
    assert count(database) == 0


def test_production_wants_the_name_typed(database: Database) -> None:
    session = database.open(Policy(confirmation=Confirmation.TYPED), environment=Environment.PRODUCTION)
    with pytest.raises(ConfirmationRequired, match="on production: Delete all rows of customer") as caught:
        session.execute("DELETE FROM customer", Task())
    assert caught.value.is_typed
    run(session, "UPDATE customer SET name = 'y' WHERE id = 1")


def test_a_read_only_connection_refuses_instead_of_asking(database: Database) -> None:
    session = database.open(Policy(confirmation=Confirmation.TYPED), read_only=True)
    for statement in ("DELETE FROM customer", "DROP TABLE customer"):
        with pytest.raises(QueryError):
            session.execute(statement, Task())
    assert count(database) == ROWS


def test_every_change_can_be_made_to_ask(database: Database) -> None:
    session = database.open(Policy(confirmation=Confirmation.CHANGES))
    with pytest.raises(ConfirmationRequired, match="Change data") as caught:
        session.execute("INSERT INTO customer VALUES (0, 'new')", Task())
    assert not caught.value.is_typed
    assert run(session, "SELECT count(*) FROM customer") == [(str(ROWS),)]


def test_values_are_bound_and_never_become_sql(database: Database) -> None:
    session = database.open()
    evil = "x'); DELETE FROM customer; --\\ % %s $1 ? :a"
    run(session, "INSERT INTO customer VALUES (:id, %(name)s)", parameters={"id": 0, "name": evil})
    assert run(session, "SELECT name FROM customer WHERE id = :id", parameters={"id": 0}) == [(evil,)]
    found = run(session, "SELECT count(*) FROM customer WHERE name LIKE '%' AND id = :id", parameters={"id": 7})
    assert found == [("1",)]
    assert count(database) == ROWS + 1


def test_values_of_every_kind_are_bound(database: Database) -> None:
    session = database.open()
    texts = {"number": "12", "date": "2024-02-29", "boolean": "true", "null": "", "text": "it's"}
    values = {name: parse_value(ParameterKind(name), text) for name, text in texts.items()}
    run(
        session,
        "UPDATE customer SET name = :text WHERE id = :number AND coalesce(:null, name) = name",
        parameters=values,
    )
    assert run(session, "SELECT name FROM customer WHERE id = 12") == [("it's",)]
    condition = "CAST('2024-02-29' AS char(10)) = CAST(:date AS char(10))"
    assert run(session, f"SELECT 1 WHERE {condition} AND :boolean", parameters=values) == [("1",)]


def test_an_error_is_placed_in_the_persons_own_text(database: Database) -> None:
    session = database.open()
    statement = "SELECT :a_long_parameter_name, nope FROM customer"
    with pytest.raises(QueryError) as caught:
        session.execute(statement, Task(), parameters={"a_long_parameter_name": 1})
    assert caught.value.position in (None, statement.index("nope"))
    if database.profile.engine == "postgresql":
        assert caught.value.position is not None


def test_smart_commit_waits_from_the_first_change_on(database: Database) -> None:
    session = database.open(Policy(CommitMode.SMART))
    run(session, "SELECT count(*) FROM customer")
    assert not session.in_transaction
    run(session, "UPDATE customer SET name = 'y' WHERE id <= 3")
    run(session, "SELECT count(*) FROM customer")
    run(session, "DELETE FROM customer WHERE id = 4")
    assert session.in_transaction
    assert (session.at_stake.statements, session.at_stake.rows) == (2, 4)
    assert session.at_stake.since is not None
    session.rollback(Task())
    assert session.at_stake.statements == 0
    run(session, "SELECT count(*) FROM customer")
    assert not session.in_transaction
    assert count(database) == ROWS


def test_a_failed_statement_of_a_script_takes_back_only_itself(database: Database) -> None:
    session = database.open(Policy(CommitMode.MANUAL))
    for statement in (
        "INSERT INTO customer VALUES (0, 'one')",
        "INSERT INTO customer VALUES (0, 'twice')",
        "SELECT * FROM no_such_table",
        "UPDATE customer SET name = 'kept' WHERE id = 0",
        "SAVEPOINT mine",
        "INSERT INTO customer VALUES (0, 'again')",
        "INSERT INTO customer VALUES (-1, 'gone')",
        "ROLLBACK TO SAVEPOINT mine",
        "INSERT INTO customer VALUES (-2, 'two')",
    ):
        try:
            run(session, statement, keeps_transaction=True)
        except QueryError:
            assert session.in_transaction or "customer" not in statement
    session.commit(Task())
    assert run(session, "SELECT id, name FROM customer WHERE id < 1 ORDER BY id") == [("-2", "two"), ("0", "kept")]


def test_a_failure_that_opened_the_transaction_leaves_none(database: Database) -> None:
    session = database.open(Policy(CommitMode.MANUAL))
    with pytest.raises(QueryError):
        run(session, "SELECT * FROM no_such_table", keeps_transaction=True)
    run(session, "INSERT INTO customer VALUES (0, 'one')", keeps_transaction=True)
    session.commit(Task())
    assert count(database) == ROWS + 1


def test_a_result_stops_at_the_row_cap(database: Database) -> None:
    session = database.open(Policy(row_cap=1_200))
    result = session.execute("SELECT id FROM customer", Task())[0]
    assert result.fetch(1_000, Task()) == 1_000
    assert result.fetch(1_000, Task()) == 200
    assert (result.is_capped, result.is_open, result.is_complete) == (True, False, False)
    assert result.row_count == 1_200


def test_what_is_at_stake_is_said(database: Database) -> None:
    session = database.open(Policy(CommitMode.MANUAL))
    assert session.at_stake.in_words() == []
    run(session, "CREATE TEMPORARY TABLE scratch (a int)")
    session.commit(Task())
    run(session, "UPDATE customer SET name = 'y' WHERE id < 3")
    assert session.at_stake.in_words() == ["the open transaction (1 statement, 2 rows)", "temporary tables"]
    session.rollback(Task())


def test_the_isolation_level_holds_for_transactions_to_come(database: Database) -> None:
    session = database.open(Policy(CommitMode.MANUAL))
    levels = session.engine.capabilities.isolation_levels
    if not levels:
        with pytest.raises(UnsupportedError):
            session.set_isolation("serializable", Task())
        return
    asked = {"postgresql": "SHOW transaction_isolation", "mariadb": "SELECT lower(@@tx_isolation)"}
    default = run(session, asked[database.profile.engine])
    session.rollback(Task())
    for level in levels:
        session.set_isolation(level, Task())
        assert run(session, asked[database.profile.engine])[0][0].replace("-", " ") == level
        session.rollback(Task())
    session.set_isolation("", Task())
    assert run(session, asked[database.profile.engine]) == default
    session.rollback(Task())


SLOW = {"postgresql": "SELECT pg_sleep(300)", "mariadb": "SELECT sleep(300) FROM customer"}


def test_the_server_ends_what_takes_too_long(database: Database) -> None:
    policy = replace(Policy(), statement_timeout=1)
    session = database.open(policy)
    slow = SLOW.get(database.profile.engine)
    assert session.is_timed is (slow is not None)
    if slow is not None:
        with pytest.raises(QueryError):
            run(session, slow)
        assert run(session, "SELECT 1") == [("1",)]
