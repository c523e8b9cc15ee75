"""A MySQL session of a vault connection keeps no password, and its statements can be stopped all the same."""

import gc
import threading

import pytest

from keeperdb.demo.record_types import database_record
from keeperdb.errors import Cancelled, ConnectError, QueryError
from keeperdb.keychain import Secret
from keeperdb.task import Task


@pytest.fixture
def session(workspace, demo_vault, mariadb_server):
    record = database_record(
        "my",
        "mariadb",
        host=mariadb_server.host,
        port=mariadb_server.port,
        login=mariadb_server.user,
        password=mariadb_server.password,
        custom={"Database": mariadb_server.database},
    )
    demo_vault.add_shared_folder("Databases").add_record(record)
    workspace.attach("Work", demo_vault.issue_token(), Task())
    session = workspace.open(workspace.find("my"), Task())
    yield session
    session.close()


def _stop_after_start(session):
    """Run a long statement and stop it; return what it raised."""
    task = Task()
    timer = threading.Timer(0.5, task.cancel)
    timer.start()
    try:
        session.execute("SELECT SLEEP(60)", task)
    except (Cancelled, QueryError, ConnectError) as error:
        return type(error)
    finally:
        timer.join()
    return None


def test_no_password_is_left_in_memory_objects_after_the_handshake(session, mariadb_server):
    password = mariadb_server.password
    held = [each for each in gc.get_objects() if isinstance(each, Secret) and each.reveal() == password]
    assert held == []
    assert session._connection._connection.password == b""


def test_a_statement_is_stopped_with_the_credential_read_again_once(session, demo_vault):
    before = len(demo_vault.journal)
    assert _stop_after_start(session) is Cancelled
    assert len(demo_vault.journal) == before + 1
    assert session.is_open
    result = session.execute("SELECT 1", Task())[0]
    result.fetch(1, Task())
    assert result.text(0, 0) == "1"
    assert _stop_after_start(session) is Cancelled
    assert len(demo_vault.journal) == before + 1  # the way that was opened is used again
    assert session.is_open


def test_a_statement_is_stopped_while_the_vault_is_away(session, demo_vault):
    demo_vault.stop()
    assert _stop_after_start(session) is Cancelled
    assert not session.is_open
    demo_vault.start()
