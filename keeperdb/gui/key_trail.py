"""Following foreign keys from result to result, back and forward, with the way that was taken as breadcrumbs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from keeperdb.data.references import Reference, ResultReferences
from keeperdb.errors import KeeperDBError
from keeperdb.gui.actions import describe_button, make_action
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label, show_notice
from keeperdb.gui.privacy import MASK
from keeperdb.gui.result_view import ResultView
from keeperdb.query.results import ResultSet

_CHARACTERS = 40
_VALUE_CHARACTERS = 24


@dataclass(slots=True)
class _Step:
    view: ResultView
    title: str
    cell: tuple[int, int] | None = None  # that was the current one when it was left


class TrailBar(QFrame):
    """`pressed(step)` for a breadcrumb, `stepped(-1 or 1)` for the arrows."""

    pressed = Signal(int)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Followed keys")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(2)
        self._crumbs: list[QWidget] = []
        self.back_button = self._arrow("chevron-left", "result.back", -1)
        self.forward_button = self._arrow("chevron-right", "result.forward", 1)
        self._row.addStretch(1)
        self.hide()

    def show_steps(self, titles: list[str], position: int) -> None:
        """Show the way, with the place on it; nothing for one step."""
        for crumb in self._crumbs:
            self._row.removeWidget(crumb)
            crumb.deleteLater()
        self._crumbs = []
        for number, title in enumerate(titles):
            if number:
                self._put(plain_label("›", "muted"))
            self._put(self._crumb(number, title, is_here=number == position))
        self.back_button.setEnabled(position > 0)
        self.forward_button.setEnabled(position + 1 < len(titles))
        self.setVisible(len(titles) > 1)

    def _put(self, widget: QWidget) -> None:
        self._row.insertWidget(self._row.count() - 1, widget)
        self._crumbs.append(widget)

    def _crumb(self, number: int, title: str, *, is_here: bool) -> QWidget:
        text = elide_middle(one_line(title), _CHARACTERS)
        if is_here:
            label: QLabel = plain_label(text)
            label.setContentsMargins(6, 0, 6, 0)
            return label
        button = QPushButton(text.replace("&", "&&"))
        button.setProperty("role", "link")
        button.clicked.connect(lambda _checked: self.pressed.emit(number))
        return button

    def _arrow(self, name: str, action_id: str, by: int) -> QToolButton:
        button = QToolButton()
        set_icon(button, name)
        describe_button(button, action_id)
        button.clicked.connect(lambda _checked: self.stepped.emit(by))
        self._row.addWidget(button)
        return button


class KeyTrail(QObject):
    """`open_result(result, title)` shows rows as a result of its own, `show_view(view)` goes to one."""

    def __init__(
        self,
        bar: TrailBar,
        open_result: Callable[[ResultSet, str], ResultView | None],
        show_view: Callable[[ResultView], object],
        title_of: Callable[[ResultView], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bar = bar
        self._widget = parent
        self._open_result = open_result
        self._show_view = show_view
        self._title_of = title_of
        self._steps: list[_Step] = []
        self._position = -1
        bar.pressed.connect(self._go)
        bar.stepped.connect(self.step)
        make_action("result.back", parent, lambda: self.step(-1))
        make_action("result.forward", parent, lambda: self.step(1))

    def attach(self, view: ResultView) -> None:
        """Let keys be followed from `view`, where the window has a session to ask."""
        if not view.keys.can_ask:
            return
        for name, act in (("grid.follow_key", self.follow), ("grid.referring", self.ask_referring)):
            make_action(name, view.grid, partial(act, view), context=Qt.ShortcutContext.WidgetShortcut)

    def forget(self, view: ResultView) -> None:
        """A result goes: it is no place to come back to."""
        places = [number for number, step in enumerate(self._steps) if step.view is view]
        for number in reversed(places):
            del self._steps[number]
            if number <= self._position:
                self._position = max(0, self._position - 1)
        self._show()

    def follow(self, view: ResultView) -> None:
        """Open the row that the foreign key of the current cell names."""
        cell = view.current_cell
        if cell is not None:
            view.keys.find(lambda found: self._follow(view, found, *cell), self._fail)

    def ask_referring(self, view: ResultView) -> None:
        """Offer the tables with rows that name the current row."""
        cell = view.current_cell
        if cell is not None:
            view.keys.find(lambda found: self._offer(view, found, *cell), self._fail)

    def step(self, by: int) -> None:
        """Go back, or forward, along the way."""
        if 0 <= self._position + by < len(self._steps):
            self._go(self._position + by)

    def _follow(self, view: ResultView, found: ResultReferences, place: int, column: int) -> None:
        reference = found.of_column(column)
        if reference is None:
            show_notice(self._widget, f"{self._name(view, column)} is no foreign key of this result", seconds=4)
        else:
            self._open(view, reference, place, column)

    def _offer(self, view: ResultView, found: ResultReferences, place: int, column: int) -> None:
        if not found.referring:
            show_notice(self._widget, "No table refers to the rows of this result", seconds=4)
            return
        menu = QMenu(view.grid)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for reference in found.referring:
            action = QAction(one_line(reference.name, 80).replace("&", "&&"), menu)
            action.triggered.connect(lambda _checked, reference=reference: self._open(view, reference, place, column))
            menu.addAction(action)
        rect = view.grid.visualRect(view.grid.currentIndex())
        menu.popup(view.grid.viewport().mapToGlobal(QPoint(rect.left(), rect.bottom())))

    def _open(self, view: ResultView, reference: Reference, place: int, column: int) -> None:
        title = f"{reference.path[-1]} · {_values(view, reference, place)}"
        view.keys.read_rows(
            reference, place, lambda result: self._opened(view, result, title, (place, column)), self._fail
        )

    def _opened(self, view: ResultView, result: ResultSet | None, title: str, cell: tuple[int, int]) -> None:
        if result is None:
            show_notice(self._widget, "The key is NULL: it names no row", seconds=4)
            return
        opened = self._open_result(result, one_line(title, 80))
        if opened is None:
            show_notice(self._widget, "There are too many results; close some first", "warning")
            return
        if self._position < 0 or self._steps[self._position].view is not view:
            self._steps, self._position = [_Step(view, self._title_of(view))], 0
        self._steps[self._position].cell = cell
        self._steps = [*self._steps[: self._position + 1], _Step(opened, title)]
        self._position += 1
        self._arrive(opened)

    def _go(self, position: int) -> None:
        step = self._steps[position]
        self._steps[self._position].cell = self._steps[self._position].view.current_cell
        self._position = position
        self._arrive(step.view)
        if step.cell is not None and step.cell[0] < step.view.model.rowCount():
            step.view.grid.go_to_cell(*step.cell)

    def _arrive(self, view: ResultView) -> None:
        self._show_view(view)
        if not view.grid.currentIndex().isValid() and view.model.rowCount():
            view.grid.go_to_cell(0, view.grid.columns.shown[0])
        view.focus_rows()
        self._show()

    def _show(self) -> None:
        self._bar.show_steps([step.title for step in self._steps], self._position)

    def _name(self, view: ResultView, column: int) -> str:
        return elide_middle(one_line(view.model.columns[column].name), _CHARACTERS)

    def _fail(self, error: KeeperDBError) -> None:
        show_notice(self._widget, str(error), "error")


def _values(view: ResultView, reference: Reference, place: int) -> str:
    """What the key says, for the breadcrumb."""
    parts = [f"{name} = {one_line(_shown(view, place, number), _VALUE_CHARACTERS)}" for name, number in reference.pairs]
    return ", ".join(parts)


def _shown(view: ResultView, place: int, number: int) -> str:
    return MASK if number in view.model.masked else view.model.shown.text(place, number) or ""
