"""The service under TLS."""

import socket
import ssl
from pathlib import Path

import pytest

from keeperdb.errors import SettingsError
from keeperdb.keychain.secret import Secret
from keeperdb.service.config import TlsFiles
from tests.fixtures.certificates import Identity, issue

_PASSWORD = b"correct horse"


@pytest.fixture(scope="module")
def authority() -> Identity:
    return issue("Service authority")


@pytest.fixture(scope="module")
def folder(authority, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    (folder / "ca.pem").write_bytes(authority.certificate_pem)
    for name in ("first", "second"):
        identity = issue("localhost", authority)
        (folder / f"{name}.pem").write_bytes(identity.certificate_pem)
        (folder / f"{name}.key").write_bytes(identity.key_pem())
        (folder / f"{name}-protected.key").write_bytes(identity.key_pem(_PASSWORD))
        (folder / f"{name}-both.pem").write_bytes(identity.certificate_pem + identity.key_pem())
    return folder


def files(folder: Path, certificate: str, key: str = "", password: str = "") -> TlsFiles:
    return TlsFiles(str(folder / certificate), str(folder / key) if key else "", Secret(password) if password else None)


@pytest.fixture
def trust(folder) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))


@pytest.mark.parametrize(
    ("certificate", "key", "password"),
    [
        ("first.pem", "first.key", ""),
        ("first-both.pem", "", ""),
        ("first.pem", "first-protected.key", _PASSWORD.decode()),
    ],
)
def test_the_service_speaks_tls(folder, trust, start_service, connect, certificate, key, password) -> None:
    service = start_service(tls=files(folder, certificate, key, password))
    client = connect(service, host="localhost", tls=trust)
    assert client.run("whoami").status == 200
    assert client._connection.sock.version() in ("TLSv1.2", "TLSv1.3")
    assert service.url == f"https://localhost:{service.port}"


@pytest.mark.parametrize(
    ("certificate", "key", "password", "text"),
    [
        ("first.pem", "second.key", "", "the key is not the certificate's"),
        ("first.pem", "first-protected.key", "wrong", "password"),
        ("first.pem", "first-protected.key", "", "password"),
        ("first.pem", "", "", "cannot be used"),
        ("first.key", "first.key", "", "cannot be used"),
        ("missing.pem", "first.key", "", "cannot be read"),
    ],
)
def test_files_that_do_not_fit_together_are_told_and_nothing_listens(
    folder, start_service, certificate, key, password, text
) -> None:
    with pytest.raises(SettingsError, match=text) as caught:
        start_service(tls=files(folder, certificate, key, password))
    assert not password or password not in str(caught.value)


def test_a_new_certificate_is_shown_without_a_restart(folder, trust, start_service, connect) -> None:
    service = start_service(tls=files(folder, "first.pem", "first.key"))
    shown = []
    for name in ("first", "second"):
        service.reconfigure(service.config.with_(tls=files(folder, f"{name}.pem", f"{name}.key")))
        client = connect(service, host="localhost", tls=trust)
        client.run("whoami")
        shown.append(client._connection.sock.getpeercert()["serialNumber"])
    assert shown[0] != shown[1]
    with pytest.raises(SettingsError):
        service.reconfigure(service.config.with_(tls=files(folder, "first.pem", "second.key"), keys=()))
    assert connect(service, host="localhost", tls=trust).run("whoami").status == 200


def test_wrong_tls_of_some_does_not_disturb_others(folder, trust, start_service, connect) -> None:
    service = start_service(tls=files(folder, "first.pem", "first.key"))
    client = connect(service, host="localhost", tls=trust)
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(50)]
    for number, each in enumerate(silent):
        each.sendall(b"GET /health HTTP/1.1\r\n\r\n" if number % 2 else b"\x16\x03\x01\x02\x00\x01\x00")
    with pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(
            socket.create_connection(("127.0.0.1", service.port)), server_hostname="localhost"
        )
    assert client.run("whoami").status == 200
    for each in silent:
        each.close()
    assert client.run("whoami").status == 200
