"""The contract of an engine: support for one database product, and one open connection to it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.blocks import Block, Column
from keeperdb.errors import UnsupportedError
from keeperdb.task import Task


class NodeKind(StrEnum):
    """What a node of the schema tree is. A group is a heading such as *Tables*."""

    GROUP = "group"
    DATABASE = "database"
    SCHEMA = "schema"
    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    COLUMN = "column"
    KEY = "key"  # primary, unique, foreign or check
    INDEX = "index"
    TRIGGER = "trigger"
    SEQUENCE = "sequence"
    ROUTINE = "routine"
    TYPE = "type"
    EVENT = "event"
    USER = "user"  # a user or a role


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the schema tree.

    `path` are the names from the root to the object (database, schema, table …), without groups and including its
    own; `detail` is what stands muted beside the name, such as a column's type. `row_estimate` and `size_bytes` are
    what the server knows without counting, None where it does not.
    """

    kind: NodeKind
    name: str
    path: tuple[str, ...] = ()
    detail: str = ""
    has_children: bool = False
    is_system: bool = False
    comment: str = ""
    row_estimate: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the product can do; what it lacks is absent or explained in the window."""

    is_file: bool = False  # a path instead of a host
    has_databases: bool = True  # several databases a connection may be opened to
    has_schemas: bool = True  # schemas below a database
    has_users: bool = True
    has_tls: bool = True
    has_tls_files: bool = True  # authorities and certificates of its own, beside those of the system
    negotiates_tls: bool = True  # a server that cannot encrypt is noticed, and spoken to in the clear
    has_transactional_ddl: bool = False
    enforces_read_only: bool = True  # the server itself refuses writes
    isolation_levels: tuple[str, ...] = ()  # that a session may choose from


CredentialSource = Callable[[float], Credential]  # within that many seconds; raises `KeeperDBError` or `Cancelled`


class DriverConnection(ABC):
    """One open connection. All methods but `cancel` are called from one thread at a time.

    Errors are `QueryError` for what the server refuses, `ConnectError` with reason LOST when the connection is gone.
    """

    server_version: str = ""
    database: str = ""
    user: str = ""
    _announce: Callable[[str], None] | None = None

    @property
    def time_zone(self) -> str:
        """The zone of the session as the server calls it; empty where the server does not tell unasked."""
        return ""

    @abstractmethod
    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> "Execution":
        """Send one statement verbatim; return when the server has answered, before any row is fetched.

        An `Execution` that is still open is closed first.
        """

    def copy_csv(self, statement: str, delimiter: str) -> "CsvCopy | None":
        """Have the server write the rows of one query as CSV, exactly as `Block.text` has them; None where it cannot.

        NULL is nothing at all, an empty text is `""`, quotes stand only where they have to; there is no header.
        """
        return None

    @abstractmethod
    def arm(self) -> None:
        """Say that an operation is about to start: a `cancel` from now on stops it, even if it has not begun yet."""

    @abstractmethod
    def cancel(self) -> None:
        """Ask the server to stop what runs, or is armed, now. Called from another thread; otherwise does nothing."""

    def forget_credential(self, again: CredentialSource) -> None:  # noqa: B027 - most keep none
        """Keep no credential from now on; whoever needs it once more asks `again` for it."""

    def stopper(self, announce: Callable[[str], None]) -> Callable[[], None]:
        """What stops an operation from another thread; `announce` is told each step of it, for a person."""
        self._announce = announce
        return self.cancel

    def announce(self, text: str) -> None:
        """Tell whoever asked for the `stopper`."""
        if self._announce is not None:
            self._announce(text)

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        """About how many rows `statement` would change; without one, about how many `tables` hold.

        By the server's plan or statistics: nothing is run or counted. None where that is not known. Names are written
        as in SQL.
        """
        return None

    def set_statement_timeout(self, seconds: int) -> bool:
        """Have the server itself end statements that run longer; 0 for none. Says whether the server does that."""
        return False

    def set_isolation(self, level: str) -> None:
        """The isolation level of transactions to come, one of the engine's; empty for the server's default."""
        raise UnsupportedError("The isolation level cannot be chosen here.")

    def savepoint(self) -> bool:
        """Before a statement in a transaction: have its failure take back nothing but itself.

        False where there is no need to: most servers see to that themselves.
        """
        return False

    def rollback_to_savepoint(self) -> bool:
        """After a statement that failed; the transaction can go on then. False where there was no need to."""
        return False

    @abstractmethod
    def children(self, node: Node | None) -> list[Node]:
        """The nodes below `node`; below the root for None. One query per kind, names only."""

    def details(self, node: Node) -> list[Node]:
        """The nodes below `node` again, with what `children` leaves out because it takes long; empty if nothing."""
        return []

    def stamp(self, node: Node | None) -> str | None:
        """A text that changes whenever what `children` returns does; None where that takes as long as asking."""
        return None

    def ddl(self, node: Node) -> str:
        """The statements that make `node`, each with its separator. Raises `UnsupportedError`, `NotFoundError`."""
        raise UnsupportedError(f"The statement that makes a {node.kind} is not known for this kind of database.")

    @abstractmethod
    def set_autocommit(self, enabled: bool) -> None:
        """Commit each statement by itself, or open a transaction with the first statement."""

    @property
    @abstractmethod
    def in_transaction(self) -> bool: ...

    @property
    def has_failed(self) -> bool:
        """Whether the open transaction can only be rolled back, because a statement in it failed."""
        return False

    @abstractmethod
    def commit(self) -> None:
        """Raises `QueryError` for a transaction that `has_failed`."""

    @abstractmethod
    def rollback(self) -> None: ...

    @property
    @abstractmethod
    def is_open(self) -> bool: ...

    @abstractmethod
    def close(self) -> None:
        """Close; may be called twice, and never raises."""


class Execution(ABC):
    """What one statement returned: one or more results, looked at in order.

    `columns` is None when the current result has no rows (then `rows_affected` counts, None if unknown).
    `is_exhausted` tells that no row is left, where that is known without waiting for the server; `expects_more` that
    the statement is of a kind that returns several results, such as CALL.
    """

    columns: tuple[Column, ...] | None = None
    rows_affected: int | None = None
    is_exhausted: bool = False
    expects_more: bool = False

    @abstractmethod
    def fetch(self, rows: int) -> Block | None:
        """Up to `rows` more rows of the current result as a block; None when there are no more."""

    def stream(self, rows: int) -> Block | None:
        """As `fetch`, for rows that are used at once and not kept."""
        return self.fetch(rows)

    @abstractmethod
    def next_result(self) -> bool:
        """Go on to the next result of the same statement; False when there is none."""

    @abstractmethod
    def notices(self) -> list[str]:
        """Notices and warnings that arrived since the last call."""

    @abstractmethod
    def close(self) -> None:
        """Give up rows that were not fetched; may be called twice."""


class CsvCopy(ABC):
    """CSV that the server writes, in UTF-8 with line feeds."""

    columns: tuple[Column, ...]
    is_exhausted: bool = False

    @abstractmethod
    def read(self) -> tuple[bytes, int]:
        """Some more whole lines, and how many rows they are."""

    @abstractmethod
    def close(self) -> None:
        """Give up what was not read; may be called twice."""


class Engine(ABC):
    """Support for one database product. Has no state; its driver is imported by `connect` only."""

    id: str
    name: str  # as its makers write it
    aliases: tuple[str, ...] = ()  # other words for it in URLs and vault records, lower-case
    default_port: int | None = None
    capabilities: Capabilities = Capabilities()
    dialect: str  # sqlglot's name of the SQL dialect
    options: tuple[str, ...] = ()  # names that a profile's `options` may have
    host_help: str = "A name or an address."
    database_help: str = "Opened first; may be empty."
    tls_help: str = ""  # what is particular about TLS here
    read_only_help: str = ""  # who sees to it that a read-only connection does not write; empty: the server

    @abstractmethod
    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection; cancellable through `task`. `timeout` is in seconds. Raises `ConnectError`."""

    @abstractmethod
    def quote(self, name: str) -> str:
        """`name` as an identifier in SQL, whatever characters it has."""

    def select_all(self, path: Sequence[str]) -> str:
        """SQL that reads a table by its path."""
        return f"SELECT * FROM {'.'.join(self.quote(name) for name in path)}"  # noqa: S608 - each part is quoted
