"""One live connection: what is run on it, and what came back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.engines.base import DriverConnection, Engine, Execution, Node
from keeperdb.errors import Cancelled, QueryError
from keeperdb.query.at_stake import AtStake
from keeperdb.query.copied import CopiedRows
from keeperdb.query.parameters import Bound, bind
from keeperdb.query.policy import Confirmation, Policy, policy_of
from keeperdb.query.results import ResultSet
from keeperdb.query.safety import ConfirmationRequired, Kind, Verdict, check, is_plannable
from keeperdb.query.spill import MemoryBudget
from keeperdb.query.statements import Statement
from keeperdb.task import Task

_T = TypeVar("_T")

_ALL = 1_000_000_000_000  # rows


class Session:
    """A connection with its profile. Used from one thread at a time, except for cancelling through the task.

    Methods raise `QueryError` for what the server refuses, `ConnectError` with reason LOST when the connection is gone.
    """

    def __init__(
        self,
        profile: ConnectionProfile,
        engine: Engine,
        connection: DriverConnection,
        policy: Policy | None = None,
    ) -> None:
        """`policy` says how careful the session is; without one nothing asks first."""
        self.profile = profile
        self.engine = engine
        self.memory = MemoryBudget()  # that results share with those of other sessions
        self.policy = policy or replace(policy_of(profile), confirmation=Confirmation.OFF)
        self.at_stake = AtStake()
        self.isolation = ""  # the server's default
        self.is_timed = False  # the server ends statements that run too long
        self._connection = connection
        self._current: ResultSet | None = None
        self._commit_mode = self.policy.commit_mode
        if self._commit_mode is CommitMode.MANUAL:
            connection.set_autocommit(False)

    def prepare(self, task: Task) -> None:
        """Have the server end statements that run longer than the policy says, where it can."""
        seconds = self.policy.statement_timeout
        if seconds:
            self.is_timed = self._interruptibly(lambda: self._connection.set_statement_timeout(seconds), task)

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
    def has_failed(self) -> bool:
        """Whether the open transaction can only be rolled back, because a statement in it failed."""
        return self._connection.has_failed

    @property
    def has_rows_left(self) -> bool:
        """Whether the rows of a result are still on the server."""
        return self._current is not None and self._current.is_open and not self._current.is_complete

    @property
    def commit_mode(self) -> CommitMode:
        return self._commit_mode

    def set_commit_mode(self, mode: CommitMode, task: Task) -> None:
        """Change the mode for the statements to come; a transaction that is open stays open."""
        task.check()
        self._commit_mode = self.policy.commit_mode if mode is CommitMode.DEFAULT else mode
        self._connection.set_autocommit(self._commit_mode is not CommitMode.MANUAL)

    def set_isolation(self, level: str, task: Task) -> None:
        """The isolation level of transactions to come, one of the engine's; empty for the server's default.

        Raises `UnsupportedError` where there is nothing to choose.
        """
        self._interruptibly(lambda: self._connection.set_isolation(level), task)
        self.isolation = level

    def execute(
        self,
        statement: Statement | str,
        task: Task,
        *,
        parameters: Mapping[str, Any] | None = None,
        confirmed: bool = False,
        keeps_transaction: bool = False,
    ) -> list[ResultSet]:
        """Run one statement; return when the server has told the columns or the count.

        The text is sent verbatim; with `parameters` their markers become those of the driver, and the values go apart
        from it. With `keeps_transaction` a failure takes back nothing but the statement itself. Raises
        `ConfirmationRequired`, with nothing sent, for what has to be `confirmed` first.

        All results but the last are complete; the last is fetched by the caller. A result that is still open from
        an earlier call is closed, and stays incomplete.
        """
        if isinstance(statement, str):
            statement = Statement(statement, 0, len(statement))
        verdict = check(statement.text, self.engine.dialect)
        if not confirmed:
            self.require_confirmation(statement.text, task)
        bound = bind(statement.text, self.engine.dialect, parameters) if parameters else Bound(statement.text, ())
        if self._commit_mode is CommitMode.SMART:
            self._connection.set_autocommit(not verdict.is_change)
        has_savepoint = keeps_transaction and verdict.kind is not Kind.TRANSACTION
        started = time.monotonic()
        execution = self._send(bound, task, has_savepoint=has_savepoint)
        seconds = time.monotonic() - started
        if task.is_cancelled and execution.columns is not None:  # a count is told: it has happened
            execution.close()
            raise Cancelled
        results = self._results(execution, statement, seconds, task)
        for result in results:
            result.parameters = dict(parameters or {})
        rows = sum(result.rows_affected or 0 for result in results)
        self.at_stake.note(verdict, statement.text, rows, in_transaction=self.in_transaction)
        return results

    def require_confirmation(self, statement: str, task: Task) -> None:
        """Raise `ConfirmationRequired` if a person has to be asked before `statement`. Nothing of it is run."""
        verdict, level = check(statement, self.engine.dialect), self.policy.confirmation
        asks = verdict.operations or (level is Confirmation.CHANGES and verdict.is_change)
        is_refused_anyway = self.profile.read_only and self.engine.capabilities.enforces_read_only
        if level is Confirmation.OFF or not asks or is_refused_anyway:
            return
        rows = self._estimate(verdict, statement, task)
        is_typed = level in (Confirmation.TYPED, Confirmation.CHANGES) and bool(verdict.operations)
        place = self.profile.environment.value
        raise ConfirmationRequired(verdict, statement, rows=rows, is_typed=is_typed, place=place)

    def copy_csv(self, statement: str, delimiter: str, task: Task) -> CopiedRows | None:
        """Have the server itself write the rows of one query as CSV; None where it cannot, and nothing has run then."""
        verdict = check(statement, self.engine.dialect)
        if verdict.is_change or verdict.operations:
            return None
        if self._commit_mode is CommitMode.SMART:
            self._connection.set_autocommit(True)
        copy = self._interruptibly(lambda: self._connection.copy_csv(statement, delimiter), task)
        return None if copy is None else CopiedRows(self._connection, copy)

    def children(self, node: Node | None, task: Task) -> list[Node]:
        """The nodes of the schema tree below `node`, or below the root for None."""
        return self._interruptibly(lambda: self._connection.children(node), task)

    def details(self, node: Node, task: Task) -> list[Node]:
        """The nodes below `node` again, with what `children` leaves out because it takes long; empty if nothing."""
        return self._interruptibly(lambda: self._connection.details(node), task)

    def stamp(self, node: Node | None, task: Task) -> str | None:
        """A text that changes whenever what `children` returns does; None where that takes as long as asking."""
        return self._interruptibly(lambda: self._connection.stamp(node), task)

    def ddl(self, node: Node, task: Task) -> str:
        """The statements that make `node`. Raises `UnsupportedError` where there is none, `NotFoundError` if gone."""
        return self._interruptibly(lambda: self._connection.ddl(node), task)

    def commit(self, task: Task) -> None:
        """Commit what is open; nothing happens without a transaction."""
        self._interruptibly(self._connection.commit, task)
        self.at_stake.forget_transaction()

    def rollback(self, task: Task) -> None:
        """Take back what is open; nothing happens without a transaction."""
        self._interruptibly(self._connection.rollback, task)
        self.at_stake.forget_transaction()

    def close(self) -> None:
        """Close the connection; a transaction that is open is rolled back by the server. May be called twice."""
        self._connection.close()
        self._close_current()

    def _estimate(self, verdict: Verdict, text: str, task: Task) -> int | None:
        """About how many rows it is about, by the server's plan or statistics."""
        operations = [operation for operation in verdict.operations if operation.is_rows]
        if not operations:
            return None
        plain = text if verdict.kind is Kind.WRITE and is_plannable(text, self.engine.dialect) else ""
        tables = list(dict.fromkeys(name for operation in operations for name in operation.names))
        return self._interruptibly(lambda: self._connection.estimate_rows(plain, tables), task)

    def _send(self, bound: Bound, task: Task, *, has_savepoint: bool) -> Execution:
        """Raises `QueryError` with the place in the person's own text."""

        def run() -> Execution:
            if has_savepoint:
                self._connection.savepoint()
            return self._connection.execute(bound.text, bound.values or None)

        try:
            return self._interruptibly(run, task)
        except QueryError as error:
            if error.position is not None:
                error.position = bound.original(error.position)
            if has_savepoint:
                self._interruptibly(self._connection.rollback_to_savepoint, task)
            if not self.in_transaction:  # a deadlock, for one, takes all of it back
                self.at_stake.forget_transaction()
            raise

    def _results(self, execution: Execution, statement: Statement, seconds: float, task: Task) -> list[ResultSet]:
        cap = self.policy.row_cap
        results = [
            ResultSet(self._connection, execution, statement, execute_seconds=seconds, row_cap=cap, memory=self.memory)
        ]
        self._current = results[0]
        if execution.expects_more:
            results = self._fetch_several(execution, results, task)
        self._current = results[-1]
        return results

    def _fetch_several(self, execution: Execution, results: list[ResultSet], task: Task) -> list[ResultSet]:
        """The results of a procedure: whether one is the last is known only after its last row."""
        results[-1].fetch(_ALL, task)
        while self._go_on(execution, task):
            result = ResultSet(self._connection, execution, results[0].statement, memory=self.memory)
            self._current = result
            result.fetch(_ALL, task)
            if result.columns is not None or result.rows_affected:
                results.append(result)
            else:
                results[-1].notices += result.notices  # the end of a procedure is no result, but may say something
        return results

    def _go_on(self, execution: Execution, task: Task) -> bool:
        self._connection.arm()
        with task.interrupting(self._connection.stopper(task.say)):
            return execution.next_result()

    def _interruptibly(self, run: Callable[[], _T], task: Task) -> _T:
        """Close what is still open, then run; both can be stopped through the task."""
        self._connection.arm()
        with task.interrupting(self._connection.stopper(task.say)):
            self._close_current()
            self._connection.arm()
            task.check()  # a cancel from before `arm` is seen here, one from after it by the connection
            return run()

    def _close_current(self) -> None:
        if self._current is not None:
            self._current.close()
            self._current = None
