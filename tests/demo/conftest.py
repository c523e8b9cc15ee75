"""Official clients, pointed at the demo vault."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage

from keeperdb.demo.vault_server import DemoVault

_ROOT = Path(__file__).parents[2]
_PACKAGE = Path(__file__).parent / "js"
_CONFUSING = ("KSM_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

NewClient = Callable[..., SecretsManager]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the official clients would take from the environment."""
    for name in list(os.environ):
        if name.upper().startswith(_CONFUSING):
            monkeypatch.delenv(name)


@pytest.fixture
def new_client(demo_vault: DemoVault) -> NewClient:
    """Makes official Python clients: `new_client()` has a fresh token; `vault`, `token`, `config` may be given."""

    def make(
        vault: DemoVault = demo_vault, *, token: str | None = None, config: InMemoryKeyValueStorage | None = None
    ) -> SecretsManager:
        return SecretsManager(
            token=token if token or config else vault.issue_token(),
            hostname=vault.endpoint,
            verify_ssl_certs=str(vault.ca_file),
            config=config or InMemoryKeyValueStorage(),
            server_public_key=vault.server_key,
            server_public_key_id=vault.server_key_id,
        )

    return make


@pytest.fixture(scope="session")
def javascript_modules() -> Path:
    """The folder with the official JavaScript SDK, installed once per version of the lock file."""
    folder = _ROOT / "build" / "javascript-sdk"
    folder.mkdir(parents=True, exist_ok=True)
    lock_text = (_PACKAGE / "package-lock.json").read_text()
    stamp = folder / "installed.json"
    with FileLock(folder / "lock"):
        if not stamp.exists() or stamp.read_text() != lock_text:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_PACKAGE / name, folder)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            stamp.write_text(lock_text)
    return folder / "node_modules"
