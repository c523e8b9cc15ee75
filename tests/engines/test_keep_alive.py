"""The sockets of real connections, as each driver leaves them."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import keep_alive
from keeperdb.engines.base import DriverConnection, Engine
from keeperdb.engines.driver_socket import _sockets
from keeperdb.engines.odbc_drivers import installed_drivers
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ConnectError, ConnectReason
from keeperdb.keychain import Secret
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import cancel_soon, rows_of
from tests.fixtures.database_servers import DatabaseServer
from tests.fixtures.odbc_servers import OdbcPostgreSql

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at the descriptors of the process")


@pytest.fixture(params=["postgresql", "mariadb", "redshift", "odbc"])
def place(request: pytest.FixtureRequest) -> tuple[Engine, DatabaseServer]:
    name = request.param
    server: DatabaseServer = request.getfixturevalue("mariadb_server" if name == "mariadb" else "postgresql_server")
    return OdbcPostgreSql() if name == "odbc" else get_engine(name), server


@pytest.fixture
def connection(place: tuple[Engine, DatabaseServer]) -> Iterator[DriverConnection]:
    engine, server = place
    opened = engine.connect(server.profile(engine=engine.id), server.credential, Task())
    yield opened
    opened.close()


def test_the_system_looks_after_an_idle_connection(
    place: tuple[Engine, DatabaseServer], connection: DriverConnection
) -> None:
    _, server = place
    found = [sock for sock in _open_sockets() if sock.getpeername()[1] == server.port]
    assert found
    for sock in found:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == keep_alive.SECONDS_IDLE
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == keep_alive.SECONDS_BETWEEN
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == keep_alive.PROBES
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
        sock.close()


def test_a_silent_sql_server_times_out_and_can_be_stopped(silent_port: int) -> None:
    assert any("FreeTDS" in name for name in installed_drivers())
    engine, credential = get_engine("sqlserver"), Credential("sa", Secret("secret-Passw0rd"))
    profile = ConnectionProfile("x", "sqlserver", host="127.0.0.1", port=silent_port, options={"driver": "FreeTDS"})
    with pytest.raises(ConnectError) as caught:
        engine.connect(profile, credential, Task(), timeout=1)
    assert caught.value.reason is ConnectReason.TIMEOUT
    assert f"127.0.0.1:{silent_port} did not answer in time." in caught.value.message
    task = Task()
    timer = cancel_soon(task)
    with pytest.raises(Cancelled):
        engine.connect(profile, credential, task, timeout=60)
    timer.join()


@pytest.mark.parametrize("engine_id", ["postgresql", "mariadb"])
def test_a_stopped_server_is_told_step_by_step_and_given_up(engine_id: str, request: pytest.FixtureRequest) -> None:
    """The whole server is stopped, not one process of it: nothing on its port answers any more."""
    server: DatabaseServer = request.getfixturevalue(f"{engine_id}_server")
    engine = get_engine(engine_id)
    session = Session(server.profile(), engine, engine.connect(server.profile(), server.credential, Task()))
    pids = [server.pid, *_children(server.pid)]
    steps: list[str] = []
    task = Task(lambda progress: steps.append(progress.text))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        timer = cancel_soon(task)
        with pytest.raises(Cancelled):
            session.execute("SELECT 1", task)
        timer.join()
        assert [step.split(". ")[-1] for step in steps] == [
            "Asking the server to stop…",
            "Ending the session on the server…",
            "Dropping the connection…",
        ]
        assert not session.is_open
        with pytest.raises(ConnectError) as caught:
            engine.connect(server.profile(), server.credential, Task(), timeout=0.5)
        assert caught.value.reason is ConnectReason.TIMEOUT
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    again = Session(server.profile(), engine, engine.connect(server.profile(), server.credential, Task()))
    assert rows_of(again, "SELECT 1") == [("1",)]
    again.close()


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _open_sockets() -> list[socket.socket]:
    """Copies of the TCP sockets of this process that are connected."""
    found = []
    for descriptor in _sockets():
        copy = socket.socket(fileno=os.dup(descriptor))
        try:
            copy.getpeername()[1]
        except (OSError, IndexError):
            copy.close()
            continue
        if copy.family in (socket.AF_INET, socket.AF_INET6):
            found.append(copy)
        else:
            copy.close()
    return found
