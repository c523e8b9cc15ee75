"""The SQL tabs of one connection: in one pane, in several beside and under each other, or in windows of their own."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.empty_tabs import EmptyTabs
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.gui.tab_drag import Place
from keeperdb.gui.tab_pane import TabPane


class QueryTabs(QWidget):
    """One list of tabs over all panes; numbers count through them. The active pane is the one that had the focus last.

    `changed` follows every change of the current tab; `close_requested(tab)` asks; `menu_requested(place)` for the
    current tab.
    """

    changed = Signal()
    close_requested = Signal(object)
    new_requested = Signal()
    menu_requested = Signal(object)
    detach_requested = Signal()  # of the current tab
    emptied = Signal(object)  # a pane of another window, which has no tab left

    def __init__(self, profile: ConnectionProfile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._splitter = _splitter(Qt.Orientation.Horizontal)  # of columns, each a splitter of panes
        self._outside: list[TabPane] = []  # of other windows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._splitter)
        self._empty = EmptyTabs()
        self._pages.addWidget(self._empty)
        column.addWidget(self._pages)
        self._active = self._add_column(0)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow_focus)

    @property
    def inside(self) -> list[TabPane]:
        """The panes of this window, column by column."""
        return [pane for column in self.columns for pane in column]

    @property
    def columns(self) -> list[list[TabPane]]:
        """The columns of panes of this window from left to right, each from top to bottom."""
        return [[pane for pane in _parts(column) if isinstance(pane, TabPane)] for column in _parts(self._splitter)]

    @property
    def panes(self) -> list[TabPane]:
        return [*self.inside, *self._outside]

    @property
    def active(self) -> TabPane:
        return self._active

    @property
    def tabs(self) -> list[QueryTab]:
        return [tab for pane in self.panes for tab in pane.tabs]

    @property
    def pages(self) -> list[QueryTab | RestoredPage]:
        """All tabs, with those that were open before and were not looked at since."""
        return [page for pane in self.panes for page in pane.pages]

    def places(self) -> list[tuple[QueryTab | RestoredPage, tuple[int, int]]]:
        """All tabs in order with the column and the row of their panes; windows of their own count as the first."""
        columns = enumerate(self.columns)
        panes = [(pane, (number, row)) for number, column in columns for row, pane in enumerate(column)]
        panes += [(pane, (0, 0)) for pane in self._outside]
        return [(page, place) for pane, place in panes for page in pane.pages]

    @property
    def current(self) -> QueryTab | None:
        return self._active.current

    @property
    def current_page(self) -> QueryTab | RestoredPage | None:
        """The current tab, or the place of one that was not opened yet."""
        page = self._active.currentWidget()
        return page if isinstance(page, QueryTab | RestoredPage) else None

    def count(self) -> int:
        return sum(pane.count() for pane in self.panes)

    def tabBar(self) -> QTabBar:
        """That of the active pane."""
        return self._active.tabBar()

    def tabText(self, number: int) -> str:
        tab = self.tabs[number]
        pane = self.pane_of(tab)
        return pane.tabText(pane.indexOf(tab)) if pane is not None else ""

    def currentIndex(self) -> int:
        return self.tabs.index(self.current) if self.current is not None else -1

    def pane_of(self, tab: QueryTab) -> TabPane | None:
        """The pane that a tab is in; None once it was removed."""
        return next((pane for pane in self.panes if pane.indexOf(tab) >= 0), None)

    def add(self, tab: QueryTab, pane: TabPane | None = None) -> None:
        """Add a tab to a pane or the active one, and go to it; it leaves the pane that it was in."""
        before, target = self.pane_of(tab), pane or self._active
        if before is not None:
            before.take(tab)
        target.add(tab)
        self._activate(target)
        tab.setFocus()
        if before is not None:
            self._tidy(before)

    def remove(self, tab: QueryTab) -> bool:
        """Take a tab out, which is not deleted; say whether it was there."""
        pane = self.pane_of(tab)
        if pane is not None:
            pane.take(tab)
            self._tidy(pane)
        return pane is not None

    def add_restored(self, pages: Sequence[RestoredPage], current: RestoredPage) -> None:
        """Add the places of tabs that were open before to the active pane, and go to one of them."""
        self._active.add_restored(pages, current)
        self._activate(self._active)

    def has_page(self, page: RestoredPage) -> bool:
        return any(pane.indexOf(page) >= 0 for pane in self.panes)

    def replace(self, page: RestoredPage, tab: QueryTab) -> None:
        """Put a tab in the place that was kept for it."""
        for pane in self.panes:
            if pane.indexOf(page) >= 0:
                pane.replace(page, tab)
                if pane is self._active and pane.current is tab:
                    tab.setFocus()
                self.changed.emit()

    def remove_page(self, page: RestoredPage) -> bool:
        """Take the place of a tab out, which is not deleted; say whether it was there."""
        pane = next((pane for pane in self.panes if pane.indexOf(page) >= 0), None)
        if pane is not None:
            pane.removeTab(pane.indexOf(page))
            self._tidy(pane)
            self.changed.emit()
        return pane is not None

    def go_to_page(self, page: RestoredPage) -> None:
        """Go to a tab that was not opened yet, which opens it."""
        pane = next((pane for pane in self.panes if pane.indexOf(page) >= 0), None)
        if pane is not None:
            pane.setCurrentWidget(page)
            self._activate(pane)

    def go_to(self, tab: QueryTab) -> None:
        """Make a tab the current one, and bring its window to the front."""
        pane = self.pane_of(tab)
        if pane is not None:
            pane.setCurrentWidget(tab)
            self._activate(pane)
            pane.window().raise_()
            pane.window().activateWindow()
            tab.setFocus()

    def step(self, by: int) -> None:
        """Go to the next or the previous tab of the active pane, around the end."""
        if self._active.count():
            self._active.setCurrentIndex((self._active.currentIndex() + by) % self._active.count())

    def split(self, *, is_below: bool = False) -> TabPane:
        """Make a pane at the right of the active one, or under it; of the last where that is in another window."""
        beside = self._active if self._active in self.inside else self.inside[-1]
        number = next(number for number, column in enumerate(self.columns) if beside in column)
        column = self._splitter.widget(number)
        if is_below and isinstance(column, QSplitter):
            pane = self._make_pane()
            _insert(column, column.indexOf(beside) + 1, pane)
        else:
            pane = self._add_column(number + 1)
        self._activate(pane)
        return pane

    def other_pane(self) -> TabPane | None:
        """The pane at the right of the active one, or the first after the last; None if there is only one."""
        inside = self.inside
        if self._active not in inside:
            return inside[0]
        return inside[(inside.index(self._active) + 1) % len(inside)] if len(inside) > 1 else None

    def add_outside(self) -> TabPane:
        """Make a pane for another window."""
        pane = self._make_pane()
        self._outside.append(pane)
        return pane

    def take_back(self, pane: TabPane) -> None:
        """Bring the tabs of a pane of another window into this one, and forget the pane."""
        target = self._active if self._active in self.inside else self.inside[0]
        for tab in pane.tabs:
            self.add(tab, target)
        if pane in self._outside:
            self._outside.remove(pane)

    def _add_column(self, number: int) -> TabPane:
        pane, column = self._make_pane(), _splitter(Qt.Orientation.Vertical)
        column.addWidget(pane)
        _insert(self._splitter, number, column)
        return pane

    def _make_pane(self) -> TabPane:
        pane = TabPane(self._profile)
        pane.close_requested.connect(self.close_requested)
        pane.new_requested.connect(lambda: self._ask_for_new(pane))
        pane.menu_requested.connect(self.menu_requested)
        pane.title_changed.connect(self._follow_title)
        pane.dropped.connect(lambda tab, place: self._drop(tab, pane, place))
        pane.dragged_out.connect(lambda: self._ask_to_detach(pane))
        pane.currentChanged.connect(lambda _: self._activate(pane))
        pane.tabBarClicked.connect(lambda _: self._activate(pane))
        return pane

    def _drop(self, tab: QueryTab, pane: TabPane, place: Place) -> None:
        """A tab was let go over a pane. One of another window's connection stays there."""
        is_alone = pane.indexOf(tab) >= 0 and pane.count() == 1
        if self.pane_of(tab) is None or (pane.indexOf(tab) >= 0 and (is_alone or place is Place.INSIDE)):
            return
        self._activate(pane)
        can_split = place is not Place.INSIDE and pane in self.inside
        self.add(tab, self.split(is_below=place is Place.BELOW) if can_split else pane)

    def _ask_to_detach(self, pane: TabPane) -> None:
        if pane in self.inside or pane.count() > 1:
            self._activate(pane)
            self.detach_requested.emit()

    def _ask_for_new(self, pane: TabPane) -> None:
        self._activate(pane)
        self.new_requested.emit()

    def _tidy(self, pane: TabPane) -> None:
        """A pane without tabs goes, unless it is the only one of the window."""
        if pane.count():
            return
        if pane in self._outside:
            self._outside.remove(pane)
            self._leave(pane)
            self.emptied.emit(pane)
        elif len(self.inside) > 1:
            column = pane.parentWidget()
            pane.setParent(None)
            if isinstance(column, QSplitter) and not column.count():
                column.setParent(None)
                column.deleteLater()
            self._leave(pane)
            pane.deleteLater()

    def _leave(self, pane: TabPane) -> None:
        if self._active is pane:
            self._activate(self.inside[0])

    def _activate(self, pane: TabPane) -> None:
        if pane in self.panes:
            self._active = pane
            for each in self.panes:
                each.set_active(each is pane)
            self._show_empty()
            self.changed.emit()

    def _show_empty(self) -> None:
        is_empty = not any(pane.count() for pane in self.inside)
        if is_empty != (self._pages.currentWidget() is self._empty):
            self._pages.setCurrentWidget(self._empty if is_empty else self._splitter)
            if is_empty and self.window().isActiveWindow():
                self._empty.setFocus()

    def _follow_title(self, tab: QueryTab) -> None:
        if tab is self.current:
            self.changed.emit()

    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        pane = next((pane for pane in self.panes if now is not None and pane.isAncestorOf(now)), None)
        if pane is not None and pane is not self._active:
            self._activate(pane)


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    return splitter


def _parts(splitter: QWidget | None) -> list[QWidget | None]:
    return [splitter.widget(number) for number in range(splitter.count())] if isinstance(splitter, QSplitter) else []


def _insert(splitter: QSplitter, number: int, widget: QWidget) -> None:
    """Give `widget` half of what the one before it has."""
    sizes = splitter.sizes()
    splitter.insertWidget(number, widget)
    if number:
        half = sizes[number - 1] // 2 or 1  # nothing has a size before the window is seen
        splitter.setSizes([*sizes[: number - 1], half, half, *sizes[number:]])
