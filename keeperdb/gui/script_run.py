"""One press of Run: the statements of a script one after the other, with what has to be asked on the way."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from keeperdb.connections.profile import CommitMode
from keeperdb.errors import ConnectError, KeeperDBError
from keeperdb.gui.query_session import QuerySession
from keeperdb.query.parameters import parameter_names
from keeperdb.query.results import ResultSet
from keeperdb.query.safety import ConfirmationRequired
from keeperdb.query.session import Session
from keeperdb.query.statements import Statement
from keeperdb.task import Progress, Task

_STEP = 1_000  # rows between two looks at whether to stop


class OnError(StrEnum):
    """What happens with the rest of a script when a statement fails."""

    STOP = "stop"
    CONTINUE = "continue"
    ASK = "ask"


class ScriptRun(QObject):
    """Runs what `find` returns; `find` is called on the lane, because splitting a long script takes a while.

    Signals in order: `parameters_asked(names)` if the statements have some, then for each statement
    `began(statement)`, perhaps `confirmation_asked(error)`, `columns_arrived(result)` for each result that has rows,
    `ended(results)`; at the end one of `finished(None)`, `finished(error)` and `stopped()`. What is asked is answered
    with `set_parameters`, `confirm` or `go_on`, or with `give_up`. `failed(error)` tells of an error after which the
    script goes on; `error_asked(error)` asks whether it should. `said(text)` is how stopping goes.
    """

    parameters_asked = Signal(object)
    began = Signal(object)
    confirmation_asked = Signal(object)
    confirmed = Signal()
    columns_arrived = Signal(object)
    ended = Signal(object)
    failed = Signal(object)
    error_asked = Signal(object)
    finished = Signal(object)
    stopped = Signal()
    said = Signal(str)

    def __init__(
        self,
        session: QuerySession,
        find: Callable[[], list[Statement]],
        page_size: int,
        parent: QObject,
        on_error: OnError = OnError.STOP,
        dialect: str = "",
    ) -> None:
        super().__init__(parent)
        self.statement: Statement | None = None
        self.remaining: list[Statement] = []
        self.failures = 0
        self.is_asking = False
        self.is_stopping = False  # asked for between two statements, when no task can be told
        self._session = session
        self._find = find
        self._page_size = page_size
        self._on_error = on_error
        self._dialect = dialect
        self._parameters: Mapping[str, Any] = {}
        self._is_script = False

    def start(self) -> None:
        """Begin; opens the session first if there is none."""
        find, dialect = self._find, self._dialect

        def look(_session: Session, _task: Task) -> tuple[list[Statement], list[str]]:
            statements = find()
            names = (name for statement in statements for name in parameter_names(statement.text, dialect))
            return statements, list(dict.fromkeys(names))

        self._session.run(look, done=self._found, failed=self._fail, cancelled=self._stop, progress=self._report)

    def set_parameters(self, values: Mapping[str, Any]) -> None:
        """The answer to `parameters_asked`."""
        self.is_asking = False
        self._parameters = values
        self._next()

    def confirm(self) -> None:
        """The answer to `confirmation_asked`: the statement is run."""
        self.is_asking = False
        self.confirmed.emit()
        if self.statement is not None:
            self._execute(self.statement, confirmed=True)

    def go_on(self) -> None:
        """The answer to `error_asked`: the next statement is run."""
        self.is_asking = False
        self._next()

    def give_up(self) -> None:
        """The answer to anything that was asked: nothing more is run."""
        self.is_asking = False
        self._stop()

    def _found(self, found: tuple[list[Statement], list[str]]) -> None:
        self.remaining, names = found
        self._is_script = len(self.remaining) > 1
        if names:
            self.is_asking = True
            self.parameters_asked.emit(names)
        else:
            self._next()

    def _next(self) -> None:
        if self.is_stopping:
            self._stop()
            return
        if not self.remaining:
            self.finished.emit(None)
            return
        statement = self.statement = self.remaining.pop(0)
        self.began.emit(statement)
        self._execute(statement)

    def _execute(self, statement: Statement, *, confirmed: bool = False) -> None:
        parameters = self._parameters
        keeps = self._is_script and self._session.commit_mode is not CommitMode.AUTO
        self._session.run(
            lambda session, task: session.execute(
                statement, task, parameters=parameters, confirmed=confirmed, keeps_transaction=keeps
            ),
            done=self._executed,
            failed=self._refused,
            cancelled=self._stop,
            progress=self._report,
        )

    def _executed(self, results: list[ResultSet]) -> None:
        for result in results:
            if result.columns is not None:
                self.columns_arrived.emit(result)
        last = results[-1]
        if last.is_open:
            self._session.run(
                lambda _session, task: last.fetch(self._page_size, task),
                done=lambda _: self._end_statement(results),
                failed=lambda error: self._give_up(results, lambda: self._refused(error)),
                cancelled=lambda: self._give_up(results, self._stop),
                progress=self._report,
            )
        else:
            self._end_statement(results)

    def _end_statement(self, results: list[ResultSet]) -> None:
        self.ended.emit(results)
        self._next()

    def _give_up(self, results: list[ResultSet], end: Callable[[], None]) -> None:
        self.ended.emit(results)
        end()

    def _refused(self, error: KeeperDBError) -> None:
        """A statement was not run, or failed."""
        if isinstance(error, ConfirmationRequired):
            self.is_asking = True
            self.confirmation_asked.emit(error)
        elif isinstance(error, ConnectError) or self._on_error is OnError.STOP or not self.remaining:
            self._fail(error)
        else:
            self.failures += 1
            self.failed.emit(error)
            if self._on_error is OnError.ASK:
                self.is_asking = True
                self.error_asked.emit(error)
            else:
                self._next()

    def _report(self, progress: Progress) -> None:
        if progress.text:
            self.said.emit(progress.text)

    def _fail(self, error: KeeperDBError) -> None:
        self.finished.emit(error)

    def _stop(self) -> None:
        self.stopped.emit()


def fetch_on(result: ResultSet, rows: int | None, is_stopped: Callable[[], bool]) -> Callable[[Session, Task], int]:
    """An operation that fetches `rows` more rows, or all for None.

    `is_stopped` ends it between two steps and leaves the result open, so that fetching can go on later.
    """

    def operation(_session: Session, task: Task) -> int:
        added = 0
        while result.is_open and not is_stopped() and (rows is None or added < rows):
            step = _STEP if rows is None else min(_STEP, rows - added)
            added += result.fetch(step, task)
        return added

    return operation
