"""How far a connection is checked when nothing is said."""

from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.engines.tls import authorities, effective_mode, is_this_machine, readable
from keeperdb.errors import ConnectError, ConnectReason


@pytest.mark.parametrize(
    "host", ["", "localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "/run/pg", "@pg"]
)
def test_this_machine_is_known(host: str) -> None:
    assert is_this_machine(host)
    assert effective_mode(ConnectionProfile(name="x", engine="mysql", host=host)) is TlsMode.PREFER


@pytest.mark.parametrize("host", ["db.example", "10.0.0.1", "localhost.example", "::2", "128.0.0.1", "0.0.0.0"])
def test_a_remote_host_is_checked_in_full(host: str) -> None:
    assert not is_this_machine(host)
    assert effective_mode(ConnectionProfile(name="x", engine="mysql", host=host)) is TlsMode.VERIFY_FULL


def test_a_chosen_mode_stays() -> None:
    profile = ConnectionProfile(name="x", engine="mysql", host="db.example", tls=TlsMode.DISABLE)
    assert effective_mode(profile) is TlsMode.DISABLE


def test_the_systems_authorities_are_found() -> None:
    content = Path(authorities(ConnectionProfile(name="x", engine="mysql"))).read_text()
    assert "BEGIN CERTIFICATE" in content


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match="missing") as caught:
        readable(str(tmp_path / "missing"))
    assert caught.value.reason is ConnectReason.PROFILE
