"""Under which names the service answers."""

import pytest

from keeperdb.keychain.secret import Secret
from keeperdb.service.config import Ngrok, ServiceConfig, TlsFiles
from keeperdb.service.hosts import HostRules
from keeperdb.service.replies import Refused

_LOCAL = ServiceConfig(9000)
_OPEN = ServiceConfig(9000, bind="0.0.0.0")
_TUNNEL = ServiceConfig(9000, ngrok=Ngrok(Secret("token"), "myname"))


def permits(config, hosts, origins=()) -> bool:
    try:
        HostRules(config).check(hosts, origins)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("config", "host", "permitted"),
    [
        (_LOCAL, "localhost:9000", True),
        (_LOCAL, "LOCALHOST", True),
        (_LOCAL, "127.0.0.1:9000", True),
        (_LOCAL, "[::1]:9000", True),
        (_LOCAL, "rebound.example:9000", False),
        (_LOCAL, "localhost.rebound.example", False),
        (_LOCAL, "192.0.2.1:9000", False),
        (_LOCAL, "commander:9000", False),
        (_LOCAL, "", False),
        (_OPEN, "x" * 262, False),
        (_OPEN, "192.0.2.1:9000", True),
        (_OPEN, "[2001:db8::1]:9000", True),
        (_OPEN, "commander:9000", True),
        (_OPEN, "rebound.example", False),
        (_OPEN.with_(hosts=("Vault.Example",)), "vault.example:9000", True),
        (_OPEN.with_(tls=TlsFiles("server.pem")), "vault.example", True),
        (_TUNNEL, "myname.ngrok.io", True),
        (_TUNNEL, "other.ngrok.io", False),
        (ServiceConfig(9000, ngrok=Ngrok(Secret("t"), "", "https://x.ngrok.app")), "x.ngrok.app", True),
    ],
)
def test_a_name_that_a_page_could_point_here_is_refused(config, host, permitted) -> None:
    assert permits(config, [host]) is permitted


def test_exactly_one_host_is_named() -> None:
    assert not permits(_LOCAL, [])
    assert not permits(_LOCAL, ["localhost", "localhost"])


@pytest.mark.parametrize(
    ("origin", "permitted"),
    [
        ("http://localhost:9000", True),
        ("https://localhost:9000", True),
        ("HTTP://LOCALHOST:9000", True),
        ("http://localhost:9001", False),
        ("http://localhost", False),
        ("http://rebound.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_page_of_another_origin_is_refused(origin, permitted) -> None:
    assert permits(_LOCAL, ["localhost:9000"], [origin]) is permitted
