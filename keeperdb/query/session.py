"""One live connection: what is run on it, and what came back."""

import time
from collections.abc import Callable
from typing import TypeVar

from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.engines.base import DriverConnection, Engine, Execution, Node
from keeperdb.errors import Cancelled
from keeperdb.query.copied import CopiedRows
from keeperdb.query.results import ResultSet
from keeperdb.query.statements import Statement
from keeperdb.task import Task

_T = TypeVar("_T")

_ALL = 1_000_000_000_000  # rows


class Session:
    """A connection with its profile. Used from one thread at a time, except for cancelling through the task.

    Methods raise `QueryError` for what the server refuses, `ConnectError` with reason LOST when the connection is gone.
    """

    def __init__(self, profile: ConnectionProfile, engine: Engine, connection: DriverConnection) -> None:
        self.profile = profile
        self.engine = engine
        self._connection = connection
        self._current: ResultSet | None = None
        self._commit_mode = CommitMode.AUTO
        if profile.commit_mode is CommitMode.MANUAL:
            connection.set_autocommit(False)
            self._commit_mode = CommitMode.MANUAL

    @property
    def server_version(self) -> str:
        """Product and version in one line, such as `PostgreSQL 15.4`."""
        return self._connection.server_version

    @property
    def database(self) -> str:
        return self._connection.database

    @property
    def user(self) -> str:
        return self._connection.user

    @property
    def is_open(self) -> bool:
        return self._connection.is_open

    @property
    def in_transaction(self) -> bool:
        """Whether something waits for a commit or a rollback."""
        return self._connection.in_transaction

    @property
    def commit_mode(self) -> CommitMode:
        return self._commit_mode

    def set_commit_mode(self, mode: CommitMode, task: Task) -> None:
        """Change the mode for the statements to come; a transaction that is open stays open."""
        task.check()
        self._connection.set_autocommit(mode is CommitMode.AUTO)
        self._commit_mode = mode

    def execute(self, statement: Statement | str, task: Task) -> list[ResultSet]:
        """Run one statement verbatim; return when the server has told the columns or the count.

        All results but the last are complete; the last is fetched by the caller. A result that is still open from
        an earlier call is closed, and stays incomplete.
        """
        if isinstance(statement, str):
            statement = Statement(statement, 0, len(statement))
        text = statement.text
        started = time.monotonic()
        execution = self._interruptibly(lambda: self._connection.execute(text), task)
        seconds = time.monotonic() - started
        if task.is_cancelled and execution.columns is not None:  # a count is told: it has happened
            execution.close()
            raise Cancelled
        results = [ResultSet(self._connection, execution, statement, execute_seconds=seconds)]
        self._current = results[0]
        if execution.expects_more:
            results = self._fetch_several(execution, results, task)
        self._current = results[-1]
        return results

    def copy_csv(self, statement: str, delimiter: str, task: Task) -> CopiedRows | None:
        """Have the server itself write the rows of one query as CSV; None where it cannot, and nothing has run then."""
        copy = self._interruptibly(lambda: self._connection.copy_csv(statement, delimiter), task)
        return None if copy is None else CopiedRows(self._connection, copy)

    def children(self, node: Node | None, task: Task) -> list[Node]:
        """The nodes of the schema tree below `node`, or below the root for None."""
        return self._interruptibly(lambda: self._connection.children(node), task)

    def commit(self, task: Task) -> None:
        """Commit what is open; nothing happens without a transaction."""
        self._interruptibly(self._connection.commit, task)

    def rollback(self, task: Task) -> None:
        """Take back what is open; nothing happens without a transaction."""
        self._interruptibly(self._connection.rollback, task)

    def close(self) -> None:
        """Close the connection; a transaction that is open is rolled back by the server. May be called twice."""
        self._connection.close()
        self._close_current()

    def _fetch_several(self, execution: Execution, results: list[ResultSet], task: Task) -> list[ResultSet]:
        """The results of a procedure: whether one is the last is known only after its last row."""
        results[-1].fetch(_ALL, task)
        while self._go_on(execution, task):
            result = ResultSet(self._connection, execution, results[0].statement)
            self._current = result
            result.fetch(_ALL, task)
            if result.columns is not None or result.rows_affected or not results:
                results.append(result)
        return results

    def _go_on(self, execution: Execution, task: Task) -> bool:
        self._connection.arm()
        with task.interrupting(self._connection.cancel):
            return execution.next_result()

    def _interruptibly(self, run: Callable[[], _T], task: Task) -> _T:
        """Close what is still open, then run; both can be stopped through the task."""
        self._connection.arm()
        with task.interrupting(self._connection.cancel):
            self._close_current()
            self._connection.arm()
            task.check()  # a cancel from before `arm` is seen here, one from after it by the connection
            return run()

    def _close_current(self) -> None:
        if self._current is not None:
            self._current.close()
            self._current = None
