"""Everything under the editor: strips, one tab per result, and the messages."""

import itertools
import re
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from keeperdb.gui.actions import describe_button, make_action
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.key_trail import KeyTrail, TrailBar
from keeperdb.gui.messages import Messages
from keeperdb.gui.result_context import ResultContext
from keeperdb.gui.result_tabs import ResultTabs, open_tab_menu
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.runner import Runner
from keeperdb.gui.strips import ErrorStrip, ProgressStrip, Strip
from keeperdb.gui.value_side import ValueSide
from keeperdb.query.results import ResultSet
from keeperdb.settings import Settings

MOST_RESULTS = 100  # tabs of one run
_TAB_ACTIONS = ("result.pin", "result.rename", "result.detach", "result.close")
_FROM = re.compile(r"""\b(?:from|join)\s+((?:[\w$.]+|"[^"]+"|`[^`]+`|\.)+)""", re.IGNORECASE)


class ResultsPanel(QWidget):
    """Shows the results of the last run, and those that were pinned.

    `result_added` follows each new view; `current_changed` each change of tab; `selection_told` each change of what
    the selected cells add up to.
    """

    result_added = Signal(object)  # ResultView
    current_changed = Signal()
    selection_told = Signal()
    export_requested = Signal(object)  # ResultView
    reconnect_requested = Signal()
    edit_requested = Signal()

    def __init__(
        self,
        runner: Runner,
        settings: Settings,
        parent: QWidget | None = None,
        context: ResultContext | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context or ResultContext()
        self._runner = runner
        self._settings = settings
        self.error_strip = ErrorStrip(self)
        self.lost_strip = Strip("warning", self)
        self.reconnect_button = self.lost_strip.add_button(
            "Reconnect", self.reconnect_requested.emit, tip="Open a new session; nothing is run again"
        )
        self.progress_strip = ProgressStrip(self)
        self.messages = Messages(self)
        self.tabs = ResultTabs(runner)
        self.tabs.export_requested.connect(self.export_requested)
        self.side = ValueSide(self.tabs, runner, self.context)
        self.trail_bar = TrailBar(self)
        self.trail = KeyTrail(self.trail_bar, self.add_result, self.tabs.setCurrentWidget, self.title, self)
        self.tabs.closed.connect(self.trail.forget)
        self.tabs.addTab(self.messages, "Messages")
        self.filter_button = _button("filter", "result.filter")
        self.filter_button.clicked.connect(self.filter_rows)
        self.edit_button = _button("edit", "data.edit_result")
        self.edit_button.clicked.connect(self.edit_requested)
        self.export_button = _button("export", "result.export")
        self.export_button.clicked.connect(lambda _: self.export_requested.emit(self.current))
        self.tabs.setCornerWidget(self._corner())
        self.tabs.menu_requested.connect(lambda _, place: open_tab_menu(self, place, _TAB_ACTIONS))
        self.tabs.currentChanged.connect(lambda _: self._show_current())
        self._add_actions()
        self._lay_out()
        self._show_current()

    @property
    def views(self) -> list[ResultView]:
        """All results, also those that are pinned or in windows of their own."""
        return self.tabs.views

    @property
    def fresh_views(self) -> list[ResultView]:
        """The results of the last run, but for those that were pinned since."""
        return self.tabs.passing_views

    @property
    def current(self) -> ResultView | None:
        """The result that is looked at; None while the messages are."""
        return self.tabs.current_view

    def clear(self) -> None:
        """Take away the results and the error of the last run; the messages and what is pinned stay."""
        self.error_strip.hide()
        self.tabs.close_passing()

    def add_result(self, result: ResultSet, title: str = "") -> ResultView | None:
        """Show a result in a tab of its own; None when there are too many already."""
        number = len(self.fresh_views) + 1
        if number > MOST_RESULTS:
            return None
        view = ResultView(result, self._runner, self._settings, self, self.context)
        self.tabs.add_view(view, title or self._distinct(title_of(result, number)))
        if number == 1:
            self.tabs.setCurrentWidget(view)
        view.value_requested.connect(lambda: self._toggle_value(view))
        view.cell_changed.connect(lambda: self.side.cell_changed(view))
        view.selection_told.connect(self.selection_told)
        self.trail.attach(view)
        self.result_added.emit(view)
        return view

    def _distinct(self, title: str) -> str:
        """`title` with a number, where a result of this run is called so already."""
        taken = {self.tabs.title(view) for view in self.fresh_views}
        names = itertools.chain([title], (f"{title} {number}" for number in itertools.count(2)))
        return next(name for name in names if name not in taken)

    def title(self, view: ResultView) -> str:
        """What the tab of `view` is called, in full."""
        return self.tabs.title(view)

    @property
    def selection_text(self) -> str:
        """What the selected cells of the result that is looked at add up to; empty for one cell or none."""
        return self.current.selection_text if self.current is not None else ""

    def show_messages(self) -> None:
        self.tabs.setCurrentWidget(self.messages)

    def focus_results(self) -> None:
        """Put the focus where the arrow keys move through what is shown."""
        view = self.current
        if view is not None:
            view.focus_rows()
        else:
            self.messages.setFocus()

    def filter_rows(self) -> None:
        """Open the filter bar of the result that is looked at."""
        if self.current is not None:
            self.current.open_filter()

    def _show_current(self) -> None:
        for button in (self.filter_button, self.edit_button, self.export_button):
            button.setEnabled(self.current is not None)
        self.side.follow(self.current)
        self.current_changed.emit()
        self.selection_told.emit()

    def _toggle_value(self, view: ResultView) -> None:
        if view is self.current:  # in a window of its own a view has a panel there
            self.side.toggle()

    def _add_actions(self) -> None:
        for name, act in (
            ("result.pin", self.tabs.toggle_pin),
            ("result.rename", self.tabs.ask_name),
            ("result.detach", self.tabs.detach),
            ("result.close", self.tabs.ask_close),
        ):
            make_action(name, self, partial(self._on_current, act))

    def _on_current(self, act: Callable[[ResultView], None]) -> None:
        if self.current is not None:
            act(self.current)

    def _corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.filter_button)
        row.addWidget(self.edit_button)
        row.addWidget(self.export_button)
        return corner

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for strip in (self.lost_strip, self.error_strip, self.progress_strip):
            column.addWidget(strip)
        column.addWidget(self.trail_bar)
        column.addWidget(self.side, 1)


def _button(name: str, action_id: str) -> QToolButton:
    button = QToolButton()
    set_icon(button, name)
    describe_button(button, action_id)
    return button


def title_of(result: ResultSet, number: int) -> str:
    """What the statement calls itself, else the main table with a plus for joins, else `Result 1`."""
    if result.title:
        return one_line(result.title)
    tables = _FROM.findall(result.statement.text)
    if not tables:
        return f"Result {number}"
    name = tables[0].rpartition(".")[2].strip('"`') or tables[0]
    return one_line(name) + (" (+)" if len(tables) > 1 else "")
