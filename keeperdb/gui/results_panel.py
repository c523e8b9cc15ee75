"""Everything under the editor: strips, one tab per result, and the messages."""

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QToolButton, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.icons import set_icon
from keeperdb.gui.messages import Messages
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.runner import Runner
from keeperdb.gui.strips import ErrorStrip, ProgressStrip, Strip
from keeperdb.query.results import ResultSet
from keeperdb.settings import Settings

MOST_RESULTS = 100  # tabs of one run
_TITLE_CHARACTERS = 32
_FROM = re.compile(r"""\b(?:from|join)\s+((?:[\w$.]+|"[^"]+"|`[^`]+`|\.)+)""", re.IGNORECASE)


class ResultsPanel(QWidget):
    """Shows the results of the last run. `result_added` follows each new view; `current_changed` each change of tab."""

    result_added = Signal(object)  # ResultView
    current_changed = Signal()
    export_requested = Signal()
    reconnect_requested = Signal()

    def __init__(self, runner: Runner, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._settings = settings
        self.error_strip = ErrorStrip(self)
        self.lost_strip = Strip("warning", self)
        self.reconnect_button = self.lost_strip.add_button(
            "Reconnect", self.reconnect_requested.emit, tip="Open a new session; nothing is run again"
        )
        self.progress_strip = ProgressStrip(self)
        self.messages = Messages(self)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.tabBar().setAccessibleName("Results")
        self.tabs.addTab(self.messages, "Messages")
        self.filter_button = _button("filter", "Filter rows", "Filter the fetched rows (Ctrl+Shift+F)")
        self.filter_button.clicked.connect(self.filter_rows)
        self.export_button = _button("export", "Export result", "Export the result to a file (Ctrl+E)")
        self.export_button.clicked.connect(self.export_requested)
        self.tabs.setCornerWidget(self._corner())
        self.tabs.currentChanged.connect(lambda _: self._show_current())
        self._lay_out()
        self._show_current()

    @property
    def views(self) -> list[ResultView]:
        pages = (self.tabs.widget(index) for index in range(self.tabs.count()))
        return [page for page in pages if isinstance(page, ResultView)]

    @property
    def current(self) -> ResultView | None:
        """The result that is looked at; None while the messages are."""
        page = self.tabs.currentWidget()
        return page if isinstance(page, ResultView) else None

    def clear(self) -> None:
        """Take away the results and the error of the last run; the messages stay."""
        self.error_strip.hide()
        for view in self.views:
            view.set_fetching(False)
            self.tabs.removeTab(self.tabs.indexOf(view))
            view.deleteLater()

    def add_result(self, result: ResultSet) -> ResultView | None:
        """Show a result in a tab of its own; None when there are too many already."""
        number = len(self.views) + 1
        if number > MOST_RESULTS:
            return None
        view = ResultView(result, self._runner, self._settings, self)
        title = title_of(result, number)
        index = self.tabs.insertTab(number - 1, view, elide_middle(title.replace("&", "&&"), _TITLE_CHARACTERS))
        self.tabs.setTabToolTip(index, tooltip(title))
        if number == 1:
            self.tabs.setCurrentIndex(index)
        self.result_added.emit(view)
        return view

    def title(self, view: ResultView) -> str:
        """What the tab of `view` is called, in full."""
        return title_of(view.result, self.views.index(view) + 1)

    def show_messages(self) -> None:
        self.tabs.setCurrentWidget(self.messages)

    def focus_results(self) -> None:
        """Put the focus where the arrow keys move through what is shown."""
        view = self.current
        (view.grid if view is not None else self.messages).setFocus()

    def filter_rows(self) -> None:
        """Open the filter bar of the result that is looked at."""
        if self.current is not None:
            self.current.open_filter()

    def _show_current(self) -> None:
        for button in (self.filter_button, self.export_button):
            button.setEnabled(self.current is not None)
        self.current_changed.emit()

    def _corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.filter_button)
        row.addWidget(self.export_button)
        return corner

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for strip in (self.lost_strip, self.error_strip, self.progress_strip):
            column.addWidget(strip)
        column.addWidget(self.tabs, 1)


def _button(name: str, words: str, tip: str) -> QToolButton:
    button = QToolButton()
    set_icon(button, name)
    button.setAccessibleName(words)
    button.setToolTip(tip)
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
