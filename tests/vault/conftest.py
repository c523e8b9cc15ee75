"""What most tests of vaults need: a keychain in memory, the demo vault's endpoint, and vaults attached to it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from keeperdb.demo.vault_server import DemoVault
from keeperdb.keychain import SessionKeychain
from keeperdb.vault.attached import AttachedVaults
from keeperdb.vault.channel import Timeouts
from keeperdb.vault.endpoint import VaultEndpoint


@pytest.fixture
def keychain() -> SessionKeychain:
    return SessionKeychain()


@pytest.fixture
def endpoint(demo_vault: DemoVault) -> VaultEndpoint:
    return VaultEndpoint(demo_vault.endpoint, demo_vault.server_key_id, demo_vault.server_key, demo_vault.ca_file)


@pytest.fixture
def make_vaults(tmp_path: Path, keychain: SessionKeychain, endpoint: VaultEndpoint) -> Callable[..., AttachedVaults]:
    """As another window, or the next start, sees the same folder and keychain."""

    def make(
        *, at: VaultEndpoint | None = endpoint, read_timeout: float = 30.0, folder: Path = tmp_path / "vaults"
    ) -> AttachedVaults:
        return AttachedVaults(folder, keychain, at, Timeouts(5.0, read_timeout))

    return make


@pytest.fixture
def vaults(make_vaults: Callable[..., AttachedVaults]) -> AttachedVaults:
    return make_vaults()
