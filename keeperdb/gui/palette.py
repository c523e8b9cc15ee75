"""The command palette: type a few letters of an action, an object, a tab, a connection or a setting, and go there."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from keeperdb.gui.notices import plain_label
from keeperdb.gui.palette_list import PaletteList, PaletteModel
from keeperdb.gui.palette_memory import PaletteMemory
from keeperdb.gui.palette_search import Hit, search
from keeperdb.gui.palette_sources import ACTIONS_PREFIX, Source
from keeperdb.gui.runner import Lane, Runner
from keeperdb.gui.search_field import SearchField
from keeperdb.task import Task

_WIDTH = 640
_TOP = 48  # pixels below the upper edge of the window
_MARGIN = 16
_HINT = f"Enter goes there, Escape closes. Begin with {ACTIONS_PREFIX} to find actions only."
_ACTIONS_HINT = f"Enter does it, Escape closes. Without {ACTIONS_PREFIX}: objects, tabs, connections and settings."


class Palette(QFrame):
    """Lies over its window while it is open. Searching goes on in the background, on `lane`."""

    def __init__(
        self,
        window: QWidget,
        sources: Callable[[], Sequence[Source]],
        memory: PaletteMemory,
        runner: Runner,
        lane: Lane,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._sources = sources
        self._memory = memory
        self._runner = runner
        self._lane = lane
        self._task: Task | None = None
        self._number = 0  # of searches
        self.is_searching = False  # what is listed is of a text before
        self._is_entered = False  # Enter was pressed while it was
        self._focus: QWidget | None = None  # what had it before
        self.setProperty("role", "notice")
        self.setAccessibleName("Go to")
        self.field = SearchField("Go to an object, a tab, a connection or a setting")
        self.model = PaletteModel(self)
        self.list = PaletteList(self.model)
        self.said = plain_label(_HINT, "muted")
        self._lay_out()
        self.field.textChanged.connect(self.search)
        self.field.moved.connect(self.list.move_current)
        self.field.entered.connect(lambda _: self._enter())
        self.list.clicked.connect(lambda index: self.choose(index.row()))
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow_focus)
        self.hide()

    def open(self, prefix: str) -> None:
        """Show it with `prefix` typed; once more with the same prefix closes it."""
        if not self.isHidden() and self.field.text() == prefix:
            self.close_and_return()
            return
        if self.isHidden():
            self._focus = self._window.focusWidget()
            for source in self._sources():
                source.prepare()
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.setText(prefix)
        self.search()

    def search(self) -> None:
        """Find what fits the text; what was looked for before is given up."""
        if self._task is not None:
            self._task.cancel()
        self.is_searching, self._is_entered = True, False
        self._number += 1
        number = self._number
        text, recent, sources = self.field.text(), list(self._memory.recent), self._sources()
        self.said.setText(_ACTIONS_HINT if text.startswith(ACTIONS_PREFIX) else _HINT)
        self._task = self._runner.start(
            lambda task: search(sources, text, recent, task),
            owner=self,
            done=lambda hits: self._show(hits) if number == self._number else None,  # it may be of a text before
            lane=self._lane,
        )

    def refresh(self) -> None:
        """Look again, for there is more to be found now."""
        if not self.isHidden():
            for source in self._sources():
                source.prepare()
            self.search()

    def choose(self, row: int) -> None:
        """Go to the hit in a row, if that is possible now."""
        if not 0 <= row < len(self.model.hits):
            return
        entry = self.model.hits[row].entry
        if entry.reason:
            self.said.setText(entry.reason)
            return
        self.close_and_return()
        self._memory.remember(entry.id)
        entry.act()

    def close_and_return(self) -> None:
        """Close; the focus goes back to where it was."""
        if self._task is not None:
            self._task.cancel()
        self.hide()
        if self._focus is not None and self._focus.isVisible():
            self._focus.setFocus()
        self._focus = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window and not self.isHidden():
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_and_return()
        else:
            super().keyPressEvent(event)

    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        """Close when a person went elsewhere in the program."""
        if now is not None and not self.isHidden() and now is not self and not self.isAncestorOf(now):
            self._focus = None
            self.close_and_return()

    def _enter(self) -> None:
        """Choose the current hit; where the list is not up to date yet, the first one once it is."""
        if self.is_searching:
            self._is_entered = True
        else:
            self.choose(self.list.currentIndex().row())

    def _show(self, hits: Sequence[Hit]) -> None:
        if self.isHidden():
            return
        self.is_searching = False
        self.model.show_hits(hits)
        if hits:
            self.list.setCurrentIndex(self.model.index(0, 0))
        else:
            self.said.setText("Nothing matches.")
        if self._is_entered:
            self.choose(0)

    def _place(self) -> None:
        window = self._window
        width = min(_WIDTH, window.width() - 2 * _MARGIN)
        height = min(self.sizeHint().height(), window.height() - _TOP - _MARGIN)
        self.setGeometry(QRect((window.width() - width) // 2, _TOP, width, height))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.said)
