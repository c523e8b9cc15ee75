"""The parts of Settings → Service that show one thing: how it stands, a line to call it with, and what is missing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.service.urls import curl_line

_TINTS = {"primary": "on-accent", "danger": "danger"}
_NO_VAULT = "No vault is attached. The service answers from a vault that this machine is attached to."


class ServiceStanding(QFrame):
    """How the service stands, with Start and Stop."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.icon = IconLabel("stop", "muted")
        self.text = plain_label("", wrap=True, selectable=True)
        self.start = tool_button("Start", "play", "primary")
        self.restart = tool_button("Restart the service", "refresh", "primary")
        self.restart.hide()
        self.stop = tool_button("Stop", "stop")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.start)
        row.addWidget(self.restart)
        row.addWidget(self.stop)

    def show_text(self, text: str, icon: str, tint: str) -> None:
        self.text.setText(text)
        self.setAccessibleName(text)
        self.icon.show_icon(icon, tint)


class CurlLine(QWidget):
    """A line that calls the service once, to be copied; the key is the person's to fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.text = QLineEdit()
        self.text.setReadOnly(True)
        self.text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # with Tab it would show its end
        self.text.setAccessibleName("curl line")
        self.copy = tool_button("Copy", "copy")
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.text()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.copy)

    def show_url(self, url: str) -> None:
        """Hidden as long as there is nothing to call."""
        self.setVisible(bool(url))
        line = curl_line(url) if url else ""
        if line != self.text.text():
            self.text.setText(line)
            self.text.setCursorPosition(0)


class NoVault(QFrame):
    """What to do where no vault is attached."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.attach = tool_button("Connect to your Keeper Vault", "vault", "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(plain_label(_NO_VAULT, wrap=True))
        row = QHBoxLayout()
        row.addWidget(self.attach)
        row.addStretch()
        layout.addLayout(row)


def tool_button(text: str, icon_name: str, role: str = "") -> QPushButton:
    """A button with an icon in front of its words."""
    button = QPushButton(text)
    if role:
        button.setProperty("role", role)
    set_icon(button, icon_name, _TINTS.get(role, "text"))
    button.setAutoDefault(False)
    return button
