"""A service on a demo vault, and a plain HTTP client of it."""

import http.client
import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keeperdb.commands.table import COMMANDS
from keeperdb.commands.vault_state import VaultState
from keeperdb.demo.applications import Application
from keeperdb.demo.record_types import database_record, login_record
from keeperdb.demo.vault_server import DemoVault
from keeperdb.keychain import SessionKeychain
from keeperdb.keychain.secret import Secret
from keeperdb.paths import Paths
from keeperdb.service.config import ApiKey, ServiceConfig
from keeperdb.task import Task
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.workspace import Workspace

KEY = "k" * 43 + "="
OTHER_KEY = "o" * 43 + "="
EVERYTHING = (*sorted(COMMANDS), "share", "trash")  # the last two are not for Secrets Manager, and say so
_TIMEOUT = 60  # seconds


def api_key(key: str = KEY, commands: tuple[str, ...] = EVERYTHING, **members: Any) -> ApiKey:
    return ApiKey(Secret(key), commands, **members)


def service_config(**members: Any) -> ServiceConfig:
    """Any free port, one key for everything, and no limit that a test would meet."""
    return ServiceConfig(**{"port": 0, "rate_limit": "1000000/minute", "keys": (api_key(),)} | members)


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ServiceClient:
    """Speaks to a service over one connection that is kept."""

    port: int
    key: str | None = KEY
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """`body` is sent as it is if it is bytes, else as JSON."""
        connection = self._connect()
        sent = {"api-key": self.key} if self.key is not None else {}
        if body is not None:
            sent["content-type"] = "application/json"
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(method, path, content, sent | (headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.read(), {k.lower(): v for k, v in response.getheaders()})
        except (http.client.HTTPException, OSError):
            self.close()
            raise

    def run(self, command: Any, **members: Any) -> Answer:
        return self.ask("POST", "/api/v1/executecommand", {"command": command, **members})

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is None:
            if self.tls is not None:
                self._connection = http.client.HTTPSConnection(self.host, self.port, timeout=_TIMEOUT, context=self.tls)
            else:
                self._connection = http.client.HTTPConnection(self.host, self.port, timeout=_TIMEOUT)
        return self._connection


@dataclass
class ServiceVault:
    """A demo vault with records in folders, attached and read."""

    demo: DemoVault
    state: VaultState
    records: dict[str, str]  # title -> uid

    @property
    def application(self) -> Application:
        return self.demo.application


def fill(vault: DemoVault) -> dict[str, str]:
    """Two shared folders, one in the other's neighbourhood, a folder below, and a few records."""
    with vault.changing():
        personal, infra = vault.add_shared_folder("Personal"), vault.add_shared_folder("Shared Infra")
        vault.add_folder(personal, "Sub folder")
        login = login_record("My Login", "alice", "S3cret!pw", "https://example.com")
        database = database_record("Prod DB", "postgresql", host="db.example.com", port=5432, login="u", password="pw9")
        records = {
            document["title"]: vault.add_record(document, folder)
            for document, folder in ((login, personal), (database, infra))
        }
        for number in range(16):
            document = login_record(f"Own {number}", f"user{number}", f"password of {number}", "")
            records[document["title"]] = vault.add_record(document, infra)
    return {title: record.uid for title, record in records.items()}


def attach(vault: DemoVault, home: Path) -> VaultState:
    """The vault as a workspace of its own has it."""
    endpoint = VaultEndpoint(vault.endpoint, vault.server_key_id, vault.server_key, vault.ca_file)
    workspace = Workspace(Paths.under(home), endpoint=endpoint, keychain=SessionKeychain())
    workspace.load(Task())
    attached = workspace.vaults.attach("My vault", vault.issue_token(), Task())
    state = VaultState(workspace, attached.id)
    state.refresh(Task())
    return state
