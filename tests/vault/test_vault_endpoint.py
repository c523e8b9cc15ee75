"""The three options for a server that is not Keeper's cloud."""

import re

import pytest

from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import SettingsError
from keeperdb.vault.endpoint import VaultEndpoint, is_loopback, is_server_key

SERVER_KEY = "BKnhy0obglZJK-igwthNLdknoSXRrGB-mvFRzyb_L-DKKefWjYdFD2888qN1ROczz4n3keYSfKz9Koj90Z6w_tQ"


@pytest.fixture
def ca(demo_vault: DemoVault) -> str:
    return str(demo_vault.ca_file)


def test_the_three_options_make_an_endpoint(ca):
    endpoint = VaultEndpoint.from_options("vault.example:8443", f"own-1:{SERVER_KEY}", ca, {})
    assert endpoint is not None
    assert (endpoint.host, endpoint.server_key_id, endpoint.server_key) == ("vault.example:8443", "own-1", SERVER_KEY)
    assert str(endpoint.ca) == ca


def test_no_option_and_no_variable_make_none():
    assert VaultEndpoint.from_options(None, None, None, {"KEEPERDB_VAULT_CA": ""}) is None


@pytest.mark.parametrize("missing", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2)])
def test_some_of_the_options_are_refused_and_the_missing_ones_named(ca, missing):
    names = ("--vault-endpoint", "--vault-server-key", "--vault-ca")
    values = ["127.0.0.1:8443", f"own:{SERVER_KEY}", ca]
    given = [None if index in missing else value for index, value in enumerate(values)]
    with pytest.raises(SettingsError) as raised:
        VaultEndpoint.from_options(*given, {})
    for index in missing:
        assert names[index] in raised.value.message


def environment(host: str, ca: str) -> dict[str, str]:
    return {
        "KEEPERDB_VAULT_ENDPOINT": host,
        "KEEPERDB_VAULT_SERVER_KEY": f"own:{SERVER_KEY}",
        "KEEPERDB_VAULT_CA": ca,
    }


@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.8.9.1:1", "localhost", "LOCALHOST:8443", "[::1]:8443", "[::1]"])
def test_the_environment_may_name_this_machine(ca, host):
    endpoint = VaultEndpoint.from_options(None, None, None, environment(host, ca))
    assert endpoint is not None
    assert endpoint.host == host


@pytest.mark.parametrize("host", ["vault.example", "10.0.0.1:443", "localhost.evil.example", "[2001:db8::1]:443"])
def test_the_environment_may_not_name_another_machine(ca, host):
    with pytest.raises(SettingsError, match="not an address of this machine"):
        VaultEndpoint.from_options(None, None, None, environment(host, ca))


def test_options_and_variables_are_not_mixed(ca):
    with pytest.raises(SettingsError, match="--vault-server-key and --vault-ca are missing"):
        VaultEndpoint.from_options("vault.example", None, None, environment("127.0.0.1", ca))


def test_options_win_over_variables(ca):
    endpoint = VaultEndpoint.from_options("vault.example", f"own:{SERVER_KEY}", ca, environment("10.0.0.1", ca))
    assert endpoint is not None
    assert endpoint.host == "vault.example"


@pytest.mark.parametrize(
    "host",
    ["https://vault.example", "vault.example/", "a b", "u@h", "h:0", "h:65536", "h:x", "h:", "::1", "[::1", "[x]:1",
     "-h", "h?x", "h#x", "", "h\n", "vault.example:443:443", "[::1]x"],
)  # fmt: skip
def test_a_host_that_cannot_be_one_is_refused(ca, host):
    with pytest.raises(SettingsError):
        VaultEndpoint.from_options(host, f"own:{SERVER_KEY}", ca, {})


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (SERVER_KEY, "no key id"),
        (f":{SERVER_KEY}", "no key id"),
        (f"a b:{SERVER_KEY}", "no key id"),
        ("own:", "no valid key"),
        ("own:AAAA", "no valid key"),
        (f"own:{SERVER_KEY[:-1]}", "no valid key"),
        (f"own:{SERVER_KEY[:-2]}AA", "no valid key"),
        (f"own:A{SERVER_KEY[1:]}", "no valid key"),
        (f"10:{SERVER_KEY}", "one of Keeper's own"),
        (f"18:{SERVER_KEY}", "one of Keeper's own"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(ca, key, words):
    with pytest.raises(SettingsError, match=words):
        VaultEndpoint.from_options("127.0.0.1", key, ca, {})


def test_a_ca_file_must_hold_a_certificate(tmp_path):
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    with pytest.raises(SettingsError, match=re.escape(f"{empty} holds no certificate")):
        VaultEndpoint.from_options("127.0.0.1", f"own:{SERVER_KEY}", empty, {})
    with pytest.raises(SettingsError, match="could not be read"):
        VaultEndpoint.from_options("127.0.0.1", f"own:{SERVER_KEY}", tmp_path / "absent.pem", {})
    with pytest.raises(SettingsError):
        VaultEndpoint.from_options("127.0.0.1", f"own:{SERVER_KEY}", tmp_path, {})


def test_every_key_that_the_sdk_knows_is_a_point_on_the_curve():
    from keeper_secrets_manager_core.keeper_globals import keeper_public_keys

    assert all(is_server_key(key) for key in keeper_public_keys.values())


def test_the_regions_are_those_of_the_sdk():
    from keeper_secrets_manager_core.keeper_globals import keeper_servers

    from keeperdb.vault.endpoint import OFFICIAL_HOSTS

    assert keeper_servers == OFFICIAL_HOSTS


def test_text_that_is_no_host_is_no_loopback():
    assert not is_loopback("127.0.0.1/x")
