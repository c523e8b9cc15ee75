"""The fields of forms: a label, a control, and under it the help or what is wrong with the value."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.keychain.secret import Secret


class Field(QWidget):
    """A control with its label above and a line below that is help, or an error in the colour of danger."""

    def __init__(self, label: str, control: QWidget, help_text: str = "") -> None:
        super().__init__()
        self.control = control
        self._help = help_text
        caption = plain_label(label)
        caption.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(label)
        self._below = plain_label(wrap=True, selectable=True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._below.setSizePolicy(policy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(caption)
        layout.addWidget(control)
        layout.addWidget(self._below)
        self.error = ""
        self.set_error("")

    def set_help(self, help_text: str) -> None:
        """What stands below while nothing is wrong."""
        self._help = help_text
        self.set_error(self.error)

    def set_error(self, error: str) -> None:
        """Say what is wrong; empty takes it back and shows the help."""
        self.error = error
        _show_line(self._below, error or self._help, "danger" if error else "muted")
        set_style_property(self.control, "invalid", bool(error))
        self.control.setAccessibleDescription(error or self._help)


class SecretEdit(QLineEdit):
    """A field for a password or a token: masked, with an eye that reveals it while the person wants that."""

    def __init__(self, *, paste: bool = False) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        if paste:
            self._add_action("paste", "Paste", self._paste)
        self._eye = self._add_action("eye", "Show", self._toggle)

    @property
    def is_revealed(self) -> bool:
        return self.echoMode() == QLineEdit.EchoMode.Normal

    @property
    def secret(self) -> Secret:
        return Secret(self.text())

    def hide_text(self) -> None:
        if self.is_revealed:
            self._toggle()

    def _toggle(self) -> None:
        revealed = not self.is_revealed
        self.setEchoMode(QLineEdit.EchoMode.Normal if revealed else QLineEdit.EchoMode.Password)
        set_icon(self._eye, "eye-off" if revealed else "eye", "muted")
        self._eye.setText("Hide" if revealed else "Show")
        self._eye.setToolTip(self._eye.text())

    def _paste(self) -> None:
        self.setText(QApplication.clipboard().text().strip())
        self.setFocus()

    def _add_action(self, name: str, text: str, act: object) -> QAction:
        action = QAction(text, self)
        set_icon(action, name, "muted")
        action.setToolTip(text)
        action.triggered.connect(act)
        self.addAction(action, QLineEdit.ActionPosition.TrailingPosition)
        return action


def _show_line(label: QWidget, text: str, role: str) -> None:
    label.setText(text)  # type: ignore[attr-defined]
    label.setVisible(bool(text))
    set_style_property(label, "role", role)


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else it is polished when it is first shown
            widget.style().unpolish(widget)
            widget.style().polish(widget)
