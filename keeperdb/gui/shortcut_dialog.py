"""The dialog that records new keys for one action, and says whose they are now."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.action_table import ACTIONS, ActionSpec
from keeperdb.gui.key_recorder import KeyRecorder
from keeperdb.gui.notices import plain_label
from keeperdb.gui.shortcuts import Shortcuts, in_words


class ShortcutDialog(QDialog):
    """Changes `shortcuts` when one of its buttons is pressed; the other action loses keys that would be ambiguous."""

    def __init__(self, shortcuts: Shortcuts, spec: ActionSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shortcuts = shortcuts
        self._spec = spec
        self.setWindowTitle("Change keys")
        self.setMinimumWidth(440)
        self.recorder = KeyRecorder()
        self.said = plain_label("", "muted", wrap=True)
        self.said.setMinimumHeight(2 * self.said.fontMetrics().lineSpacing())  # the dialog does not jump
        self._buttons = QDialogButtonBox()
        self.replace = self._button("Use instead", lambda: self._use((self.recorder.key,)))
        self.add = self._button("Use in addition", lambda: self._use((*self._kept(), self.recorder.key)))
        self.clear = self._button("No keys", lambda: self._use(()))
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel).clicked.connect(self.reject)
        self.replace.setDefault(True)
        self._lay_out()
        self.recorder.recorded.connect(self._show)
        self._show()
        self.recorder.setFocus()

    def _kept(self) -> tuple[str, ...]:
        return tuple(key for key in self._shortcuts.keys(self._spec.id) if key != self.recorder.key)

    def _use(self, keys: tuple[str, ...]) -> None:
        self._shortcuts.set_keys(self._spec.id, keys, take=True)
        self.accept()

    def _show(self) -> None:
        key = self.recorder.key
        rivals = self._shortcuts.rivals(self._spec.id, key) if key else []
        self.replace.setEnabled(bool(key))
        self.add.setEnabled(bool(key) and bool(self._kept()))
        self.clear.setEnabled(bool(self._shortcuts.keys(self._spec.id)))
        if rivals:
            names = " and ".join(f"“{ACTIONS[each].text.rstrip('…')}”" for each in rivals)
            self.said.setText(f"{in_words(key)} belongs to {names}, which loses it if you use it here.")
        else:
            self.said.setText("These keys are free." if key else "Press the keys; two in a row are possible.")

    def _lay_out(self) -> None:
        now = ", ".join(in_words(key) for key in self._shortcuts.keys(self._spec.id)) or "none"
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(self._spec.text.rstrip("…"), "title"))
        column.addWidget(plain_label(f"{self._spec.tip}. Keys now: {now}", "muted", wrap=True))
        column.addWidget(self.recorder)
        column.addWidget(self.said)
        column.addWidget(self._buttons)

    def _button(self, text: str, act: object) -> QPushButton:
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.clicked.connect(act)
        return button
