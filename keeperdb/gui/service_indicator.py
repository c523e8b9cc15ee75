"""Whether the service runs, in one line: for the bottom of the picker and of the main windows."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from keeperdb.gui.connection_delegate import plain_tooltip
from keeperdb.gui.icons import set_icon
from keeperdb.gui.service_control import ServiceState

if TYPE_CHECKING:
    from keeperdb.gui.app import Application


class ServiceIndicator(QWidget):
    """A button that leads to the page; hidden while the service is stopped."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._control = app.service
        self.button = QPushButton()
        self.button.setProperty("role", "link")
        self.button.setAutoDefault(False)
        self.button.setAccessibleDescription("Opens the page Service of the settings")
        self.button.clicked.connect(lambda: app.show_settings("service"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        self._control.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show how the service stands now."""
        state = self._control.state
        self.setVisible(state is not ServiceState.STOPPED)
        runs = state is ServiceState.RUNNING
        text = "Service" if runs else f"Service: {state.value.lower()}"
        self.button.setText(text)
        self.button.setAccessibleName("The service is running" if runs else text)
        set_icon(self.button, "success" if runs else "refresh", "success" if runs else "accent")
        url = self._control.public_url or self._control.url
        self.button.setToolTip(plain_tooltip(f"The service is running at {url}") if url else "")
