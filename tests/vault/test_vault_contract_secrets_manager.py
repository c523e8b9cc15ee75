"""Secrets Manager keeps the contract of a vault."""

import pytest

from keeperdb.demo.vault_server import DemoVault
from tests.contracts.vault_contract import VaultBehindIt, VaultContract
from tests.vault.record_samples import database, field


class SecretsManagerBehindIt(VaultBehindIt):
    def __init__(self, vault: DemoVault) -> None:
        self._vault = vault
        self._folder = vault.add_shared_folder("Shared")

    def access(self) -> str:
        return self._vault.issue_token()

    def put(self, name: str, password: str, *, host: str = "db.example") -> None:
        document = database(name, host=host)
        document["fields"] = [each for each in document["fields"] if each["type"] != "password"]
        document["fields"].append(field("password", password))
        try:
            self._vault.find_record(name).update(document)
        except LookupError:
            self._folder.add_record(document)

    def remove(self, name: str) -> None:
        self._vault.delete_record_as_user(self._vault.find_record(name))

    def go_away(self) -> None:
        self._vault.stop()

    def come_back(self) -> None:
        self._vault.start()


class TestSecretsManager(VaultContract):
    @pytest.fixture
    def behind(self, demo_vault: DemoVault) -> SecretsManagerBehindIt:
        return SecretsManagerBehindIt(demo_vault)
