"""What keys of tables say about one result: asked for once, when it is first needed."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from keeperdb.data.references import Reference, ResultReferences, find_references, rows_statement
from keeperdb.errors import KeeperDBError
from keeperdb.gui.result_context import ResultContext
from keeperdb.gui.result_model import ResultModel
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.task import Task

MOST_ROWS = 1_000  # of the rows that a key means; more are in a query of its own


class ResultKeys(QObject):
    """Asks through the session of `context` that lists the objects, so that no open result is given up."""

    def __init__(self, model: ResultModel, context: ResultContext, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._context = context
        self._found: ResultReferences | None = None

    @property
    def can_ask(self) -> bool:
        return self._context.catalog is not None and self._context.engine is not None

    def find(self, then: Callable[[ResultReferences], object], failed: Callable[[KeeperDBError], object]) -> None:
        """Call `then` with what is known of the keys, at once if it was asked for before."""
        catalog = self._context.catalog
        if self._found is not None or catalog is None:
            then(self._found or ResultReferences())
            return
        result = self._model.result

        def done(found: ResultReferences) -> None:
            self._found = found
            then(found)

        catalog.run(
            lambda session, task: find_references(session, result, task),
            done=done,
            failed=lambda error: _call(failed, error),
            cancelled=lambda: None,
        )

    def read_rows(
        self,
        reference: Reference,
        place: int,
        then: Callable[[ResultSet | None], object],
        failed: Callable[[KeeperDBError], object],
    ) -> None:
        """Read the rows that `reference` means for the row at `place`; None where one of its values is NULL."""
        catalog, engine, shown = self._context.catalog, self._context.engine, self._model.shown
        if catalog is None or engine is None:
            return
        row = shown.row(place)
        statement = rows_statement(engine, reference, shown.result, row, self._model.columns)
        if statement is None:
            then(None)
            return
        catalog.run(
            lambda session, task: _read(session, statement, task),
            done=lambda result: _call(then, result),
            failed=lambda error: _call(failed, error),
            cancelled=lambda: None,
        )


def _read(session: Session, statement: str, task: Task) -> ResultSet:
    """The first rows; the rest is given up, because the session is needed for other things."""
    result = session.execute(statement, task, confirmed=True)[-1]
    result.fetch(MOST_ROWS, task)
    result.close()
    return result


def _call(callback: Callable[..., object], value: object) -> None:
    callback(value)
