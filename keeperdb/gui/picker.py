"""The first screen: every connection, local and from vaults, in one list that is searched by typing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.actions import describe_button, make_action
from keeperdb.gui.connection_list import ConnectionListModel, Filter
from keeperdb.gui.connection_view import ConnectionView
from keeperdb.gui.icons import icon, set_icon
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.picker_pages import MessagePage
from keeperdb.gui.picker_status import StatusLine
from keeperdb.gui.resources import application_icon
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.shortcuts import shortcuts

if TYPE_CHECKING:
    from keeperdb.workspace import Workspace

_PRIVACY = (
    "Nothing is sent anywhere but to your databases and your vaults: no usage data, no crash reports, no update check "
    "unless you allow it."
)
_CLOCK_SECONDS = 30  # how often "5 min ago" is put right
_FILTERS = ((Filter.ALL, "All"), (Filter.LOCAL, "Local"), (Filter.VAULT, "Vault"), (Filter.RECENT, "Recent"))


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done with a connection; `shortcut` is one of those that cannot be changed."""

    name: str
    text: str
    icon: str
    shortcut: str
    fits: Callable[[ConnectionProfile], bool]


def _usable(profile: ConnectionProfile) -> bool:
    return profile.is_usable


def _local(profile: ConnectionProfile) -> bool:
    return profile.source is Source.LOCAL


def _any(_: ConnectionProfile) -> bool:
    return True


def _vault(profile: ConnectionProfile) -> bool:
    return profile.source is Source.VAULT


COMMANDS: tuple[Command | None, ...] = (
    Command("open", "Open", "play", "Return", _usable),
    Command("open-window", "Open in a new window", "", "Ctrl+Return", _usable),
    Command("open-read-only", "Open read-only", "lock", "", _usable),
    Command("test", "Test", "check", "", _usable),
    None,
    Command("edit", "Edit…", "edit", "", _any),
    Command("duplicate", "Duplicate", "duplicate", "", _usable),
    Command("copy-url", "Copy URL without password", "copy", "", _usable),
    Command("copy-link", "Copy link", "link", "", _usable),
    Command("show-record", "Copy record uid", "vault", "", _vault),
    None,
    Command("remove", "Remove", "trash", "Del", _local),
)


