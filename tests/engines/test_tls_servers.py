"""Bad certificates, and certificates of clients, on real servers that are given one certificate after the other."""

import shutil
import time
import traceback
from collections.abc import Callable, Iterator

import pytest

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.registry import get_engine
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import rows_of
from tests.fixtures.database_servers import CERTIFIED_USER, DatabaseServer

Present = Callable[[str], None]

_ENCRYPTED = {"postgresql": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", "mariadb": "SELECT 't'"}
_RELOAD = {"postgresql": "SELECT pg_reload_conf()", "mariadb": "FLUSH SSL"}


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    found: DatabaseServer = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture
def present(server: DatabaseServer) -> Iterator[Present]:
    """Have the server show another certificate to whoever connects from now on."""
    kept = [(server.folder / f"server.{suffix}").read_bytes() for suffix in ("pem", "key")]

    def show(name: str) -> None:
        for suffix in ("pem", "key"):
            shutil.copyfile(server.folder / f"{name}.{suffix}", server.folder / f"server.{suffix}")
        _reload(server)

    yield show
    for suffix, content in zip(("pem", "key"), kept, strict=True):
        (server.folder / f"server.{suffix}").write_bytes(content)
    _reload(server)


@pytest.fixture
def certified(server: DatabaseServer) -> Iterator[Credential]:
    """A user whom the server asks for a certificate as well as for the password."""
    admin = _open(server.profile(tls=TlsMode.REQUIRE), server.credential)
    password = server.password.replace("'", "''")
    if server.engine == "postgresql":
        make, drop = f"CREATE ROLE {CERTIFIED_USER} LOGIN PASSWORD '{password}'", f"DROP ROLE {CERTIFIED_USER}"
        rows_of(admin, make)
    else:
        drop = f"DROP USER {CERTIFIED_USER}@'%'"
        rows_of(admin, f"CREATE USER {CERTIFIED_USER}@'%' IDENTIFIED BY '{password}' REQUIRE X509")
        rows_of(admin, f"GRANT ALL ON {server.database}.* TO {CERTIFIED_USER}@'%'")
    yield Credential(CERTIFIED_USER, server.credential.password)
    rows_of(admin, drop)
    admin.close()


def test_an_expired_certificate_is_refused(server: DatabaseServer, present: Present) -> None:
    present("expired")
    for mode in (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA):
        refusal = _refusal(_profile(server, tls=mode), server.credential)
        assert "expired" in refusal.message
        assert refusal.hint == "The server needs a new certificate."


def test_the_certificate_of_another_host_is_refused(server: DatabaseServer, present: Present) -> None:
    present("elsewhere")
    message = _refusal(_profile(server), server.credential).message
    assert "localhost" in message
    assert "elsewhere.example" in message or "match" in message
    _open(_profile(server, tls=TlsMode.VERIFY_CA), server.credential).close()


def test_a_self_signed_certificate_is_refused_until_it_is_trusted_itself(
    server: DatabaseServer, present: Present
) -> None:
    present("self-signed")
    for authority in ("", "ca.pem"):
        refusal = _refusal(_profile(server, authority=authority), server.credential)
        assert "self-signed" in refusal.message.replace("self signed", "self-signed")
    _open(_profile(server, authority="self-signed.pem"), server.credential).close()


def test_an_unknown_authority_is_refused(server: DatabaseServer, present: Present) -> None:
    present("stranger")
    for mode in (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA):
        assert "certificate" in _refusal(_profile(server, tls=mode), server.credential).message


@pytest.mark.parametrize("certificate", ["expired", "elsewhere", "self-signed", "stranger"])
def test_nothing_but_the_encryption_is_left_where_nothing_is_checked(
    server: DatabaseServer, present: Present, certificate: str
) -> None:
    present(certificate)
    session = _open(server.profile(tls=TlsMode.REQUIRE), server.credential)
    assert rows_of(session, _ENCRYPTED[server.engine]) == [("t",)]
    session.close()


def test_a_client_certificate_is_shown_to_a_server_that_wants_one(
    server: DatabaseServer, certified: Credential
) -> None:
    files = {"tls_certificate": str(server.folder / "client.pem"), "tls_key": str(server.folder / "client.key")}
    session = _open(_profile(server).with_(**files), certified)
    assert rows_of(session, "SELECT 1") == [("1",)]
    session.close()


def test_a_server_that_wants_a_client_certificate_refuses_whoever_has_none(
    server: DatabaseServer, certified: Credential
) -> None:
    assert _refusal(_profile(server), certified, ConnectReason.TLS, ConnectReason.LOGIN)


def test_a_client_certificate_that_the_server_does_not_know_is_refused(
    server: DatabaseServer, certified: Credential
) -> None:
    files = {"tls_certificate": str(server.folder / "stranger.pem"), "tls_key": str(server.folder / "stranger.key")}
    assert _refusal(_profile(server).with_(**files), certified, ConnectReason.TLS, ConnectReason.LOGIN)


def test_a_key_that_does_not_belong_to_the_certificate_is_told(server: DatabaseServer) -> None:
    files = {"tls_certificate": str(server.folder / "client.pem"), "tls_key": str(server.folder / "stranger.key")}
    assert "key" in str(_refusal(_profile(server).with_(**files), server.credential)).lower()


def test_a_key_with_a_password_is_told_and_nothing_is_asked_on_the_terminal(server: DatabaseServer) -> None:
    files = {"tls_certificate": str(server.folder / "client.pem"), "tls_key": str(server.folder / "protected.key")}
    assert "protected.key" in str(_refusal(_profile(server).with_(**files), server.credential))


def _profile(
    server: DatabaseServer, *, tls: TlsMode = TlsMode.VERIFY_FULL, authority: str = "ca.pem"
) -> ConnectionProfile:
    ca = str(server.folder / authority) if authority else ""
    return server.profile(host="localhost", tls=tls, tls_ca=ca)


def _open(profile: ConnectionProfile, credential: Credential) -> Session:
    engine = get_engine(profile.engine)
    return Session(profile, engine, engine.connect(profile, credential, Task()))


def _refusal(profile: ConnectionProfile, credential: Credential, *reasons: ConnectReason) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        _open(profile, credential)
    assert caught.value.reason in (reasons or (ConnectReason.TLS,))
    assert credential.password is not None
    assert credential.password.reveal() not in "".join(traceback.format_exception(caught.value))
    return caught.value


def _reload(server: DatabaseServer) -> None:
    """PostgreSQL answers before it has read the files; when it has, a new connection says so."""
    loaded = "SELECT pg_conf_load_time()" if server.engine == "postgresql" else "SELECT 1"
    before = _ask(server, loaded)
    _ask(server, _RELOAD[server.engine])
    deadline = time.monotonic() + 10
    while server.engine == "postgresql" and _ask(server, loaded) == before and time.monotonic() < deadline:
        time.sleep(0.01)


def _ask(server: DatabaseServer, statement: str) -> object:
    session = _open(server.profile(tls=TlsMode.DISABLE), server.credential)
    try:
        return rows_of(session, statement)
    finally:
        session.close()
