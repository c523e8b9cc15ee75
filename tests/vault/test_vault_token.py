"""What may be pasted to attach a vault, and what is said about everything else."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.errors import VaultError, VaultReason
from keeperdb.vault.endpoint import OFFICIAL_HOSTS, VaultEndpoint
from keeperdb.vault.token import Access, parse_access

KEY = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0-_x"
SERVER_KEY = "BKnhy0obglZJK-igwthNLdknoSXRrGB-mvFRzyb_L-DKKefWjYdFD2888qN1ROczz4n3keYSfKz9Koj90Z6w_tQ"
OTHER_SERVER_KEY = "BAsPQdCpLIGXdWNLdAwx-3J5lNqUtKbaOMV56hUj8VzxE2USLHuHHuKDeno0ymJt-acxWV1xPlBfNUShhRTR77g"
CONFIGURATION = {
    "hostname": "keepersecurity.eu",
    "clientId": "c" * 88,
    "privateKey": "p" * 184,
    "appKey": "a" * 44,
    "appOwnerPublicKey": "o" * 88,
    "serverPublicKeyId": "10",
}


@pytest.fixture
def own(tmp_path) -> VaultEndpoint:
    return VaultEndpoint("127.0.0.1:8443", "demo", SERVER_KEY, tmp_path / "ca.pem")


def token_of(access: Access) -> str:
    assert access.token is not None
    return access.token.reveal()


@pytest.mark.parametrize(("region", "host"), OFFICIAL_HOSTS.items())
@pytest.mark.parametrize("spelling", [str.upper, str.lower, str.title])
def test_a_region_in_any_case_is_a_host(region, host, spelling):
    access = parse_access(f"{spelling(region)}:{KEY}")
    assert (access.host, token_of(access)) == (host, KEY)
    assert access.server(None).host == host


def test_white_space_around_a_token_does_not_matter():
    assert token_of(parse_access(f" \r\n\tUS:{KEY}\n\n")) == KEY


def test_another_host_may_stand_before_the_key():
    assert parse_access(f"ksm.company.example:{KEY}").server(None).host == "ksm.company.example"


def test_a_bare_key_goes_to_the_endpoint_of_this_process(own):
    assert parse_access(KEY).server(own) == own.server


def test_a_bare_key_without_an_endpoint_is_asked_for_its_region():
    with pytest.raises(VaultError, match="which region") as raised:
        parse_access(KEY).server(None)
    assert raised.value.reason is VaultReason.BAD_TOKEN


def test_a_token_of_the_cloud_goes_there_even_if_this_process_has_an_endpoint(own):
    server = parse_access(f"EU:{KEY}").server(own)
    assert (server.host, server.server_key, server.ca) == ("keepersecurity.eu", "", None)


def test_a_token_with_the_endpoints_host_goes_to_the_endpoint(own):
    assert parse_access(f"127.0.0.1:{KEY}").server(own) == own.server


def test_the_four_parts_of_an_il5_token_reach_the_server_unchanged(own):
    server = parse_access(f"IL5:{KEY}:21:{SERVER_KEY}").server(own)
    assert (server.host, server.server_key_id, server.server_key) == (OFFICIAL_HOSTS["IL5"], "21", SERVER_KEY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        (KEY[:-1], "42 characters instead of 43"),
        (f"US:{KEY}x", "44 characters instead of 43"),
        ("US:", "nothing after the region"),
        (f"US:{KEY[:20]}!{KEY[21:]}", "characters that a token cannot have"),
        (f"US:{KEY[:20]} {KEY[20:]}", "space or a line break"),
        (f"US:{KEY[:20]}\n{KEY[20:]}", "space or a line break"),
        (f"UX:{KEY}", "not a region"),
        (f"keepersecurity.com:443:{KEY}", "port cannot be written"),
        (f"127.0.0.1:8443:{KEY}", "port cannot be written"),
        ("127.0.0.1:8443", "port cannot be written"),
        (f"https://keepersecurity.com:{KEY}", "web address"),
        (f"keepersecurity.com/x:{KEY}", "neither a region nor a host"),
        (f"user@host.example:{KEY}", "neither a region nor a host"),
        (f"US:{KEY}:x", "3 parts instead of two"),
        (f"US:{KEY}:21:{SERVER_KEY}", "4 parts instead of two"),
        (f"IL5:{KEY}:21", "3 parts instead of four"),
        (f"IL5:{KEY}:21:{SERVER_KEY}:x", "5 parts instead of four"),
        (f"IL5:{KEY}::{SERVER_KEY}", "key id"),
        (f"IL5:{KEY}:21:{SERVER_KEY[:-1]}A", "server key"),
        ("x" * 2000, "too long"),
        ("{", "not valid JSON"),
        ('{"hostname": "keepersecurity.com"', "not valid JSON"),
        ("{}", "no clientId"),
        (json.dumps(CONFIGURATION | {"appKey": ""}), "no appKey"),
        (json.dumps(CONFIGURATION | {"privateKey": 5}), "no privateKey"),
        (json.dumps(CONFIGURATION | {"hostname": "a/b"}), "cannot be a host"),
    ],
)
def test_what_cannot_be_a_token_is_refused_with_the_reason(text, words):
    with pytest.raises(VaultError, match=words) as raised:
        parse_access(text)
    assert raised.value.reason is VaultReason.BAD_TOKEN
    assert raised.value.hint


@pytest.mark.parametrize("misplaced", [f"{KEY}:US", f"{KEY}:{KEY}", f"{KEY} {KEY}", f"{KEY}{KEY}", f"IL5:{KEY}:x:y"])
def test_no_message_repeats_the_key(misplaced):
    with pytest.raises(VaultError) as raised:
        parse_access(misplaced)
    assert KEY[:12] not in str(raised.value)


def as_pasted(configuration: dict[str, object]) -> list[str]:
    text = json.dumps(configuration)
    standard = base64.b64encode(text.encode()).decode()
    wrapped = "\n".join(standard[start : start + 64] for start in range(0, len(standard), 64))
    url_safe = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return [text, json.dumps(configuration, indent=4), standard, wrapped, url_safe, f"\n {standard}\n"]


@pytest.mark.parametrize("text", as_pasted(CONFIGURATION))
def test_a_ready_configuration_is_taken_as_json_and_as_base64(text):
    access = parse_access(text)
    assert access.configuration == CONFIGURATION
    assert access.token is None
    assert access.server(None).host == "keepersecurity.eu"


def test_a_configuration_that_is_not_bound_yet_is_its_token():
    unbound = {"hostname": "keepersecurity.eu", "clientKey": KEY}
    assert token_of(parse_access(json.dumps(unbound))) == KEY


def test_a_configuration_without_a_host_is_for_the_american_cloud():
    rest = {name: value for name, value in CONFIGURATION.items() if name != "hostname"}
    assert parse_access(json.dumps(rest)).server(None).host == "keepersecurity.com"


@pytest.mark.parametrize("own_endpoint", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"hostname": "evil.example"},
        {"hostname": "127.0.0.1:9"},
        {"serverPublicKey": OTHER_SERVER_KEY, "serverPublicKeyId": "demo"},
        {"hostname": "127.0.0.1:8443", "serverPublicKey": OTHER_SERVER_KEY, "serverPublicKeyId": "demo"},
        {"hostname": "127.0.0.1:8443", "serverPublicKey": SERVER_KEY, "serverPublicKeyId": "other"},
        {"hostname": "il5.keepersecurity.us", "serverPublicKey": SERVER_KEY, "serverPublicKeyId": "21"},
    ],
)
@pytest.mark.parametrize("bound", [True, False])
def test_a_configuration_never_brings_a_server_of_its_own(own, change, own_endpoint, bound):
    base = CONFIGURATION if bound else {"hostname": "keepersecurity.eu", "clientKey": KEY}
    access = parse_access(json.dumps(base | change))
    with pytest.raises(VaultError, match="not Keeper's cloud"):
        access.server(own if own_endpoint else None)


@pytest.mark.parametrize(
    "change", [{}, {"serverPublicKey": SERVER_KEY, "serverPublicKeyId": "demo"}, {"serverPublicKey": SERVER_KEY + "="}]
)
def test_a_configuration_for_the_endpoint_of_this_process_is_taken(own, change):
    change = {"hostname": own.host, "serverPublicKeyId": "demo"} | change
    assert parse_access(json.dumps(CONFIGURATION | change)).server(own) == own.server


def test_access_does_not_show_its_secrets():
    assert KEY not in repr(parse_access(f"US:{KEY}"))
    assert CONFIGURATION["privateKey"] not in repr(parse_access(json.dumps(CONFIGURATION)))


def outcome(text: str) -> Access | VaultError:
    try:
        access = parse_access(text)
        access.server(None)
    except VaultError as error:
        return error
    return access


@given(st.text())
def test_any_text_is_access_or_a_vault_error(text):
    found = outcome(text)
    assert isinstance(found, Access) or (found.reason is VaultReason.BAD_TOKEN and found.message and found.hint)


@given(
    st.dictionaries(
        st.sampled_from([*CONFIGURATION, "clientKey", "serverPublicKey"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers()),
    )
)
def test_any_configuration_is_access_or_a_vault_error(configuration):
    found = outcome(json.dumps(configuration))
    assert isinstance(found, Access) or (found.reason is VaultReason.BAD_TOKEN and found.message and found.hint)
