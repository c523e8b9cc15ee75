"""A saved way to reach a database. It holds no secret."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from keeperdb.keychain import Secret

_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


class Source(StrEnum):
    LOCAL = "local"
    VAULT = "vault"


class Environment(StrEnum):
    NONE = ""
    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class PasswordMode(StrEnum):
    """Where the password of a local connection comes from."""

    KEYCHAIN = "keychain"
    ASK = "ask"
    NONE = "none"


class TlsMode(StrEnum):
    """`VERIFY_FULL` checks certificate and name; each weaker mode loses something."""

    DEFAULT = ""  # verify-full for a remote host, prefer for this machine
    VERIFY_FULL = "verify-full"
    VERIFY_CA = "verify-ca"
    REQUIRE = "require"
    PREFER = "prefer"
    DISABLE = "disable"


class CommitMode(StrEnum):
    """`SMART` commits by itself until the first statement that changes something, then waits for the person."""

    DEFAULT = ""  # as the environment has it
    AUTO = "auto"
    MANUAL = "manual"
    SMART = "smart"


@dataclass(frozen=True, slots=True)
class VaultOrigin:
    """Which record of which attached vault a profile came from."""

    vault_id: str
    vault_name: str
    record_uid: str
    credential_uid: str = ""  # the linked PAM User record, if there is one


@dataclass(frozen=True, slots=True)
class ConnectionProfile:
    """Everything but the secret that is needed to open a database.

    `port` None means the engine's default. `database` is the default database or schema. `path` is the file of a
    file database, and empty or `:memory:` for one in memory. A non-empty `problem` says in one sentence why the
    connection cannot be opened (`problem_hint`: what to do); it is then listed, greyed, all the same.
    """

    name: str
    engine: str  # id of an engine, such as `postgresql`; empty if it could not be told
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    source: Source = Source.LOCAL
    host: str = ""
    port: int | None = None
    database: str = ""
    user: str = ""
    path: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: _NO_OPTIONS, hash=False)
    password_mode: PasswordMode = PasswordMode.KEYCHAIN
    tls: TlsMode = TlsMode.DEFAULT
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    folder: tuple[str, ...] = ()
    color: str = ""  # `#rrggbb`, or empty
    environment: Environment = Environment.NONE
    read_only: bool = False
    commit_mode: CommitMode = CommitMode.DEFAULT
    notes: str = ""
    vault: VaultOrigin | None = None
    problem: str = ""
    problem_hint: str = ""

    @property
    def is_usable(self) -> bool:
        return not self.problem

    @property
    def address(self) -> str:
        """What a person reads: `host:port`, or the file."""
        if self.path:
            return self.path
        if not self.host:
            return ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host

    @property
    def full_name(self) -> str:
        """`vault/name` for a vault connection, the name for a local one."""
        return f"{self.vault.vault_name}/{self.name}" if self.vault else self.name

    def with_(self, **changes: object) -> "ConnectionProfile":
        """A copy with `changes`."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Credential:
    """User name and password for one opening. Forgotten after the handshake."""

    user: str = ""
    password: Secret | None = None
