"""Says in the line at the bottom that privacy mode is on, and turns it off."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from keeperdb.gui.app_actions import set_privacy
from keeperdb.gui.icons import set_icon
from keeperdb.gui.privacy import privacy

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_ROOM = 64  # pixels for the icon, the edges, and letters that are heavier than the font says


class PrivacyIndicator(QWidget):
    """A button that is there while privacy mode is on."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self.button = QPushButton("Privacy mode")
        self.button.setProperty("role", "segment")
        self.button.setCheckable(True)
        self.button.setChecked(True)
        self.button.setAutoDefault(False)
        set_icon(self.button, "eye-off", "text")
        self.button.setMinimumWidth(self.button.fontMetrics().horizontalAdvance("Privacy mode") + _ROOM)
        self.button.setToolTip("Hosts, users, database names and chosen columns are masked. Click to show them.")
        self.button.setAccessibleDescription("Turns privacy mode off")
        self.button.clicked.connect(lambda _: set_privacy(app, self, False))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        privacy().changed.connect(self._show_state)
        self._show_state()

    def _show_state(self) -> None:
        self.button.setChecked(True)
        self.setVisible(privacy().is_on)
