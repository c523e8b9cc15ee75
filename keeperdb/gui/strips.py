"""Strips over the results: an error with its place, a lost connection, a long operation; none of them blocks."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError, QueryError
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.task import Progress

_ICONS = {"danger": "error", "warning": "warning", "info": "info"}
_TINTS = {"danger": "danger", "warning": "warning", "info": "accent"}


class Strip(QFrame):
    """An icon, words that can be selected, and buttons; hidden until `show_text`. Its text is never HTML."""

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self.setProperty("kind", kind)
        self.message = plain_label(wrap=True, selectable=True)
        self.message.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.hint = plain_label(role="muted", wrap=True, selectable=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.message)
        words.addWidget(self.hint)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 8, 6)
        self._row.setSpacing(8)
        self._row.addWidget(IconLabel(_ICONS[kind], _TINTS[kind]), 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(words, 1)
        self.hide()

    def show_text(self, message: str, hint: str = "") -> None:
        """Show these words."""
        self.message.setText(message)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.setAccessibleName(f"{message} {hint}".strip())
        self.show()

    def add_button(self, text: str, act: Callable[[], object], role: str = "", tip: str = "") -> QPushButton:
        """Add a button at the right."""
        button = QPushButton(text)
        button.setProperty("role", role)
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked: act())
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return button


class ErrorStrip(Strip):
    """What the server said, where in the script, and Copy."""

    place_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("danger", parent)
        self._copied = ""
        self.place_button = self.add_button("Go to place", self.place_requested.emit, "link", "Put the caret there")
        self.copy_button = self.add_button("Copy", self.copy, "link", "Copy message, hint and place")
        set_icon(self.copy_button, "copy", "accent")
        self.close_button = self.add_button("Dismiss", self.hide, "link")

    def show_error(self, error: KeeperDBError, place: str = "") -> None:
        """Show an error; `place` says where in the script, in words."""
        parts = [error.hint]
        if isinstance(error, QueryError):
            parts += [error.detail, place, f"Code {error.code}" if error.code else ""]
        hint = "\n".join(part for part in parts if part)
        self.place_button.setVisible(bool(place))
        self._copied = f"{error.message}\n{hint}".strip()
        self.show_text(error.message, hint)

    def copy(self) -> None:
        """Put the whole error on the clipboard."""
        QGuiApplication.clipboard().setText(self._copied)


class ProgressStrip(Strip):
    """A long operation with how far it is, and Stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("info", parent)
        self._stop: Callable[[], object] | None = None
        self._text = ""
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(160)
        self._row.insertWidget(2, self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        self.stop_button = self.add_button("Stop", self.stop)

    def begin(self, text: str, stop: Callable[[], object]) -> None:
        """Show the strip; `stop` is called by its button."""
        self._stop, self._text = stop, text
        self._bar.setRange(0, 0)
        self.stop_button.setEnabled(True)
        self.show_text(text)

    def update_progress(self, progress: Progress) -> None:
        """Show how far the operation is."""
        self._bar.setRange(0, 1000 if progress.total else 0)
        if progress.total:
            self._bar.setValue(1000 * progress.done // progress.total)
        if progress.done:
            self.message.setText(f"{self._text}: {progress.done:,}")

    def stop(self) -> None:
        """Ask the operation to stop; the strip goes when it has."""
        if self._stop is not None:
            self.stop_button.setEnabled(False)
            self._stop()


def place_in_words(script: str, position: int) -> str:
    """Line and column, from 1, of a position in `script`."""
    before = script[:position]
    return f"Line {before.count(chr(10)) + 1}, column {position - (before.rfind(chr(10)) + 1) + 1}"


def seconds_in_words(seconds: float) -> str:
    """A duration, such as `3 ms`, `1.24 s` or `2 min 05 s`."""
    if seconds < 0.0005:
        return "<1 ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


def small_label(name: str) -> QLabel:
    """A muted label of the kind that stands under the grid; `name` is for screen readers."""
    label = plain_label(role="muted")
    label.setAccessibleName(name)
    return label