class Picker(QWidget):
    """The picker window. What is to be done is said by signals; the application does it.

    `command(name, profile)` names an entry of `COMMANDS`.
    """

    command = Signal(str, object)
    new_requested = Signal()
    attach_requested = Signal()
    settings_requested = Signal()
    refresh_requested = Signal()
    demo_requested = Signal()
    file_requested = Signal()
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self, workspace: "Workspace", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setWindowTitle("KeeperDB")
        self.setWindowIcon(application_icon())
        self.resize(920, 680)
        self.setMinimumSize(520, 400)
        self.model = ConnectionListModel(self)
        self.view = ConnectionView(self.model)
        self.search = SearchField("Search connections")
        self.status = StatusLine()
        self.filters = QButtonGroup(self)
        self._stack = QStackedWidget()
        self._no_match = MessagePage("search", "", "", [("Clear the search", "", "link", self._clear_search)])
        self._build()
        self._connect()
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._clock.start(_CLOCK_SECONDS * 1000)
        self.show_workspace()

    def show_workspace(self) -> None:
        """Show the connections and vaults as the workspace has them now."""
        self.model.set_connections(self._workspace.profiles(), self._workspace.last_used)
        self._show_state()

    @property
    def current_profile(self) -> ConnectionProfile | None:
        return self.view.current_profile

    def show_vault(self, vault_id: str) -> None:
        """Bring the connections of a vault into sight."""
        self._clear_search()
        self._choose_filter(Filter.ALL)
        profiles = map(self.model.profile_at, range(self.model.rowCount()))
        of_vault = (each for each in profiles if each and each.vault and each.vault.vault_id == vault_id)
        first = next((each for each in of_vault if each.is_usable), None)
        if first is not None:
            self.view.select_profile(first.id)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 8)
        layout.setSpacing(12)
        layout.addLayout(self._title_row())
        layout.addLayout(self._search_row())
        layout.addLayout(self._filter_row())
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._no_match)
        self._stack.addWidget(MessagePage("clock", "Reading connections…", "", []))
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.status)

    def _title_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        logo = IconLabel("keeperdb", "", 24)
        row.addWidget(logo)
        row.addWidget(plain_label("KeeperDB", "title"))
        row.addStretch()
        self.settings_button = _button("Settings", "settings", "link")
        row.addWidget(self.settings_button)
        return row

    def _search_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        self.new_button = _button("New connection", "plus")
        self.attach_button = _button("Connect to your Keeper Vault", "vault", "primary")
        row.addWidget(self.new_button)
        row.addWidget(self.attach_button)
        return row

    def _filter_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, (_, text) in enumerate(_FILTERS):
            button = _button(text, "", "segment", f"Show: {text}")
            button.setCheckable(True)
            button.setChecked(number == 0)
            self.filters.addButton(button, number)
            row.addWidget(button)
        row.addStretch()
        self.refresh_button = _button("Refresh", "refresh", "link")
        row.addWidget(self.refresh_button)
        return row

    def _empty_page(self) -> QWidget:
        return MessagePage(
            "database",
            "Welcome to KeeperDB",
            "Connect to your Keeper Vault to see the databases that are shared with you, or enter one yourself.",
            [
                ("Connect to your Keeper Vault", "vault", "primary", self.attach_requested.emit),
                ("New connection", "plus", "", self.new_requested.emit),
                ("Open a SQLite file…", "", "link", self.file_requested.emit),
                ("Try the demo", "", "link", self.demo_requested.emit),
            ],
            _PRIVACY,
        )

    def _connect(self) -> None:
        self.search.textChanged.connect(self._search)
        self.search.moved.connect(self.view.move_current)
        self.search.entered.connect(self._open_current)
        self.search.delete_pressed.connect(lambda: self._run("remove"))
        self.view.opened.connect(self._open)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.filters.idClicked.connect(lambda number: self._choose_filter(_FILTERS[number][0]))
        self.settings_button.clicked.connect(self.settings_requested)
        self.new_button.clicked.connect(self.new_requested)
        self.attach_button.clicked.connect(self.attach_requested)
        self.refresh_button.clicked.connect(self.refresh_requested)
        self.status.retry.connect(self.refresh_requested)
        self.status.cancelled.connect(self.cancel_requested)
        acts: dict[str, Callable[[], object]] = {
            "picker.new": self.new_requested.emit,
            "picker.attach": self.attach_requested.emit,
            "picker.refresh": self.refresh_requested.emit,
            "picker.search": self._focus_search,
            "picker.edit": lambda: self._run("edit"),
            "picker.duplicate": lambda: self._run("duplicate"),
            "picker.copy_url": lambda: self._run("copy-url"),
            "view.settings": self.settings_requested.emit,
        }
        for action_id, act in acts.items():
            make_action(action_id, self, act, Qt.ShortcutContext.WindowShortcut)
        buttons = {
            "picker.new": self.new_button,
            "picker.attach": self.attach_button,
            "picker.refresh": self.refresh_button,
            "view.settings": self.settings_button,
        }
        for action_id, button in buttons.items():
            describe_button(button, action_id)

    def _search(self, text: str) -> None:
        self.model.search(text)
        self.view.select_first()
        self._show_state()

    def _clear_search(self) -> None:
        self.search.clear()
        self._choose_filter(Filter.ALL)
        self._focus_search()

    def _focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _choose_filter(self, value: Filter) -> None:
        number = next(number for number, (each, _) in enumerate(_FILTERS) if each is value)
        self.filters.button(number).setChecked(True)
        self.model.set_filter(value)
        self._show_state()

    def _show_state(self) -> None:
        shown, total = self.model.shown, self.model.total
        page = 0 if shown else 2 if total else 1 if self._workspace.is_loaded else 3
        vaults = self._workspace.vaults.all() if self._workspace.is_loaded else []
        self.refresh_button.setVisible(bool(vaults))
        self._no_match.set_title(self._no_match_text())
        self._stack.setCurrentIndex(page)
        self.status.show_state(shown, total, vaults)

    def _no_match_text(self) -> str:
        where = {Filter.LOCAL: "local ", Filter.VAULT: "vault ", Filter.RECENT: "recently used "}
        kind = f"{where.get(self.model.filter, '')}connection"
        return f"No {kind} matches “{self.model.query}”" if self.model.query.strip() else f"No {kind}s"

    def _tick(self) -> None:
        self._show_state()
        self.view.viewport().update()

    def _open_current(self, new_window: bool) -> None:
        if (profile := self.current_profile) is not None:
            self._open(profile, new_window)

    def _open(self, profile: ConnectionProfile, new_window: bool) -> None:
        self.command.emit("open-window" if new_window else "open", profile)

    def _run(self, name: str) -> None:
        if (profile := self.current_profile) is not None:
            self.command.emit(name, profile)

    def _show_menu(self, position: QPoint) -> None:
        profile = self.current_profile
        if profile is None:
            return
        menu = self.menu_for(profile)
        if not self.view.indexAt(position).isValid():
            position = self.view.visualRect(self.view.currentIndex()).center()
        menu.popup(self.view.viewport().mapToGlobal(position))

    def menu_for(self, profile: ConnectionProfile) -> QMenu:
        """What can be done with a connection; the menu deletes itself."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for each in COMMANDS:
            if each is None:
                menu.addSeparator()
                continue
            action = menu.addAction(each.text)
            if each.icon:
                action.setIcon(icon(each.icon, "muted"))
            action.setShortcut(QKeySequence(_keys(each)))
            action.setEnabled(each.fits(profile))
            action.setVisible(each.fits(profile) or each.name != "show-record")
            action.triggered.connect(lambda _=False, name=each.name: self.command.emit(name, profile))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        elif event.key() == Qt.Key.Key_Delete:
            self._run("remove")
        elif text and text.isprintable() and not event.modifiers() & _COMMAND_KEYS:
            self.search.setFocus()
            self.search.insert(text)
        else:
            super().keyPressEvent(event)

    def _escape(self) -> None:
        if self.search.text():
            self._clear_search()
        else:
            self.cancel_requested.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.search.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


_COMMAND_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def _keys(command: Command) -> str:
    """The keys that the menu shows beside a command."""
    action_id = f"picker.{command.name.replace('-', '_')}"
    keys = shortcuts().keys(action_id) if action_id in ACTIONS else ()
    return keys[0] if keys else command.shortcut


def _button(text: str, icon_name: str, role: str = "", tip: str = "") -> QPushButton:
    button = QPushButton(text)
    if role:
        button.setProperty("role", role)
    if icon_name:
        set_icon(button, icon_name, {"primary": "on-accent", "link": "accent"}.get(role, "text"))
    button.setAutoDefault(False)
    button.setToolTip(tip)
    return button
