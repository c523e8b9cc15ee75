"""One press of Run: the statements of a script one after the other, stopped at the first error."""

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from keeperdb.errors import KeeperDBError
from keeperdb.gui.query_session import QuerySession
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.query.statements import Statement
from keeperdb.task import Task

_STEP = 1_000  # rows between two looks at whether to stop
_READS = re.compile(
    r"(?:\s+|--[^\n]*\n|/\*.*?\*/)*(select|show|explain|describe|desc|values|table|pragma|use)\b", re.I | re.S
)


class ScriptRun(QObject):
    """Runs what `find` returns; `find` is called on the lane, because splitting a long script takes a while.

    Signals in order, for each statement: `began(statement)`, `columns_arrived(result)` for each result that has
    rows, `ended(results)`; at the end one of `finished(None)`, `finished(error)` and `stopped()`.
    """

    began = Signal(object)
    columns_arrived = Signal(object)
    ended = Signal(object)
    finished = Signal(object)
    stopped = Signal()

    def __init__(
        self, session: QuerySession, find: Callable[[], list[Statement]], page_size: int, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.statement: Statement | None = None
        self.remaining: list[Statement] = []
        self._session = session
        self._find = find
        self._page_size = page_size

    def start(self) -> None:
        """Begin; opens the session first if there is none."""
        find = self._find
        self._session.run(lambda _session, _task: find(), done=self._found, failed=self._fail, cancelled=self._stop)

    def _found(self, statements: list[Statement]) -> None:
        self.remaining = statements
        self._next()

    def _next(self) -> None:
        if not self.remaining:
            self.finished.emit(None)
            return
        statement = self.statement = self.remaining.pop(0)
        self.began.emit(statement)
        self._session.run(
            lambda session, task: session.execute(statement, task),
            done=lambda results: self._executed(statement, results),
            failed=self._fail,
            cancelled=self._stop,
        )

    def _executed(self, statement: Statement, results: list[ResultSet]) -> None:
        self._session.count_statement(not _READS.match(statement.text))
        for result in results:
            if result.columns is not None:
                self.columns_arrived.emit(result)
        last = results[-1]
        if last.is_open:
            self._session.run(
                lambda _session, task: last.fetch(self._page_size, task),
                done=lambda _: self._end_statement(results),
                failed=lambda error: self._give_up(results, lambda: self._fail(error)),
                cancelled=lambda: self._give_up(results, self._stop),
            )
        else:
            self._end_statement(results)

    def _end_statement(self, results: list[ResultSet]) -> None:
        self.ended.emit(results)
        self._next()

    def _give_up(self, results: list[ResultSet], end: Callable[[], None]) -> None:
        self.ended.emit(results)
        end()

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
