"""The names of one connection's tables and columns, read once in the background by the session that browses it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from keeperdb.engines.base import Node
from keeperdb.errors import KeeperDBError
from keeperdb.gui.query_session import QuerySession, SessionState
from keeperdb.gui.runner import Runner
from keeperdb.query.catalog import Catalog
from keeperdb.query.completion.kept import KeptNames
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.completion.reading import Names, Places, names_below, places
from keeperdb.query.session import Session
from keeperdb.query.table_shape import TableShape, describe_table
from keeperdb.task import Task

T = TypeVar("T")

_WAIT = 400  # milliseconds after the tree was read, so that what the person looks at comes first
_AFTER_CHANGE = 300  # milliseconds that collect several changes of one script
_MOST_WANTED = 80  # tables that wait to be described
_FEW = 60  # tables of the default schemas that are described unasked, so that joins from both sides are known

Path = tuple[str, ...]


class KnownNames(QObject):
    """`index` is what is known; it is replaced as a whole, and shapes are added to it. `changed` follows both.

    Nothing connects for it: with the session lost, what was read before stays.
    """

    changed = Signal()

    def __init__(
        self, runner: Runner, session: QuerySession, catalog: Catalog, parent: QObject, kept: KeptNames | None = None
    ) -> None:
        """`kept` is where the names are found before the session can tell them."""
        super().__init__(parent)
        self._kept = kept
        self._runner = runner
        self.index = NameIndex(is_whole=False)
        self._session = session
        self._catalog = catalog
        self._asked: set[Path] = set()  # tables that were described, or could not be
        self._wanted: list[Path] = []
        self._is_reading = self._is_stale = self._was_read = False
        self._is_describing = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._read)
        session.changed.connect(self._follow_session)

    @property
    def is_reading(self) -> bool:
        """Whether names are on their way."""
        return self._is_reading or self._is_describing or self._timer.isActive()

    def begin(self) -> None:
        """Take what is kept, and read the names from the server soon."""
        self._timer.start(_WAIT)
        kept = self._kept
        if kept is not None:
            self._runner.start(kept.read, owner=self, done=self._take_kept)

    def refresh(self) -> None:
        """Read everything again: tables were made or dropped, or columns changed."""
        self._timer.start(_AFTER_CHANGE)

    def want(self, paths: Iterable[Path]) -> None:
        """Have the columns of these tables read, each once."""
        new = [path for path in paths if path not in self._asked and path not in self._wanted]
        self._wanted = [*new, *self._wanted][:_MOST_WANTED]  # what is asked for now comes first
        self._describe_next()

    def _take_kept(self, index: NameIndex | None) -> None:
        if index is not None and self.index.is_empty:
            self.index = index
            self.changed.emit()

    def _follow_session(self) -> None:
        """A session that is opened later is asked then."""
        if not self._was_read and not self._is_reading and not self._timer.isActive() and self._is_connected():
            self._timer.start(_WAIT)

    def _read(self) -> None:
        if self._is_reading:
            self._is_stale = True  # once more when this reading ends
            return
        if not self._is_connected():
            return
        self._is_reading, self._is_stale, self._was_read = True, False, True
        self._run(lambda session, task: places(session, self._catalog, task), self._read_places)

    def _read_places(self, found: Places) -> None:
        self._read_next(list(found.holders), found, Names())

    def _read_next(self, waiting: list[Node | None], found: Places, names: Names) -> None:
        """One schema after the other, so that what the person asks of the tree comes in between."""
        if not waiting:
            self._end(found, names)
            return
        holder = waiting.pop(0)

        def add(more: Names) -> None:
            names.tables += more.tables
            names.others |= more.others
            if len(found.holders) > 1 and len(waiting) == len(found.holders) - 1 and self.index.is_empty:
                self._index(found, names, is_whole=False)
            self._read_next(waiting, found, names)

        self._run(lambda session, task: names_below(session, self._catalog, holder, task), add)

    def _end(self, found: Places, names: Names) -> None:
        self._is_reading = False
        self._index(found, names, is_whole=True)
        if self._is_stale:
            self._read()

    def _index(self, found: Places, names: Names, *, is_whole: bool) -> None:
        tables: list[TableName] = list(names.tables)
        others, kept = frozenset(names.others), self._kept if is_whole else None

        def make(task: Task) -> NameIndex:
            return NameIndex(tables, found.defaults, others, is_whole=is_whole)

        def taken(index: NameIndex) -> None:
            self._take(index)
            if kept is not None:
                self._runner.start(lambda task: kept.write(index, task), owner=self)

        self._runner.start(make, owner=self, done=taken)

    def _take(self, index: NameIndex) -> None:
        """Shapes are asked for anew, for they may be of before a change."""
        known = {shape.path for shape in self.index.known_shapes()}
        near = [tables for schema in index.defaults if (tables := index.tables_of(schema))]
        is_small = sum(len(tables) for tables in near) <= _FEW
        self.index = index
        self._asked.clear()
        self.changed.emit()
        self.want(
            [
                *(path for path in known if index.find(path) is not None),
                *(each.path for tables in near for each in tables if is_small),
            ]
        )

    def _describe_next(self) -> None:
        if self._is_describing or not self._wanted or not self._is_connected():
            return
        path = self._wanted.pop(0)
        self._asked.add(path)
        self._is_describing = True
        self._session.run(
            lambda session, task: describe_table(session, path, task),
            done=self._described,
            failed=lambda _: self._described(None),
            cancelled=lambda: self._described(None),
        )

    def _described(self, shape: TableShape | None) -> None:
        self._is_describing = False
        if shape is not None:
            self.index.add_shape(shape)
            self.changed.emit()
        self._describe_next()

    def _run(self, operation: Callable[[Session, Task], T], done: Callable[[T], None]) -> None:
        self._session.run(operation, done=done, failed=self._fail, cancelled=lambda: self._fail(None))

    def _fail(self, _: KeeperDBError | None) -> None:
        """What is known stays; nobody asked for it, so nobody is told."""
        self._is_reading = False

    def _is_connected(self) -> bool:
        return self._session.state in (SessionState.READY, SessionState.BUSY)
