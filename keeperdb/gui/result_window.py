"""A result in a window of its own; it stays when statements are run again, and can go back to its tab."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from keeperdb.gui.actions import make_action
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.notices import plain_label
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.runner import Runner
from keeperdb.gui.value_side import ValueSide

_SIZE = (900, 520)


class ResultWindow(QWidget):
    """`closed(view)` follows closing; `attach_requested(view)` the wish to have the result back in its tab;
    `export_requested(view)` the wish to write it to a file.
    """

    closed = Signal(object)
    attach_requested = Signal(object)
    export_requested = Signal(object)

    def __init__(self, view: ResultView, title: str, runner: Runner, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = view
        self._is_attaching = False
        self.keeper: Callable[[ResultView, Callable[[], None]], bool] | None = None  # True if it asks
        self.setWindowTitle(f"{one_line(title)} — KeeperDB")
        self.side = ValueSide(view, runner, view.context, self)
        self.side.follow(view)
        self.selection = plain_label("", "muted", selectable=True)
        self.selection.setContentsMargins(12, 2, 12, 4)
        view.value_requested.connect(self.side.toggle)
        view.cell_changed.connect(self._follow_cell)
        view.selection_told.connect(self._show_selection)
        make_action("result.filter", self, view.open_filter)
        make_action("result.export", self, lambda: self.export_requested.emit(view))
        make_action("result.detach", self, self.attach)
        make_action("result.close", self, self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.side, 1)
        column.addWidget(self.selection)
        view.show()
        self.resize(*_SIZE)
        self._show_selection()

    def attach(self) -> None:
        """Give the view back to its tab, and close."""
        self._is_attaching = True
        self.view.value_requested.disconnect(self.side.toggle)
        self.view.cell_changed.disconnect(self._follow_cell)
        self.view.selection_told.disconnect(self._show_selection)
        self.attach_requested.emit(self.view)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_attaching:
            if self.keeper is not None and self.keeper(self.view, self._close_anyway):
                event.ignore()
                return
            self.closed.emit(self.view)
        super().closeEvent(event)

    def _close_anyway(self) -> None:
        self.keeper = None
        self.close()

    def _follow_cell(self) -> None:
        self.side.cell_changed(self.view)

    def _show_selection(self) -> None:
        self.selection.setText(self.view.selection_text)
        self.selection.setVisible(bool(self.view.selection_text))
