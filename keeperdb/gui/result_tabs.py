"""The tabs of results: each can be pinned, renamed, detached into a window, and closed."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QIcon, QMouseEvent
from PySide6.QtWidgets import QInputDialog, QMenu, QTabBar, QTabWidget, QWidget

from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.icons import icon
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.result_window import ResultWindow
from keeperdb.gui.runner import Runner

_TITLE_CHARACTERS = 32


@dataclass(slots=True)
class _Shown:
    """A result, what it is called, and whether it stays when statements are run again."""

    view: ResultView
    title: str
    is_pinned: bool = False
    window: ResultWindow | None = None


class ResultTabBar(QTabBar):
    """A middle click closes, a double click renames."""

    close_pressed = Signal(int)
    rename_pressed = Signal(int)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.close_pressed.emit(index)
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.rename_pressed.emit(index)
        else:
            super().mouseDoubleClickEvent(event)


class ResultTabs(QTabWidget):
    """`menu_requested(view, point on the screen)` follows a right click; `closed(view)` comes before a view goes.

    `export_requested(view)` comes from a window that a result was detached into.
    """

    menu_requested = Signal(object, QPoint)
    closed = Signal(object)
    export_requested = Signal(object)

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._shown: list[_Shown] = []
        bar = ResultTabBar()
        bar.setAccessibleName("Results")
        self.setTabBar(bar)
        self.setDocumentMode(True)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        bar.customContextMenuRequested.connect(self._ask_menu)
        self.keeper: Callable[[ResultView, Callable[[], None]], bool] | None = None  # True if it asks
        bar.close_pressed.connect(lambda index: self._on_view(index, self.ask_close))
        bar.rename_pressed.connect(lambda index: self._on_view(index, self.ask_name))

    @property
    def views(self) -> list[ResultView]:
        """All results, those in the tabs in their order and then those in windows."""
        in_tabs = [page for page in map(self.widget, range(self.count())) if isinstance(page, ResultView)]
        return [*in_tabs, *(each.view for each in self._shown if each.window is not None)]

    @property
    def passing_views(self) -> list[ResultView]:
        """The results that the next run takes away."""
        return [view for view in self.views if not self.is_kept(view)]

    @property
    def current_view(self) -> ResultView | None:
        page = self.currentWidget()
        return page if isinstance(page, ResultView) else None

    def add_view(self, view: ResultView, title: str) -> None:
        """Put a result behind the others, before the messages."""
        self._shown.append(_Shown(view, title))
        self._insert(self._shown[-1])

    def title(self, view: ResultView) -> str:
        """What a result is called, in full."""
        found = self._of(view)
        return found.title if found is not None else ""

    def is_kept(self, view: ResultView) -> bool:
        """Whether a result stays when statements are run again: it is pinned, or in a window of its own."""
        found = self._of(view)
        return found is not None and (found.is_pinned or found.window is not None)

    def toggle_pin(self, view: ResultView) -> None:
        """Keep a result when statements are run again, or no longer."""
        found = self._of(view)
        if found is not None:
            found.is_pinned = not found.is_pinned
            self._show_title(found)

    def rename(self, view: ResultView, title: str) -> None:
        """Call a result otherwise; an empty name changes nothing."""
        found = self._of(view)
        if found is not None and title.strip():
            found.title = one_line(title.strip())
            self._show_title(found)

    def ask_name(self, view: ResultView) -> None:
        """Ask for another name."""
        title, accepted = QInputDialog.getText(self, "Rename result", "Name", text=self.title(view))
        if accepted:
            self.rename(view, title)

    def detach(self, view: ResultView) -> None:
        """Show a result in a window of its own."""
        found = self._of(view)
        if found is None or found.window is not None:
            return
        self.removeTab(self.indexOf(view))
        window = ResultWindow(view, found.title, self._runner, self)
        window.keeper = self.keeper
        window.closed.connect(self.close_view)
        window.attach_requested.connect(self.attach)
        window.export_requested.connect(self.export_requested)
        found.window = window
        window.show()

    def attach(self, view: ResultView) -> None:
        """Take a result back from its window; it is pinned then, for it was to stay."""
        found = self._of(view)
        if found is not None and found.window is not None:
            found.window, found.is_pinned = None, True
            self._insert(found)
            self.setCurrentWidget(view)

    def ask_close(self, view: ResultView) -> None:
        """Take a result away when the person wants that, unless `keeper` asks about its staged changes first."""
        if self.keeper is None or not self.keeper(view, lambda: self.close_view(view)):
            self.close_view(view)

    def close_view(self, view: ResultView) -> None:
        """Take a result away."""
        found = self._of(view)
        if found is None:
            return
        self.closed.emit(view)
        self._shown.remove(found)
        view.set_fetching(False)
        if self.indexOf(view) >= 0:
            self.removeTab(self.indexOf(view))
        view.deleteLater()

    def close_passing(self) -> None:
        """Take away what the next run replaces."""
        for view in self.passing_views:
            self.close_view(view)

    def _of(self, view: ResultView) -> _Shown | None:
        return next((each for each in self._shown if each.view is view), None)

    def _insert(self, shown: _Shown) -> None:
        place = sum(1 for index in range(self.count()) if isinstance(self.widget(index), ResultView))
        self.insertTab(place, shown.view, "")
        self._show_title(shown)

    def _show_title(self, shown: _Shown) -> None:
        index = self.indexOf(shown.view)
        if index >= 0:
            self.setTabText(index, elide_middle(shown.title, _TITLE_CHARACTERS).replace("&", "&&"))
            state = "\nPinned: it stays when statements are run again" if shown.is_pinned else ""
            self.setTabToolTip(index, tooltip(f"{shown.title}{state}"))
            self.setTabIcon(index, icon("pin", "accent") if shown.is_pinned else QIcon())
        elif shown.window is not None:
            shown.window.setWindowTitle(f"{one_line(shown.title)} — KeeperDB")

    def _on_view(self, index: int, act: Callable[[ResultView], None]) -> None:
        page = self.widget(index)
        if isinstance(page, ResultView):
            act(page)

    def _ask_menu(self, point: QPoint) -> None:
        page = self.widget(self.tabBar().tabAt(point))
        if isinstance(page, ResultView):
            self.setCurrentWidget(page)
            self.menu_requested.emit(page, self.tabBar().mapToGlobal(point))


def open_tab_menu(owner: QWidget, place: QPoint, names: tuple[str, ...]) -> None:
    """The actions of `owner` with these names, at a point of the screen."""
    actions = {action.objectName(): action for action in owner.actions()}
    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addActions([actions[name] for name in names if name in actions])
    menu.popup(place)
