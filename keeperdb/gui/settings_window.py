"""The settings: pages made from the schema, a list at the left, a search on top; each change acts at once."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError
from keeperdb.gui.icons import icon
from keeperdb.gui.keychain_gate import GivenUpError
from keeperdb.gui.notices import plain_label, show_error
from keeperdb.gui.resources import application_icon
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.setting_control import SettingRow, matches
from keeperdb.gui.shortcuts import shortcuts
from keeperdb.settings import SCHEMA, Page, Value

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.vaults_page import VaultsTable

_ICONS = {
    "appearance": "palette",
    "editor": "text",
    "results": "table",
    "tabs": "history",
    "connections": "server",
    "vaults": "vault",
    "storage": "storage",
    "service": "link",
    "shortcuts": "keyboard",
    "privacy": "shield",
    "about": "info",
}
_KEYCHAIN = "connections.keychain"


class SettingsWindow(QWidget):
    """One window for the whole program; closing it only hides it. A page is made when it is first shown."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self.setWindowTitle("Settings")
        self.setWindowIcon(application_icon())
        self.resize(980, 640)
        self.setMinimumSize(640, 420)
        self.search = SearchField("Search settings")
        self.list = QListWidget()
        self.list.setAccessibleName("Pages")
        self.list.setFixedWidth(200)
        self.list.setIconSize(QSize(16, 16))
        self._pages = QStackedWidget()
        self._nothing = plain_label("No setting matches.", "muted")
        self.rows: dict[str, SettingRow] = {}  # of the pages that were shown
        self.vaults: VaultsTable | None = None
        self._areas: list[QScrollArea] = []
        has_storage = app.storage_sync.is_available
        self._shown = [page for page in SCHEMA if page.name != "storage" or has_storage]
        self._build()
        self.search.textChanged.connect(self._search)
        self.search.moved.connect(self._move)
        self.list.currentRowChanged.connect(self._show_row)
        self.list.setCurrentRow(0)
        app.changed.connect(lambda _: self.show_values())
        self.show_values()

    def show_page(self, name: str, search: str = "") -> None:
        """Go to a page by its name in the schema; the current one stays for an unknown name."""
        for row, page in enumerate(self._shown):
            if page.name == name:
                self.search.clear()
                self.list.setCurrentRow(row)
        if search:
            self.search.setText(search)

    def show_values(self) -> None:
        """Show what is in force now."""
        settings = self._app.workspace.settings
        for name, row in self.rows.items():
            row.show_value(settings.get(name))
        if self.vaults is not None:
            self.vaults.show_vaults(self._app.workspace.vaults.all())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.search.text():
                self.search.clear()
            else:
                self.close()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(self.search)
        side.addWidget(self.list, 1)
        self.search.setFixedWidth(200)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(side)
        layout.addWidget(self._pages, 1)
        for page in self._shown:
            item = QListWidgetItem(icon(_ICONS.get(page.name, "settings"), "muted"), page.title)
            self.list.addItem(item)
            self._areas.append(_scrolling())
            self._pages.addWidget(self._areas[-1])
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._pages.addWidget(self._nothing)

    def _make_page(self, number: int) -> None:
        if self._areas[number].widget() is None:
            self._areas[number].setWidget(self._content(self._shown[number]))
            self.show_values()

    def _content(self, page: Page) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 0, 16, 16)
        column.setSpacing(16)
        column.addWidget(plain_label(page.title, "title"))
        if page.name == "vaults":
            from keeperdb.gui.vaults_page import VaultsTable

            self.vaults = VaultsTable(self._app)
            column.addWidget(self.vaults)
        if page.name == "storage":
            from keeperdb.gui.storage_page import StoragePage

            self.storage = StoragePage(self._app)
            column.addWidget(self.storage)
        if page.name == "service":
            from keeperdb.gui.service_page import ServicePage

            self.service = ServicePage(self._app)
            column.addWidget(self.service)
        if page.name == "shortcuts":
            from keeperdb.gui.shortcuts_page import ShortcutsPage

            self.shortcuts = ShortcutsPage(shortcuts())
            column.addWidget(self.shortcuts, 1)
        if page.name == "privacy":
            from keeperdb.gui.privacy_page import PrivacyPage

            self.privacy = PrivacyPage(self._app)
            column.addWidget(self.privacy)
        if page.name == "about":
            from keeperdb.gui.about_page import AboutPage

            self.about = AboutPage(self._app)
            column.addWidget(self.about, 1)
        if page.name == "connections":
            column.addWidget(plain_label("Local", "heading"))
        for setting in page.settings:
            row = SettingRow(setting)
            row.changed.connect(self._change)
            self.rows[setting.name] = row
            column.addWidget(row)
        column.addStretch()
        return content

    def _change(self, name: str, value: Value) -> None:
        """Write one value in the background; what could not be written is taken back on the screen."""

        def failed(error: KeeperDBError) -> None:
            self.show_values()
            if not isinstance(error, GivenUpError):
                show_error(self, error)

        if name == _KEYCHAIN:
            self._app.gate.choose(self, str(value), self.show_values, failed)
            return
        settings = self._app.workspace.settings
        self._app.runner.start(lambda _: settings.set(name, value), owner=self, failed=failed)

    def _show_row(self, row: int) -> None:
        if row >= 0:
            self._make_page(row)
            self._pages.setCurrentIndex(row)
            self._show_found(row)

    def _search(self, text: str) -> None:
        """Keep the pages and the options that have every word."""
        words = text.lower().split()
        found = [number for number, page in enumerate(self._shown) if _is_found(page, words)]
        for number in range(len(self._shown)):
            self.list.item(number).setHidden(number not in found)
        if words and found:
            self.list.setCurrentRow(found[0])
        if found:
            self._show_row(self.list.currentRow())
        else:
            self._pages.setCurrentWidget(self._nothing)

    def _show_found(self, number: int) -> None:
        """The options of a page that have every word of the search; all of them if none has."""
        words = self.search.text().lower().split()
        settings = self._shown[number].settings
        found = [setting for setting in settings if matches(setting, words)]
        for setting in settings:
            self.rows[setting.name].setVisible(not found or setting in found)

    def _move(self, rows: int) -> None:
        row = self.list.currentRow() + rows
        while 0 <= row < self.list.count():
            if not self.list.item(row).isHidden():
                self.list.setCurrentRow(row)
                return
            row += 1 if rows > 0 else -1


def _is_found(page: Page, words: list[str]) -> bool:
    is_title = all(word in page.title.lower() for word in words)
    return is_title or any(matches(setting, words) for setting in page.settings)


def _scrolling() -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area
