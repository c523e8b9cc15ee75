"""The rules of one-time tokens, devices and access."""

from collections.abc import Callable

import pytest
import requests
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.exceptions import KeeperError
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage

from keeperdb.demo.record_types import login_record
from keeperdb.demo.vault_server import DemoVault

NewClient = Callable[..., SecretsManager]
_NO_ACCESS = "access_denied, message=Unable to validate application access"
_BAD_SIGNATURE = "access_denied, message=Signature is invalid"


@pytest.fixture
def vault(demo_vault: DemoVault) -> DemoVault:
    """A vault that shares one record."""
    demo_vault.share_record(login_record("One", "ada", "x"))
    return demo_vault


def test_a_token_has_43_characters_and_no_host(vault: DemoVault) -> None:
    token = vault.issue_token()
    assert len(token) == 43
    assert ":" not in token


def test_a_token_is_good_once(vault: DemoVault, new_client: NewClient) -> None:
    token = vault.issue_token()
    assert len(new_client(token=token).get_secrets()) == 1
    with pytest.raises(KeeperError, match=_BAD_SIGNATURE):
        new_client(token=token).get_secrets()


def test_an_unknown_token_is_refused(vault: DemoVault, new_client: NewClient) -> None:
    with pytest.raises(KeeperError, match=_BAD_SIGNATURE):
        new_client(token="A" * 43).get_secrets()


def test_an_expired_token_is_refused(vault: DemoVault, new_client: NewClient) -> None:
    with pytest.raises(KeeperError, match=_NO_ACCESS):
        new_client(token=vault.issue_token(expires_in=0)).get_secrets()


def test_the_same_client_may_repeat_a_binding_whose_answer_was_lost(vault: DemoVault, new_client: NewClient) -> None:
    vault.fail("lost")
    token = vault.issue_token()
    client = new_client(token=token)
    with pytest.raises(requests.ConnectionError):
        client.get_secrets()
    with pytest.raises(KeeperError, match=_BAD_SIGNATURE):
        new_client(token=token).get_secrets()
    assert len(client.get_secrets()) == 1


def test_the_application_key_is_given_until_the_binding_is_confirmed(vault: DemoVault, new_client: NewClient) -> None:
    new_client().get_secrets()
    assert [device.encrypted_app_key for device in vault.application.devices] == [None]


def test_folders_cannot_be_asked_for_before_binding(vault: DemoVault, new_client: NewClient) -> None:
    client = new_client()
    with pytest.raises(KeeperError, match=_BAD_SIGNATURE):
        client.get_folders()
    assert len(client.get_secrets()) == 1


def test_a_token_locked_to_another_address_is_refused(vault: DemoVault, new_client: NewClient) -> None:
    client = new_client(token=vault.issue_token(ip_lock="192.0.2.1"))
    with pytest.raises(KeeperError, match="locked to a different ip address"):
        client.get_secrets()


def test_a_locked_device_stays_at_its_first_address(vault: DemoVault, new_client: NewClient) -> None:
    client = new_client(token=vault.issue_token(ip_lock=True))
    assert len(client.get_secrets()) == 1
    device = vault.application.devices[0]
    assert device.address == "127.0.0.1"
    vault.application.lock_to(device, "192.0.2.1")
    with pytest.raises(KeeperError, match="locked to a different ip address"):
        client.get_secrets()


def test_a_revoked_device_is_refused_and_others_are_not(vault: DemoVault, new_client: NewClient) -> None:
    first, second = new_client(), new_client()
    first.get_secrets()
    second.get_secrets()
    vault.application.revoke(vault.application.devices[0])
    with pytest.raises(KeeperError, match=_NO_ACCESS):
        first.get_secrets()
    assert len(second.get_secrets()) == 1


def test_access_expires(vault: DemoVault, new_client: NewClient) -> None:
    client = new_client(token=vault.issue_token(access_expires_in=3600))
    answer = client.get_secrets(full_response=True)
    expires_at = vault.application.devices[0].access_expires_at
    assert expires_at is not None
    assert answer.expiresOn == int(expires_at * 1000)
    vault.application.expire(vault.application.devices[0])
    with pytest.raises(KeeperError, match=_NO_ACCESS):
        client.get_secrets()


def test_an_application_without_shares_is_refused(vault: DemoVault, new_client: NewClient) -> None:
    client = new_client()
    client.get_secrets()
    vault.unshare(vault.records()[0])
    with pytest.raises(KeeperError, match=_NO_ACCESS):
        client.get_secrets()


def test_a_device_must_sign_with_its_own_key(vault: DemoVault, new_client: NewClient) -> None:
    first, second = new_client(), new_client()
    first.get_secrets()
    second.get_secrets()
    mixed = dict(first.config.read_storage(), privateKey=second.config.read_storage()["privateKey"])
    stranger = new_client(config=InMemoryKeyValueStorage(mixed))
    with pytest.raises(KeeperError, match=_BAD_SIGNATURE):
        stranger.get_secrets()
