"""The bar over the editor: Run that becomes Stop, the commit mode, and what the session is doing."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from keeperdb.connections.profile import CommitMode
from keeperdb.gui.actions import describe_button
from keeperdb.gui.icons import set_icon
from keeperdb.gui.strips import small_label

_MODES = (
    (CommitMode.AUTO, "Auto-commit"),
    (CommitMode.MANUAL, "Manual commit"),
    (CommitMode.SMART, "Smart commit"),
)
_RUN_WIDTH = 112
_CLOCK = 100  # milliseconds between two looks at the clock while something runs


class RunBar(QWidget):
    """`pressed` follows the one button, whatever it says; `mode_chosen(mode)` a choice of the person."""

    pressed = Signal()
    mode_chosen = Signal(object)
    isolation_chosen = Signal(str)

    def __init__(self, mode: CommitMode, isolation_levels: Sequence[str] = (), parent: QWidget | None = None) -> None:
        """Without `isolation_levels` there is no choice of them."""
        super().__init__(parent)
        self._started = 0.0
        self.isolation = _isolation_box(isolation_levels)
        self.isolation.activated.connect(lambda index: self.isolation_chosen.emit(self.isolation.itemData(index)))
        self.button = QPushButton()
        self.button.setProperty("role", "primary")
        self.button.setMinimumWidth(_RUN_WIDTH)
        self.button.clicked.connect(self.pressed)
        self.mode = _mode_box(mode)
        self.mode.activated.connect(lambda index: self.mode_chosen.emit(CommitMode(self.mode.itemData(index))))
        self.state = small_label("State of the session")
        self.hidden = small_label("Hidden characters")
        self.hidden.setProperty("role", "warning")
        self.problems = small_label("Problems")
        self.problems.setProperty("role", "warning")
        self._clock = QTimer(self, interval=_CLOCK)
        self._clock.timeout.connect(self._tick)
        self.isolation.setVisible(bool(isolation_levels))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        for widget in (self.button, self.mode, self.isolation, self.state, self.hidden, self.problems):
            row.addWidget(widget)
        row.addStretch(1)
        QWidget.setTabOrder(self.button, self.mode)
        QWidget.setTabOrder(self.mode, self.isolation)
        self.show_idle()

    @property
    def seconds(self) -> float:
        """Since `show_running`."""
        return time.monotonic() - self._started

    def show_running(self) -> None:
        """The button stops, and counts the seconds."""
        self._started = time.monotonic()
        set_icon(self.button, "stop", "on-accent")
        describe_button(self.button, "query.stop")
        self._tick()
        self._clock.start()

    def show_idle(self) -> None:
        """The button runs."""
        self._clock.stop()
        set_icon(self.button, "play", "on-accent")
        describe_button(self.button, "query.run")
        self.button.setText("Run")

    def show_hidden(self, count: int) -> None:
        """Warn of characters in the text that cannot be seen."""
        words = "1 hidden character" if count == 1 else f"{count:,} hidden characters"
        self.hidden.setText(f"{words} in the text, marked in red" if count else "")

    def show_problems(self, count: int) -> None:
        """Tell how many places of the text are marked as wrong."""
        words = "1 problem" if count == 1 else f"{count:,} problems"
        self.problems.setText(f"{words} marked" if count else "")

    def _tick(self) -> None:
        self.button.setText(f"Stop {self.seconds:.1f} s")


def _mode_box(mode: CommitMode) -> QComboBox:
    box = QComboBox()
    for each, words in _MODES:
        box.addItem(words, each.value)
    box.setCurrentIndex(box.findData(mode.value))
    box.setAccessibleName("Commit mode")
    box.setToolTip(
        "Commit each statement by itself; or keep a transaction open until Commit; "
        "or (smart) commit by itself until the first change, then wait for Commit"
    )
    return box


def _isolation_box(levels: Sequence[str]) -> QComboBox:
    box = QComboBox()
    box.addItem("Default isolation", "")
    for level in levels:
        box.addItem(level.capitalize(), level)
    box.setAccessibleName("Isolation level")
    box.setToolTip("What transactions of this tab see of others; holds from the next transaction on")
    return box
