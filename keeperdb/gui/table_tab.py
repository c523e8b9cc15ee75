"""One tab with the rows of a table: pages, a filter and sorting by the server, and editing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QApplication, QBoxLayout, QWidget

from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.data.edit_targets import table_targets
from keeperdb.data.edits import Committed
from keeperdb.data.keys import best_key, verify_virtual_key
from keeperdb.data.paging import ColumnOrder, PageRequest, is_sortable, order_from
from keeperdb.data.row_filters import RowFilter
from keeperdb.data.staged import RowKey, StagedChanges
from keeperdb.data.table_rows import TablePage, first_page, last_page, next_page, previous_page, read_page
from keeperdb.data.table_state import TableState
from keeperdb.engines.base import Engine
from keeperdb.errors import KeeperDBError
from keeperdb.gui.actions import make_action
from keeperdb.gui.filter_builder import FilterBuilder
from keeperdb.gui.key_chooser import KeyChooser
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.page_bar import PageBar
from keeperdb.gui.query_session import SessionOpener
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.row_editing import RowEditing
from keeperdb.gui.runner import Runner
from keeperdb.gui.staged_bar import StagedBar
from keeperdb.query.arranging import Arrangement, SortKey
from keeperdb.query.session import Session
from keeperdb.query.table_shape import KeyKind, TableKey, TableShape, describe_table
from keeperdb.settings import Settings
from keeperdb.task import Task


@dataclass(frozen=True, slots=True)
class _Read:
    """What one reading found."""

    shape: TableShape
    key: TableKey | None
    page: TablePage


class TableTab(QueryTab):
    """A SQL tab without its editor, whose one result is a page of the table at `path`.

    Its session commits by itself: what is staged is committed in a transaction of its own.
    """

    def __init__(
        self,
        runner: Runner,
        settings: Settings,
        profile: ConnectionProfile,
        engine: Engine,
        opener: SessionOpener,
        path: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        self.path = tuple(path)
        self._page: TablePage | None = None
        self._shape: TableShape | None = None
        self._key: TableKey | None = None
        self._order: tuple[ColumnOrder, ...] = ()
        self._filter = RowFilter()
        self._is_reading = False
        self._new_row: RowKey | None = None  # of a row that was just committed
        self.changes: StagedChanges | None = None  # what is staged, whatever page is shown
        self.editing: RowEditing | None = None
        self.builder: FilterBuilder | None = None
        self.page_bar = PageBar(settings.number("results.page_size"))
        super().__init__(runner, settings, profile, engine, opener, path[-1], parent)
        self._runner = runner
        self._size = settings.number("results.page_size")
        self.session.commit_mode = CommitMode.AUTO
        self._become_table()

    @property
    def staged_count(self) -> int:
        """How many rows have staged changes."""
        return len(self.changes) if self.changes is not None else 0

    @property
    def is_running(self) -> bool:
        return self._is_reading

    @property
    def would_lose_work(self) -> bool:
        """Reading a page again costs nothing."""
        is_writing = self.editing is not None and self.editing.committing.is_active
        return is_writing or self.fetching.is_exporting

    @property
    def has_unsaved_text(self) -> bool:
        return False

    def save_itself(self) -> bool:
        """Save commits what is staged; there is no SQL to be written to a file."""
        if self.editing is not None:
            self.editing.commit()
        return True

    def discard_staged(self) -> None:
        if self.changes is not None:
            self.changes.discard()

    def load(self) -> None:
        """Read the first page."""
        self._read(None)

    def refresh(self) -> None:
        """Read the same page again; what is staged stays."""
        page = self._page
        if page is None:
            self._read(None)
        elif (page.request.order, page.request.filter) == (self._order, self._filter):
            self._read(page.request, anew=True)
        else:  # sorted or filtered otherwise, and that could not be read
            self._start_over()

    def run_all(self) -> None:
        """F5."""
        self.refresh()

    def run_statement(self) -> None:
        self.refresh()

    def cancel(self) -> None:
        """Stop reading."""
        if self._is_reading:
            self.session.cancel()
        else:
            self.fetching.stop()

    def go(self, turn: Callable[[TablePage], PageRequest]) -> None:
        """Read the page that `turn` makes of the one that is shown."""
        if self._page is not None:
            self._read(turn(self._page))

    def choose_key(self) -> None:
        """Ask for the columns that name a row, and count."""
        if self._shape is not None:
            chooser = KeyChooser(self.window(), self._shape)
            chooser.chosen.connect(self._verify)
            chooser.open()

    def open_builder(self, column: str = "") -> None:
        """Show the filter with the cursor in it; its first line begins with the column that was looked at."""
        if self.builder is None or self._shape is None:
            return
        if not column and not self.builder.lines:
            column = self._shape.columns[min(self._cursor()[1], len(self._shape.columns) - 1)].name
        self.builder.open(column)

    def set_filter(self, chosen: RowFilter) -> None:
        """Read the first page of the rows that meet it; what is staged stays."""
        if chosen != self._filter:
            self._filter = chosen
            self._start_over()

    def sort(self, column: int, adds: bool) -> None:
        """By the server, as a click on a head says."""
        if self._shape is None:
            return
        described = self._shape.columns[column]
        if not is_sortable(self._engine, described):
            show_notice(self, f"The server has no order for {described.type_name} that pages can go by.", seconds=6)
            return
        names = [each.name for each in self._shape.columns]
        self._order = tuple(order_from(names, self._order, described.name, adds=adds))
        self._start_over()

    def set_page_size(self, rows: int) -> None:
        self._size = rows
        self.page_bar.show_size(rows)
        if self._page is not None:
            self._read(replace(self._page.request, size=rows))

    def state(self) -> TableState:
        """What the journal keeps of this tab."""
        return TableState(self.path, self._size, self._order, self._filter, self.changes)

    def restore(self, state: TableState) -> None:
        """Take up what was kept, without reading anything: that is done by Refresh, or when the person goes on."""
        self._order, self._filter, self.changes = state.order, state.filter, state.staged
        self._size = state.size
        self.page_bar.show_size(state.size)
        count = self.staged_count
        rows = "1 row has" if count == 1 else f"{count:,} rows have"
        kept = f"{rows} staged changes from before; they are kept. " if count else ""
        self.results.lost_strip.show_text(
            "The rows were not read again.", f"{kept}Refresh (F5) connects and reads them."
        )
        self.changed.emit()

    def _start_over(self) -> None:
        if self._page is not None:
            self._read(first_page(replace(self._page.request, order=self._order, filter=self._filter)))

    def _read(self, request: PageRequest | None, *, anew: bool = False) -> None:
        """`anew` asks the server what the table is made of, which may have changed."""
        if self._is_reading or (self.editing is not None and self.editing.committing.is_active):
            return
        self._is_reading = True
        self.results.error_strip.hide()
        self.results.lost_strip.hide()
        path, size, key, shape = self.path, self._size, self._key, None if anew else self._shape
        order, chosen_filter = self._order, self._filter
        wanted = self.changes.key_columns if self.changes is not None and len(self.changes) else ()

        def operation(session: Session, task: Task) -> _Read:
            known = shape or describe_table(session, path, task)
            chosen = _key_of(session, known, key, wanted, task)
            start = request or PageRequest(known, chosen, size, order, chosen_filter)
            asked = replace(start, shape=known, key=chosen)
            return _Read(known, chosen, read_page(session, asked, task))

        self.session.run(operation, done=self._show, failed=self._failed, cancelled=self._reading_ended)
        self._show_place()
        self.changed.emit()

    def _show(self, read: _Read) -> None:
        self._reading_ended()
        is_same = self._page is not None and _place_of(self._page.request) == _place_of(read.page.request)
        row, column, top = self._cursor() if is_same else (0, self._cursor()[1], 0)
        self._shape, self._key, self._page = read.shape, read.key, read.page
        self._order, self._filter = read.page.request.order, read.page.request.filter
        if self.builder is None:
            self._add_builder(read.shape)
        place = self.results.current.grid.horizontalScrollBar().value() if self.results.current is not None else 0
        focus = QApplication.focusWidget()
        had_focus = focus is None or focus is self or self.results.isAncestorOf(focus)
        self.results.clear()
        view = self.results.add_result(read.page.result, self.title)
        if view is None:
            return
        self._edit(view, read)
        self._sort_on_server(view)
        view.grid.horizontalScrollBar().setValue(place)
        if had_focus and self.isVisible():
            view.grid.setFocus()
        self._go_back(view, row, column, top)
        self._show_place()
        self.changed.emit()

    def _cursor(self) -> tuple[int, int, int]:
        """The current row and column, and how far down is scrolled."""
        view = self.results.current
        if view is None:
            return 0, 0, 0
        index = view.grid.currentIndex()
        return max(index.row(), 0), max(index.column(), 0), view.grid.verticalScrollBar().value()

    def _go_back(self, view: ResultView, row: int, column: int, top: int) -> None:
        """Where the cursor was, or to the row that was added."""
        rows, columns = view.model.rowCount(), view.model.columnCount()
        if rows and columns:
            view.grid.verticalScrollBar().setValue(top)
            view.grid.setCurrentIndex(view.model.index(min(row, rows - 1), min(column, columns - 1)))
        added, self._new_row = self._new_row, None
        if added is not None and self.editing is not None and self.editing.editing.can_insert:
            self.editing.go_to_ref(0, added)

    def _committed(self, done: Committed) -> None:
        self._new_row = next(iter(done.keys.values()), None)
        self.refresh()

    def _reconnect(self) -> None:
        """The button of the strip that says so: rows are read again, nothing is written."""
        self.refresh()

    def _edit(self, view: ResultView, read: _Read) -> None:
        read_only = self._profile.read_only
        rows = table_targets(self._engine, read.shape, read.key, self.changes, read_only=read_only)
        self.changes = rows.stagings[0].changes if rows.stagings else self.changes
        bar = StagedBar(view)
        put_on_top(view, bar)
        self.editing = RowEditing(view.grid, view.model, rows, bar, self.session, self._runner, view)
        self.editing.committed.connect(self._committed)
        self.editing.conflict_solved.connect(self.refresh)
        self.editing.changed.connect(self.changed)
        self.editing.committing.ran.connect(self.commit_ran)
        needs_key = read.key is None and not read.shape.locked and not read_only
        self.page_bar.show_table(read.shape.row_estimate, rows.locked, can_insert=rows.can_insert, needs_key=needs_key)

    def _sort_on_server(self, view: ResultView) -> None:
        view.grid.sort_requested.disconnect(view.arranging.press)
        view.grid.sort_requested.connect(self.sort)
        view.grew.connect(lambda: self._show_order(view))
        view.arranging.changed.connect(lambda: self._show_order(view))
        self._show_order(view)

    def _show_order(self, view: ResultView) -> None:
        """The arrows of what the server sorts by, and whether pages follow."""
        if self._shape is None or self._page is None:
            return
        names = [column.name for column in self._shape.columns]
        keys = tuple(SortKey(names.index(each.column), descending=each.descending) for each in self._order)
        local = view.arranging.wanted
        view.grid.show_keys(Arrangement(keys, local.filter))
        view.more_label.setText("More rows follow" if self._page.has_after else "The last rows")

    def _failed(self, error: KeeperDBError) -> None:
        self._reading_ended()
        self._show_error(error)
        self._show_place()

    def _reading_ended(self) -> None:
        self._is_reading = False
        self._show_place()
        self.changed.emit()

    def _show_place(self) -> None:
        page = self._page
        has_key = page is not None and page.request.is_by_key
        self.page_bar.show_place(
            has_before=page is not None and page.has_before,
            has_after=page is not None and page.has_after,
            is_busy=self._is_reading,
        )
        self.page_bar.last.setVisible(has_key)

    def _verify(self, names: Sequence[str]) -> None:
        """Count, in the background; then the table can be edited."""
        shape = self._shape
        if shape is None or self._is_reading:
            return

        def operation(session: Session, task: Task) -> TableKey:
            return verify_virtual_key(session, shape, names, task)

        def done(key: TableKey) -> None:
            self._key = key
            show_notice(self, f"{', '.join(key.columns)} names each row; rows can be edited now.", "success")
            self._page = None
            self._read(None)

        self.session.run(operation, done=done, failed=lambda error: _tell(self.window(), error), cancelled=lambda: None)

    def _add_builder(self, shape: TableShape) -> None:
        self.builder = FilterBuilder(shape, self._engine.dialect, self)
        self.builder.hide()
        self.builder.applied.connect(self.set_filter)
        self.builder.closed.connect(self.results.focus_results)
        _put_before(self, self.builder, self.splitter)

    def _become_table(self) -> None:
        self.editor.hide()
        self.bar.hide()
        self.results.edit_button.hide()
        self.setFocusProxy(self.results)
        _put_before(self, self.page_bar, self.splitter)
        acts: dict[str, Callable[[], object]] = {
            "data.refresh": self.refresh,
            "data.filter": self.open_builder,
            "data.first_page": lambda: self.go(lambda page: first_page(page.request)),
            "data.previous_page": lambda: self.go(previous_page),
            "data.next_page": lambda: self.go(next_page),
            "data.last_page": lambda: self.go(lambda page: last_page(page.request)),
            "data.choose_key": self.choose_key,
        }
        for name, act in acts.items():
            make_action(name, self, act)
        acts["data.add_row"] = lambda: self.editing.add_row() if self.editing is not None else None
        acts["data.delete_rows"] = lambda: self.editing.delete_rows() if self.editing is not None else None
        self.page_bar.asked.connect(lambda name: acts[name]())
        self.page_bar.size_chosen.connect(self.set_page_size)


def _key_of(
    session: Session, shape: TableShape, key: TableKey | None, wanted: Sequence[str], task: Task
) -> TableKey | None:
    """The key by which rows are staged already, if the table still has it; else its best, or the one chosen before."""
    names = tuple(wanted or (key.columns if key is not None else ()))
    found = next((each for each in shape.keys if each.columns == names), None)
    if found is not None or not names:
        return found or best_key(shape)
    if key is not None and key.columns == names and key.kind is KeyKind.VIRTUAL:
        return key
    return verify_virtual_key(session, shape, names, task) if wanted else best_key(shape)


def _place_of(request: PageRequest) -> object:
    """Equal for readings of the same page."""
    return (request.order, request.filter, request.size, request.after, request.offset, request.is_by_key)


def put_on_top(holder: QWidget, widget: QWidget) -> None:
    """Above everything else in a column."""
    column = holder.layout()
    if isinstance(column, QBoxLayout):
        column.insertWidget(0, widget)


def _put_before(holder: QWidget, widget: QWidget, follower: QWidget) -> None:
    column = holder.layout()
    if isinstance(column, QBoxLayout):
        column.insertWidget(column.indexOf(follower), widget)


def _tell(window: QWidget, error: KeeperDBError) -> None:
    show_error(window, error)
