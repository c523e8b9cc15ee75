"""How the window tells a person something: a notice that goes by itself, an error to read, a bug to report."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError
from keeperdb.gui.announcements import announce
from keeperdb.gui.icons import pixmap, set_icon
from keeperdb.gui.privacy import privacy
from keeperdb.gui.theme import is_theme_change
from keeperdb.gui.words import in_order

NOTICE_SECONDS = 8
_LOOK_AGAIN = 1_000  # milliseconds
_MARGIN = 16
_TOKENS = {"info": "accent", "success": "success", "warning": "warning", "error": "danger"}


def plain_label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label that never takes its text for HTML."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class IconLabel(QLabel):
    """A small icon that follows the theme; the words stand beside it."""

    def __init__(self, name: str, tint: str = "text", size: int = 16) -> None:
        super().__init__()
        self._drawing = (name, tint, size)
        self.setFixedSize(size, size)
        self.show_icon(name, tint)

    def show_icon(self, name: str, tint: str = "text") -> None:
        self._drawing = (name, tint, self._drawing[2])
        self.setPixmap(pixmap(name, self._drawing[2], self.devicePixelRatioF(), tint))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_change(self, event):
            self.show_icon(*self._drawing[:2])


class Notice(QFrame):
    """One sentence at the bottom of a window, with at most one action; it leaves by itself unless `seconds` is 0."""

    def __init__(
        self,
        window: QWidget,
        text: str,
        kind: str = "info",
        action: tuple[str, Callable[[], None]] | None = None,
        seconds: float = NOTICE_SECONDS,
    ) -> None:
        super().__init__(window)
        self.setProperty("role", "notice")
        self.setObjectName("notice")
        text = privacy().sentence(in_order(text))
        self.setAccessibleName(text)
        self.text = text
        self._window = window
        label = plain_label(text, wrap=True, selectable=True)
        label.setMinimumWidth(min(420, label.fontMetrics().horizontalAdvance(text) + 8))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(IconLabel(kind, _TOKENS[kind]))
        row.addWidget(label, 1)
        if action is not None:
            row.addWidget(self._action_button(*action))
        row.addWidget(self._close_button())
        window.installEventFilter(self)
        if seconds:
            QTimer.singleShot(int(seconds * 1000), self, self._leave)

    def dismiss(self) -> None:
        self.hide()
        self.deleteLater()

    def _leave(self) -> None:
        """Go, but not from under the pointer or the focus."""
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            QTimer.singleShot(_LOOK_AGAIN, self, self._leave)
        else:
            self.dismiss()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self._place()
        return False

    def showEvent(self, event: QEvent) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._place()

    def _place(self) -> None:
        window = self._window
        self.setMaximumWidth(max(240, window.width() - 2 * _MARGIN))
        self.adjustSize()
        bottom = QRect(window.rect()).bottom() - _MARGIN - 28
        self.move((window.width() - self.width()) // 2, bottom - self.height())
        self.raise_()

    def _action_button(self, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "link")
        button.clicked.connect(self.dismiss)
        button.clicked.connect(act)
        return button

    def _close_button(self) -> QToolButton:
        button = QToolButton()
        set_icon(button, "close", "muted")
        button.setAccessibleName("Dismiss")
        button.setToolTip("Dismiss")
        button.clicked.connect(self.dismiss)
        return button


def show_notice(
    widget: QWidget,
    text: str,
    kind: str = "info",
    action: tuple[str, Callable[[], None]] | None = None,
    seconds: float = NOTICE_SECONDS,
) -> Notice:
    """Show a notice in the window of `widget`, in place of the one that is there."""
    window = widget.window()
    for old in window.findChildren(Notice, options=Qt.FindChildOption.FindDirectChildrenOnly):
        old.dismiss()
    notice = Notice(window, text, kind, action, seconds)
    notice.show()
    announce(notice, notice.text)
    return notice


def show_error(parent: QWidget | None, error: KeeperDBError) -> QDialog:
    """Show what went wrong and what to do; not in the way of the rest of the program."""
    dialog = ErrorDialog(parent, error)
    dialog.open()
    return dialog


class ErrorDialog(QDialog):
    """An error of the kind that a person may read: what, what to do, Copy."""

    def __init__(self, parent: QWidget | None, error: KeeperDBError) -> None:
        super().__init__(parent)
        self.setWindowTitle("KeeperDB")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        said, hint = (privacy().sentence(in_order(text)) for text in (error.message, error.hint))
        message = plain_label(said, "heading", wrap=True, selectable=True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(message)
        if hint:
            words.addWidget(plain_label(hint, wrap=True, selectable=True))
        words.addStretch()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(IconLabel("error", "danger", 24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(row)
        layout.addWidget(_buttons(self, privacy().sentence(str(error)), "Copy"))
        self.setAccessibleName(said)
        self.setAccessibleDescription(hint)


def _buttons(dialog: QDialog, copied: str, label: str) -> QDialogButtonBox:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    copy = box.addButton(label, QDialogButtonBox.ButtonRole.ActionRole)
    copy.setAutoDefault(False)
    copy.clicked.connect(lambda: QApplication.clipboard().setText(copied))
    box.rejected.connect(dialog.reject)
    box.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
    return box
