"""On the page Privacy of the settings: the PIN, locking now, looking for a newer version now."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.fields import Field, SecretEdit
from keeperdb.gui.keychain_gate import GivenUpError
from keeperdb.gui.notices import plain_label, show_error, show_notice
from keeperdb.keychain.secret import Secret
from keeperdb.workspace.pin import SHORTEST, check_pin, has_pin, remove_pin, set_pin

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_ABOUT = "Nothing leaves this computer but what you send to your databases and to your Keeper vaults."


class PrivacyPage(QWidget):
    """What has no value to set, over the options."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self._has_pin = False
        self.state = plain_label("", "muted", wrap=True)
        self.set_button = _button("Set a PIN…", self._ask_new)
        self.remove_button = _button("Remove the PIN…", self._ask_removal)
        self.lock_button = _button("Lock now", app.lock.lock)
        self.check_button = _button("Check for a newer version", lambda: app.updates.check(self))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.set_button, self.remove_button, self.lock_button, self.check_button):
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(plain_label(_ABOUT, wrap=True))
        column.addLayout(row)
        column.addWidget(self.state)
        app.lock.changed.connect(self.look)
        self.look()

    def look(self) -> None:
        """Find out whether there is a PIN."""
        keychain = self._app.workspace.keychain
        if keychain.kind == "file":
            self._show(False, "KeeperDB is unlocked with the master password of the encrypted file.")
            self.set_button.setEnabled(False)
            return
        self.set_button.setEnabled(True)
        self._app.runner.start(
            lambda _: has_pin(keychain),
            owner=self,
            done=lambda found: self._show(found, "" if found else "There is no PIN: anybody here can unlock KeeperDB."),
            failed=lambda error: self._show(False, str(error)),
        )

    def _show(self, has_one: bool, text: str) -> None:
        self._has_pin = has_one
        self.set_button.setText("Change the PIN…" if has_one else "Set a PIN…")
        self.remove_button.setVisible(has_one)
        self.state.setText(text or "KeeperDB is unlocked with the PIN; the keychain holds a hash of it only.")

    def _ask_new(self) -> None:
        dialog = PinDialog(self, is_change=self._has_pin, removes=False)
        dialog.answered.connect(lambda old, new: self._store(dialog, old, new))
        dialog.open()

    def _ask_removal(self) -> None:
        dialog = PinDialog(self, is_change=True, removes=True)
        dialog.answered.connect(lambda old, _: self._store(dialog, old, None))
        dialog.open()

    def _store(self, dialog: "PinDialog", old: Secret, new: Secret | None) -> None:
        keychain = self._app.workspace.keychain

        def store(_: object) -> None:
            check_pin(keychain, old)
            if new is None:
                remove_pin(keychain)
            else:
                set_pin(keychain, new)

        self._app.gate.start(dialog, store, done=lambda _: self._stored(dialog, new), failed=dialog.fail)

    def _stored(self, dialog: "PinDialog", new: Secret | None) -> None:
        dialog.accept()
        show_notice(self, "The PIN was removed." if new is None else "The PIN is set.", "success")
        self.look()


class PinDialog(QDialog):
    """`answered(old, new)` follows OK; `fail` says why not, `accept` closes."""

    answered = Signal(object, object)

    def __init__(self, parent: QWidget, *, is_change: bool, removes: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("Remove the PIN" if removes else "Set a PIN")
        self.setMinimumWidth(380)
        self._removes = removes
        self.old, self.new, self.again = SecretEdit(), SecretEdit(), SecretEdit()
        self.old_field = Field("Present PIN", self.old)
        self.new_field = Field("New PIN", self.new, f"At least {SHORTEST} characters; letters are allowed.")
        self.again_field = Field("The same again", self.again)
        self.old_field.setVisible(is_change)
        self.new_field.setVisible(not removes)
        self.again_field.setVisible(not removes)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.ok = box.addButton("Remove" if removes else "Set", QDialogButtonBox.ButtonRole.AcceptRole)
        self.ok.setDefault(True)
        self.ok.clicked.connect(self._answer)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        for widget in (self.old_field, self.new_field, self.again_field, box):
            column.addWidget(widget)

    def fail(self, error: KeeperDBError) -> None:
        """Say what is wrong."""
        self.ok.setEnabled(True)
        if isinstance(error, GivenUpError):
            return
        if self.old_field.isVisibleTo(self):
            self.old_field.set_error(str(error))
        elif self.new_field.isVisibleTo(self):
            self.new_field.set_error(str(error))
        else:
            show_error(self, error)

    def done(self, result: int) -> None:
        for edit in (self.old, self.new, self.again):
            edit.clear()
        super().done(result)
        self.deleteLater()

    def _answer(self) -> None:
        self.again_field.set_error("")
        if not self._removes and self.new.text() != self.again.text():
            self.again_field.set_error("The two are not the same.")
            return
        self.ok.setEnabled(False)
        self.answered.emit(self.old.secret, self.new.secret)


def _button(text: str, act: object) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked: act())  # type: ignore[operator]
    return button
