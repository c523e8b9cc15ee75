"""The documented schema: what is written comes back, what Commander wrote is understood, no secret is repeated."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret
from keeperdb.service.config import EVERY_ADDRESS, JSON, YAML, ApiKey, Ngrok, ServiceConfig, TlsFiles
from keeperdb.service.config_text import from_document, from_text, to_document, to_text

SEED = """\
encryption: ''
encryption_private_key: ''
ip_allowed_list: 0.0.0.0/0
ip_denied_list: ''
is_advanced_security_enabled: n
ngrok: y
ngrok_auth_token: XXXXXXXXXX
ngrok_custom_domain: myname
ngrok_public_url: ''
port: 9090
rate_limiting: ''
records:
- api-key: XXXXXXXX
  command_list: tree,record-add
  expiration_timestamp: '9999-12-31T23:59:59'
- api-key: YYYYYYYY
  command_list: get
  expiration_timestamp: '2030-01-31T12:00:00.5'
"""
NEWEST = {
    "title": "Commander Service Mode Config",
    "port": 8900,
    "ngrok": "n",
    "ngrok_auth_token": "",
    "ngrok_custom_domain": "",
    "ngrok_public_url": "",
    "cloudflare": "y",
    "cloudflare_tunnel_token": "t0ken",
    "cloudflare_custom_domain": "example.com",
    "cloudflare_public_url": "",
    "tls_certificate": "n",
    "certfile": "",
    "certpassword": "",
    "is_advanced_security_enabled": "y",
    "rate_limiting": "10 per hour",
    "ip_allowed_list": "10.0.0.0/8,::1",
    "ip_denied_list": None,
    "encryption": "",
    "encryption_private_key": "",
    "fileformat": "json",
    "run_mode": "background",
    "queue_enabled": "n",
    "records": [{"api-key": "k", "command_list": "ls", "expiration_timestamp": "9999-12-31T23:59:59"}],
}

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"], exclude_characters=","), min_size=1)
_NAMES = st.lists(_TEXT.map(str.strip).filter(bool), unique=True).map(tuple)
_SECONDS = st.integers(10**9, 7 * 10**9)
_MOMENTS = st.none() | _SECONDS.map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_KEYS = st.lists(st.builds(ApiKey, _TEXT.map(Secret), _NAMES, _MOMENTS, _NAMES), max_size=3).map(tuple)


def test_the_documented_file_is_understood():
    config = from_text(SEED, YAML)
    assert (config.port, config.allowed, config.denied, config.queue_enabled) == (9090, ("0.0.0.0/0",), (), True)
    assert (config.ngrok.token, config.ngrok.domain) == (Secret("XXXXXXXXXX"), "myname")
    assert [(key.key, key.commands) for key in config.keys] == [
        (Secret("XXXXXXXX"), ("tree", "record-add")),
        (Secret("YYYYYYYY"), ("get",)),
    ]
    assert config.keys[0].expires is None
    assert config.keys[1].expires == datetime(2030, 1, 31, 12, 0, 0, 500_000).astimezone()


def test_commander_s_newest_file_comes_back_member_by_member():
    config = from_text(json.dumps(NEWEST), JSON)
    written = json.loads(to_text(config))
    assert written == NEWEST | {"ip_denied_list": "", "encryption": "n"}


@given(keys=_KEYS, file_format=st.sampled_from([YAML, JSON]), password=st.none() | _TEXT.map(Secret))
def test_every_configuration_comes_back_as_it_was(keys, file_format, password):
    config = ServiceConfig(
        port=9090,
        bind="0.0.0.0",
        rate_limit="5/day",
        denied=("10.0.0.1-10.0.0.9", "::1"),
        encryption_key=Secret("0123456789abcdefABCDEF@#$%^&+=xy"),
        file_format=file_format,
        tls=TlsFiles("/etc/ssl/a.pem", "/etc/ssl/a.key", password),
        ngrok=Ngrok(Secret("abcdefgh"), "example.com"),
        trusted_proxies=("127.0.0.1",),
        keys=keys,
    )
    assert from_text(to_text(config), file_format) == config


def test_what_is_not_said_is_as_it_is_without_a_file():
    config = from_document({"port": "9090"})
    assert config == ServiceConfig(port=9090, allowed=())
    assert ServiceConfig(port=9090).allowed == EVERY_ADDRESS


def test_additions_to_the_schema_are_written_only_where_they_say_something():
    assert set(to_document(ServiceConfig(port=9090))) <= set(NEWEST)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ip_denied_lst": "10.0.0.1"}, "ip_denied_lst"),
        ({"port": 80}, "Port must be between"),
        ({"rate_limiting": "5/second"}, "Invalid rate limit format"),
        ({"ip_allowed_list": "10.0.0.300"}, "Invalid IP address"),
        ({"encryption_private_key": "hunter2hunter2"}, "32 characters"),
        ({"ngrok": "maybe"}, "neither y nor n"),
        ({"records": {"api-key": "x"}}, "not a list"),
        ({"records": [{"command_list": "ls"}]}, "api-key"),
        ({"records": [{"api-key": "k", "expiration_timestamp": "soon"}]}, "expiration_timestamp"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(change, said):
    with pytest.raises(SettingsError, match=said) as caught:
        from_document(NEWEST | change)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "- a", "a: b: c: *x", "x" * 2_000_000, "!!python/object:os.system x"])
def test_text_that_is_no_configuration_is_refused_without_being_repeated(text):
    for file_format in (YAML, JSON):
        with pytest.raises(SettingsError, match="cannot be used") as caught:
            from_text(text, file_format)
        assert len(str(caught.value)) < 300


def test_a_key_without_an_expiry_member_has_expired_and_one_that_never_expires_has_not():
    gone, kept = from_document(
        {"port": 9090, "records": [{"api-key": "a"}, {"api-key": "b", "expiration_timestamp": "9999-12-31T23:59:59"}]}
    ).keys
    now = datetime.now(UTC)
    assert gone.is_expired(now)
    assert not kept.is_expired(now + timedelta(days=100_000))


def test_no_secret_shows_in_what_is_printed_of_a_configuration():
    config = from_text(SEED, YAML).with_(kept=(("cloudflare_tunnel_token", "t0ken-of-a-tunnel"),))
    assert not any(each in repr(config) for each in ("XXXXXXXX", "YYYYYYYY", "t0ken"))
