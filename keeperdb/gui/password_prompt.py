"""Asking for a password, for the master password of the encrypted file, and for a place where there is no keychain."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.errors import KeychainError
from keeperdb.gui.fields import Field, SecretEdit
from keeperdb.gui.notices import IconLabel, plain_label


class PasswordPrompt(QDialog):
    """One password. `answered(secret)` follows OK; `rejected` follows Cancel and Escape.

    It stays open, so that a refused password can be told beside the field: `fail` does that, `accept` closes.
    """

    answered = Signal(object)

    def __init__(
        self, parent: QWidget | None, title: str, text: str, label: str = "Password", action: str = "OK"
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self.password = SecretEdit()
        self.field = Field(label, self.password)
        self.ok = QPushButton(action)
        self.ok.setDefault(True)
        self.ok.clicked.connect(self._answer)
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(24, 24, 24, 16)
        self.layout_.setSpacing(12)
        self.layout_.addLayout(_heading("key", title, text))
        self.layout_.addWidget(self.field)
        self.layout_.addWidget(_buttons(self, self.ok))
        self.password.textEdited.connect(lambda: self.field.set_error(""))
        self.password.setFocus()

    def set_busy(self, busy: bool) -> None:
        self.ok.setEnabled(not busy)
        self.password.setEnabled(not busy)

    def fail(self, error: str) -> None:
        """Say beside the field why the password is not it."""
        self.set_busy(False)
        self.field.set_error(error)
        self.password.selectAll()
        self.password.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._answer()
        else:
            super().keyPressEvent(event)

    def _answer(self) -> None:
        if self.ok.isEnabled() and self.check():
            self.set_busy(True)
            self.answered.emit(self.password.secret)

    def check(self) -> bool:
        return True

    def done(self, result: int) -> None:
        self.password.clear()
        super().done(result)


class MasterPasswordPrompt(PasswordPrompt):
    """Unlocks the encrypted file, or, when there is none yet, has its master password chosen (twice)."""

    def __init__(self, parent: QWidget | None, *, is_new: bool) -> None:
        text = (
            "Passwords and vault access will be kept in a file that this password encrypts. It cannot be recovered: "
            "without it, passwords are entered again and vaults attached again."
            if is_new
            else "Passwords and vault access are kept in an encrypted file."
        )
        title = "Choose a master password" if is_new else "Unlock the encrypted file"
        super().__init__(parent, title, text, "Master password", "Create" if is_new else "Unlock")
        self._is_new = is_new
        self.again = SecretEdit()
        self.again_field = Field("The same again", self.again)
        self.again_field.setVisible(is_new)
        self.layout_.insertWidget(2, self.again_field)

    def check(self) -> bool:
        if not self.password.text():
            self.field.set_error("Enter the master password.")
            return False
        if self._is_new and self.again.text() != self.password.text():
            self.again_field.set_error("The two are not the same.")
            return False
        return True

    def done(self, result: int) -> None:
        self.again.clear()
        super().done(result)


class KeychainChoice(QDialog):
    """The system keychain is absent or stays locked: the person chooses what to do, nothing falls back by itself."""

    chosen = Signal(str)  # `retry`, `file` or `ask`

    def __init__(self, parent: QWidget | None, error: KeychainError) -> None:
        super().__init__(parent)
        self.setWindowTitle("Where to keep passwords")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(_heading("lock", error.message, error.hint))
        for kind, text, role in _CHOICES:
            button = QPushButton(text)
            button.setProperty("role", role)
            button.clicked.connect(self._chooser(kind))
            layout.addWidget(button)
        layout.addWidget(plain_label("The choice can be changed in Settings → Connections.", "muted", wrap=True))
        layout.addWidget(_buttons(self))

    def _chooser(self, kind: str) -> Callable[[], None]:
        def choose() -> None:
            self.accept()
            self.chosen.emit(kind)

        return choose


class OldSecretsChoice(QDialog):
    """Nothing is to be kept from now on: what becomes of that which is."""

    chosen = Signal(bool)  # whether it is to be removed

    def __init__(self, parent: QWidget | None, count: str, place: str) -> None:
        """`count` is such as `3 secrets`, `place` the label of the keychain that has them."""
        super().__init__(parent)
        self.setWindowTitle("What is kept already")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        text = (
            "Passwords will be asked for, and a vault needs a new token after each start. What is left there is not "
            "used until it is chosen again; what is removed serves until KeeperDB is closed."
        )
        self.leave, self.remove = QPushButton("Leave there"), QPushButton("Remove")
        self.remove.setProperty("role", "danger")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(_heading("key", f"{count} of KeeperDB: {place}", text))
        box = _buttons(self)
        for button, removes in ((self.leave, False), (self.remove, True)):
            box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            button.clicked.connect(self._chooser(removes))
        self.leave.setDefault(True)
        self.remove.setAutoDefault(False)
        layout.addWidget(box)
        self.leave.setFocus()

    def _chooser(self, removes: bool) -> Callable[[], None]:
        def choose() -> None:
            self.accept()
            self.chosen.emit(removes)

        return choose


_CHOICES = (
    ("retry", "Try the system keychain again", ""),
    ("file", "Use an encrypted file with a master password", ""),
    ("ask", "Keep nothing: ask each time", ""),
)


def _heading(icon_name: str, title: str, text: str) -> QHBoxLayout:
    words = QVBoxLayout()
    words.setSpacing(4)
    words.addWidget(plain_label(title, "heading", wrap=True, selectable=True))
    if text:
        words.addWidget(plain_label(text, wrap=True, selectable=True))
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(IconLabel(icon_name, "accent", 24), 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return row


def _buttons(dialog: QDialog, primary: QPushButton | None = None) -> QDialogButtonBox:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, dialog)
    if primary is not None:
        box.addButton(primary, QDialogButtonBox.ButtonRole.AcceptRole)
        primary.setDefault(primary.isDefault())  # a dialog hears of it only from a button that is in it
    box.rejected.connect(dialog.reject)
    return box
