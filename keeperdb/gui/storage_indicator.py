"""How the storage stands, in one line: for the bottom of the picker and of the main windows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from keeperdb.gui.connection_delegate import plain_tooltip
from keeperdb.gui.icons import set_icon
from keeperdb.gui.storage_words import progress_text, standing
from keeperdb.task import Progress

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_QUIET_MILLISECONDS = 200  # a sync that has nothing to do ends within that, and does not flicker


class StorageIndicator(QWidget):
    """A button that leads to the page, and while something runs how far it is, with Cancel. Hidden without storage."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self._sync = app.storage_sync
        self.button = _link("")
        self.button.setAccessibleDescription("Opens the page Storage of the settings")
        self.button.clicked.connect(lambda: app.show_settings("storage"))
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(96)
        self.cancel = _link("Cancel")
        self.cancel.setAccessibleName("Cancel the sync")
        self.cancel.clicked.connect(self._sync.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.button, self.bar, self.cancel):
            row.addWidget(widget)
        self._patience = QTimer(self, singleShot=True, interval=_QUIET_MILLISECONDS)
        self._patience.timeout.connect(self._show_running)
        self._sync.started.connect(self._patience.start)
        self._sync.progressed.connect(self._show_progress)
        self._sync.ended.connect(self.show_state)
        app.changed.connect(self._on_change)
        self.show_state()

    @property
    def is_busy(self) -> bool:
        return not self.bar.isHidden()

    def show_state(self) -> None:
        """Show how the storage stands now."""
        if not self._sync.is_running:
            self._patience.stop()
            self.bar.hide()
            self.cancel.hide()
        state = self._sync.state
        self.setVisible(state.is_enabled or self.is_busy)
        if not self.is_busy:
            now = standing(state)
            self._show_text("Storage" if now.icon == "success" else f"Storage: {now.text.lower()}", now.details)
            set_icon(self.button, now.icon, now.tint)

    def _on_change(self, _: object) -> None:
        self.show_state()

    def _show_running(self) -> None:
        if self._sync.is_running:
            self.bar.show()
            self.cancel.show()
            self.show()
            set_icon(self.button, "refresh", "accent")
            self._show_progress(self._sync.progress)

    def _show_progress(self, progress: Progress) -> None:
        if self.is_busy:
            self.bar.setRange(0, progress.total or 0)
            self.bar.setValue(progress.done)
            self._show_text(progress_text(progress), "The storage is being synced.")

    def _show_text(self, text: str, details: str) -> None:
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self.bar.setAccessibleName(text)
        self.button.setToolTip(plain_tooltip(details) if details else "")


def _link(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "link")
    button.setAutoDefault(False)
    return button
