"""Results with the value of the current cell at their right, when it is asked for."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from keeperdb.gui.result_context import ResultContext
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.runner import Runner
from keeperdb.gui.value_panel import ValuePanel

_WIDTH = 360  # pixels of the panel at first
_PLACE = "value panel"  # its name among the places of windows


class ValueSide(QSplitter):
    """Holds `content`; the panel is made when it is first shown, and follows the view of `follow`.

    It is as wide as the last one was made, in any window, where `context` has places.
    """

    def __init__(self, content: QWidget, runner: Runner, context: ResultContext, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._runner = runner
        self._context = context
        self._view: ResultView | None = None
        self.panel: ValuePanel | None = None
        self.addWidget(content)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(0, 1)
        self.splitterMoved.connect(lambda *_: self._keep_width())

    @property
    def is_open(self) -> bool:
        return self.panel is not None and self.panel.isVisibleTo(self)

    def follow(self, view: ResultView | None) -> None:
        """Show the current cell of `view` from now on."""
        if view is not self._view:
            self._view = view
            self.refresh()

    def toggle(self) -> None:
        """Show the panel, or hide it; the focus stays in the rows."""
        if self.is_open:
            self.close_panel()
            return
        if self.panel is None:
            self.panel = ValuePanel(self._runner, self)
            self.panel.closed.connect(self.close_panel)
            self.addWidget(self.panel)
        wanted = self._wanted_width()
        self.panel.show()
        self.setSizes([max(self.width() - wanted, wanted), wanted])
        self.refresh()

    def _wanted_width(self) -> int:
        places = self._context.places
        kept = places.of(_PLACE).sizes.get("width", ()) if places is not None else ()
        return kept[0] if kept else _WIDTH

    def _keep_width(self) -> None:
        if self._context.places is not None and self.is_open:
            self._context.places.keep_sizes(_PLACE, {"width": (self.sizes()[1],)})

    def close_panel(self) -> None:
        """Hide the panel, and give back what it shows."""
        if self.panel is not None:
            self.panel.hide()
            self.panel.clear()
        if self._view is not None:
            self._view.focus_rows()

    def cell_changed(self, view: ResultView) -> None:
        """The current cell of `view` is another one."""
        if view is self._view:
            self.refresh()

    def refresh(self) -> None:
        """Show the current cell again."""
        if self.panel is None or not self.is_open:
            return
        cell = self._view.current_cell if self._view is not None else None
        if self._view is None or cell is None or cell[0] >= self._view.model.rowCount():
            self.panel.clear()
        elif cell[1] in self._view.model.masked:
            self.panel.show_masked()
        else:
            self.panel.show_cell(self._view.model.shown, *cell)
