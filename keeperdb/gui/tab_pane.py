"""One row of SQL tabs of one connection, with its colour; a window can have several beside each other."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QToolButton, QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.actions import describe_button
from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.icons import icon, set_icon
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.gui.tab_drag import TabDrag, TabDrop
from keeperdb.gui.tokens import color, environment_color

_STRIPE = 3
_UNDERLINE = 2  # as the style sheet has it
_TITLE_CHARACTERS = 28
_NARROWEST = 128  # pixels of a tab


class StripedTabBar(QTabBar):
    """Tabs with a stripe in the connection's colour along their upper edge; a middle click closes."""

    def __init__(self, profile: ConnectionProfile) -> None:
        super().__init__()
        self._profile = profile
        self._is_active = True
        self.setAccessibleName("SQL tabs")

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Wide enough for a title to be told from others: where there is no room for all, they scroll."""
        wanted = self.tabSizeHint(index)
        return QSize(min(wanted.width(), _NARROWEST), wanted.height())

    def set_active(self, is_active: bool) -> None:
        """Whether commands act on this row of tabs; its current tab is underlined in the accent's colour only then."""
        if is_active != self._is_active:
            self._is_active = is_active
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if fill := connection_color(self._profile):
            for index in range(self.count()):
                place = self.tabRect(index)
                painter.fillRect(QRect(place.left() + 1, place.top(), place.width() - 2, _STRIPE), fill)
        if not self._is_active:
            place = self.tabRect(self.currentIndex())
            painter.fillRect(place.adjusted(0, place.height() - _UNDERLINE, 0, 0), color("border-strong"))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.tabCloseRequested.emit(index)
        else:
            super().mouseReleaseEvent(event)


class TabPane(QTabWidget):
    """Holds `QueryTab`s. `close_requested(tab)` asks; `menu_requested(place)` for the tab that is current then."""

    close_requested = Signal(object)
    new_requested = Signal()
    title_changed = Signal(object)
    menu_requested = Signal(object)
    dropped = Signal(object, object)  # the tab that was let go over this pane, and at which `Place`
    dragged_out = Signal()  # the current tab, out of every window

    def __init__(self, profile: ConnectionProfile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = StripedTabBar(profile)
        self.setTabBar(self._bar)
        self.setTabsClosable(True)
        self.setMovable(True)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        button = QToolButton()
        set_icon(button, "plus")
        describe_button(button, "file.new_tab")
        button.clicked.connect(self.new_requested)
        self.setCornerWidget(button, Qt.Corner.TopRightCorner)
        self.tabBar().setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tabBar().customContextMenuRequested.connect(self._ask_for_menu)
        TabDrag(self._bar, self.dragged_out.emit)
        TabDrop(self, lambda page: isinstance(page, QueryTab), self.dropped.emit)
        self.tabCloseRequested.connect(lambda index: self.close_requested.emit(self.widget(index)))

    @property
    def tabs(self) -> list[QueryTab]:
        pages = (self.widget(index) for index in range(self.count()))
        return [page for page in pages if isinstance(page, QueryTab)]

    @property
    def restored_pages(self) -> list[RestoredPage]:
        """The places of tabs that were open before and were not looked at since."""
        pages = (self.widget(index) for index in range(self.count()))
        return [page for page in pages if isinstance(page, RestoredPage)]

    @property
    def pages(self) -> list[QueryTab | RestoredPage]:
        """Both kinds, from left to right."""
        pages = (self.widget(index) for index in range(self.count()))
        return [page for page in pages if isinstance(page, QueryTab | RestoredPage)]

    @property
    def current(self) -> QueryTab | None:
        page = self.currentWidget()
        return page if isinstance(page, QueryTab) else None

    def add(self, tab: QueryTab) -> None:
        """Add a tab behind the last, and go to it; it leaves the pane that it was in."""
        index = self.addTab(tab, "")
        tab.changed.connect(self._follow)
        self.show_title(tab)
        self.setCurrentIndex(index)

    def add_restored(self, pages: Sequence[RestoredPage], current: RestoredPage) -> None:
        """Add the places of tabs behind the last, and go to one of them."""
        self.blockSignals(True)  # on the way, others would be current
        for page in pages:
            index = self.addTab(page, _shown(page.head.title))
            self.setTabToolTip(index, tooltip(one_line(page.head.title)))
        self.setCurrentWidget(current)
        self.blockSignals(False)

    def replace(self, page: RestoredPage, tab: QueryTab) -> None:
        """Put a tab in the place that was kept for it."""
        index, is_current = self.indexOf(page), self.currentWidget() is page
        self.insertTab(index + 1, tab, "")
        tab.changed.connect(self._follow)
        self.show_title(tab)
        if is_current:
            self.setCurrentWidget(tab)
        self.removeTab(index)

    def set_active(self, is_active: bool) -> None:
        """Whether commands act on this pane."""
        self._bar.set_active(is_active)

    def take(self, tab: QueryTab) -> None:
        """Give a tab up; it is not deleted."""
        tab.changed.disconnect(self._follow)
        self.removeTab(self.indexOf(tab))

    def show_title(self, tab: QueryTab) -> None:
        """Show the title of a tab, and what it is doing."""
        index = self.indexOf(tab)
        title = one_line(tab.title)
        marked = f"● {title}" if tab.session.in_transaction else title
        text = _shown(marked)
        if text != self.tabText(index):
            self.setTabText(index, text)
        state = "running" if tab.is_running else "transaction open" if tab.session.in_transaction else ""
        self.setTabToolTip(index, tooltip("\n".join(part for part in (title, tab.file_path, state) if part)))
        self.setTabIcon(index, icon("clock", "accent") if tab.is_running else QIcon())

    def _follow(self) -> None:
        tab = self.sender()
        if isinstance(tab, QueryTab) and self.indexOf(tab) >= 0:
            self.show_title(tab)
            self.title_changed.emit(tab)

    def _ask_for_menu(self, place: QPoint) -> None:
        index = self.tabBar().tabAt(place)
        if index >= 0:
            self.setCurrentIndex(index)
            self.menu_requested.emit(self.tabBar().mapToGlobal(place))


def _shown(title: str) -> str:
    return elide_middle(one_line(title), _TITLE_CHARACTERS).replace("&", "&&")


def connection_color(profile: ConnectionProfile) -> QColor | None:
    """The colour that a person gave to a connection, or else that of its environment; the word stands elsewhere."""
    own = QColor(profile.color)
    return own if own.isValid() else environment_color(profile.environment)
