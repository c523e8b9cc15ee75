"""What connections to servers have in common: one statement open at a time, and what is asked between statements."""

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from keeperdb.engines.base import DriverConnection
from keeperdb.engines.interruption import Interruption
from keeperdb.task import Task


class Closable(Protocol):
    """What a statement returned, as far as it has to be given up."""

    def close(self) -> None: ...


_Connection = TypeVar("_Connection", bound=DriverConnection)
_Execution = TypeVar("_Execution", bound=Closable)


def prepared(connection: _Connection, task: Task, prepare: Callable[[], object]) -> _Connection:
    """`connection` after `prepare`, which `task` can stop. Closes it, and raises again, if that fails."""
    try:
        connection.arm()
        with task.interrupting(connection.cancel):
            prepare()
    except BaseException:
        connection.close()
        raise
    return connection


class ServerConnection(DriverConnection):
    """Whoever inherits sets `_execution` to what the last statement returned."""

    def __init__(self) -> None:
        self._interruption = Interruption()
        self._autocommit = True
        self._execution: Closable | None = None

    @abstractmethod
    def operation(self, statement: str = "") -> contextlib.AbstractContextManager[None]:
        """Around everything that speaks with the server, and may be nested; `statement` is the person's own.

        Raises `QueryError`, or `ConnectError` for a connection that is lost.
        """

    @abstractmethod
    def _end_transaction(self, statement: str) -> None:
        """`statement` is COMMIT or ROLLBACK."""

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Around what we ask ourselves: the statement that is open is given up first."""
        with self.operation():
            self._close_execution()
            yield

    def arm(self) -> None:
        self._interruption.arm()

    @property
    def is_stopping(self) -> bool:
        """Whether what runs was asked to stop."""
        return self._interruption.is_requested

    def set_autocommit(self, enabled: bool) -> None:
        """Takes effect with the next statement outside a transaction, which none of the servers leaves without one."""
        self._autocommit = enabled

    def commit(self) -> None:
        self._end_transaction("COMMIT")

    def rollback(self) -> None:
        self._end_transaction("ROLLBACK")

    def _close_execution(self) -> None:
        if self._execution is not None:
            self._execution.close()
            self._execution = None
