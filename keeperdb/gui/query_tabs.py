"""The row of SQL tabs of one connection, with its environment's stripe."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QToolButton, QWidget

from keeperdb.connections.profile import Environment
from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.icons import icon, set_icon
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.tokens import environment_color

_STRIPE = 3
_TITLE_CHARACTERS = 28


class StripedTabBar(QTabBar):
    """Tabs with a stripe in the environment's colour along their upper edge; a middle click closes."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment = environment
        self.setAccessibleName("SQL tabs")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        fill = environment_color(self._environment)
        if fill is None:
            return
        painter = QPainter(self)
        for index in range(self.count()):
            place = self.tabRect(index)
            painter.fillRect(QRect(place.left() + 1, place.top(), place.width() - 2, _STRIPE), fill)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.tabCloseRequested.emit(index)
        else:
            super().mouseReleaseEvent(event)


class QueryTabs(QTabWidget):
    """Holds `QueryTab`s. `changed` follows every change of the current tab; `close_requested(tab)` asks."""

    changed = Signal()
    close_requested = Signal(object)
    new_requested = Signal()

    def __init__(self, environment: Environment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabBar(StripedTabBar(environment))
        self.setTabsClosable(True)
        self.setMovable(True)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        button = QToolButton()
        set_icon(button, "plus")
        button.setAccessibleName("New tab")
        button.setToolTip("New tab (Ctrl+T)")
        button.clicked.connect(self.new_requested)
        self.setCornerWidget(button, Qt.Corner.TopRightCorner)
        self.tabCloseRequested.connect(lambda index: self.close_requested.emit(self.widget(index)))
        self.currentChanged.connect(lambda _: self.changed.emit())

    @property
    def tabs(self) -> list[QueryTab]:
        pages = (self.widget(index) for index in range(self.count()))
        return [page for page in pages if isinstance(page, QueryTab)]

    @property
    def current(self) -> QueryTab | None:
        page = self.currentWidget()
        return page if isinstance(page, QueryTab) else None

    def add(self, tab: QueryTab) -> None:
        """Add a tab behind the last, and go to it."""
        index = self.addTab(tab, "")
        tab.changed.connect(lambda: self._show_title(tab))
        self._show_title(tab)
        self.setCurrentIndex(index)
        tab.editor.setFocus()

    def step(self, by: int) -> None:
        """Go to the next or the previous tab, around the end."""
        if self.count():
            self.setCurrentIndex((self.currentIndex() + by) % self.count())

    def _show_title(self, tab: QueryTab) -> None:
        index = self.indexOf(tab)
        if index < 0:
            return
        title = one_line(tab.title)
        marked = f"● {title}" if tab.session.in_transaction else title
        text = elide_middle(marked, _TITLE_CHARACTERS).replace("&", "&&")
        if text != self.tabText(index):
            self.setTabText(index, text)
        state = "running" if tab.is_running else "transaction open" if tab.session.in_transaction else ""
        self.setTabToolTip(index, tooltip("\n".join(part for part in (title, tab.file_path, state) if part)))
        self.setTabIcon(index, icon("clock", "accent") if tab.is_running else QIcon())
        if tab is self.current:
            self.changed.emit()
