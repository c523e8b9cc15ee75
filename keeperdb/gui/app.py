"""The application: its windows, and what leads from one to the other."""

import gc
import importlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import KeeperDBError
from keeperdb.gui.app_actions import AppActions
from keeperdb.gui.app_lock import AppLock
from keeperdb.gui.column_layouts import ColumnLayouts
from keeperdb.gui.connection_actions import ConnectionActions
from keeperdb.gui.desktop_notice import DesktopNotices
from keeperdb.gui.history_keeper import HistoryKeeper
from keeperdb.gui.icons import read_ahead
from keeperdb.gui.journal_keeper import JournalKeeper
from keeperdb.gui.keychain_gate import KeychainGate
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.open_requests import OpenRequests
from keeperdb.gui.opening import Opening, SessionOpener
from keeperdb.gui.palette_memory import PaletteMemory
from keeperdb.gui.picker import Picker
from keeperdb.gui.privacy import privacy
from keeperdb.gui.privacy_indicator import PrivacyIndicator
from keeperdb.gui.restoring import Restoring
from keeperdb.gui.runner import Lane, Runner
from keeperdb.gui.saved_query_shelf import SavedQueryShelf
from keeperdb.gui.service_control import ServiceControl
from keeperdb.gui.service_indicator import ServiceIndicator
from keeperdb.gui.shortcut_keeper import ShortcutKeeper
from keeperdb.gui.snippet_shelf import SnippetShelf
from keeperdb.gui.start_files import StartFiles
from keeperdb.gui.storage_indicator import StorageIndicator
from keeperdb.gui.storage_offer import StorageOffering
from keeperdb.gui.storage_sync import StorageSync
from keeperdb.gui.theme import apply_theme
from keeperdb.gui.update_check import UpdateCheck
from keeperdb.gui.vault_refresh import VaultRefresh
from keeperdb.gui.window_places import WindowPlaces
from keeperdb.task import Progress, Task
from keeperdb.workspace import Change, Workspace

if TYPE_CHECKING:
    from keeperdb.gui.crash_dialog import CrashDialog
    from keeperdb.gui.main_window import MainWindow
    from keeperdb.gui.settings_window import SettingsWindow
    from keeperdb.query.session import Session
    from keeperdb.vault.attached import AttachedVault

_log = logging.getLogger(__name__)
_LIST_MILLISECONDS = 30  # one showing of the list serves the changes that come together
RESTART = 75  # the exit code that starts the program once more
_WATCH_SECONDS = 5  # how often another window's changes are looked for
_AHEAD_MILLISECONDS = 250  # until then the list is drawn, which needs the interpreter for itself

# What the first click will need, and takes too long to import on the UI thread.
_AHEAD = (
    "keeperdb.query.session",
    "keeperdb.gui.main_window",
    "keeperdb.gui.attach_dialog",
    "keeperdb.gui.connection_dialog",
    "keeperdb.gui.settings_window",
    "keeperdb.gui.palette",
    "keeperdb.gui.palette_own_sources",
    "keeperdb.gui.palette_objects",
)


class Application(QObject):
    """Everything that belongs to one running program with windows.

    `changed(change)` says on the UI thread that the workspace changed; `error_shown(error)` that a person was told of
    an error.
    """

    changed = Signal(object)
    error_shown = Signal(object)
    window_opened = Signal(object)

    def __init__(self, qt: QApplication, workspace: Workspace, runner: Runner) -> None:
        super().__init__(qt)
        self._qt = qt
        self.workspace = workspace
        self.runner = runner
        self.places = WindowPlaces(workspace.paths.data / "windows.json", runner)
        self.desktop = DesktopNotices(runner, qt)
        self.palette_memory = PaletteMemory(workspace.paths.data / "palette.json", runner)
        self.column_layouts = ColumnLayouts(runner, workspace.paths.data / "columns.json")
        self.snippets = SnippetShelf(workspace.paths.config / "snippets.json", runner)
        self._keys = ShortcutKeeper(workspace.paths.config / "shortcuts.json", runner, qt)
        self.gate = KeychainGate(workspace, runner, self)
        self.refresh = VaultRefresh(workspace, self.gate, self)
        self.storage_sync = StorageSync(workspace, self.gate, self.refresh, self)
        self.service = ServiceControl(self)
        self.lock = AppLock(self, qt)
        self.requests = OpenRequests(self, qt)
        self.updates = UpdateCheck(self)
        self._offering = StorageOffering(self)
        self.windows: list[MainWindow] = []
        self._picker: Picker | None = None
        self._settings: SettingsWindow | None = None
        self._openings: list[Opening] = []
        self._crash: CrashDialog | None = None
        self._told_crashes: set[str] = set()
        self._files: tuple[Path, ...] = ()
        self._is_closing = False
        self.journal = JournalKeeper(self)
        self.restoring = Restoring(self)
        self.history = HistoryKeeper(self)
        self.saved_queries = SavedQueryShelf(self)
        self._watch = QTimer(self)
        self._watch.timeout.connect(self._look_for_changes)
        self._list_clock = QTimer(self, singleShot=True, interval=_LIST_MILLISECONDS)
        self._list_clock.timeout.connect(self._show_list)
        workspace.subscribe(self.changed.emit)
        self.changed.connect(self._on_change)
        privacy().changed.connect(self._list_clock.start)
        runner.unhandled.connect(self._on_unhandled)
        runner.crashed.connect(self.show_crash)

    def start(self, files: Sequence[Path] = ()) -> None:
        """Show the picker at once, unless windows are restored; read the workspace behind it, the vaults, `files`."""
        self._files = tuple(files)
        self.runner.start(self._read_first, owner=self, done=lambda _: self._begin())

    def _read_first(self, task: Task) -> None:
        """In the background: what the first window needs."""
        read_ahead()
        self.places.read()
        self.column_layouts.read()
        self.snippets.read()
        self._keys.read()
        self.palette_memory.read()
        self.restoring.read()

    def _begin(self) -> None:
        self._keys.begin()
        if not self.restoring.expects_windows:
            self.show_picker()
        if self.workspace.is_loaded:
            self._on_loaded()
        else:
            self.runner.start(
                self.workspace.load, owner=self, done=lambda _: self._on_loaded(), failed=self._refuse_to_load
            )

    def _refuse_to_load(self, error: KeeperDBError) -> None:
        self.show_picker()
        self.show_error(self.picker, error)

    @property
    def picker(self) -> Picker:
        if self._picker is None:
            self._picker = self._make_picker()
        return self._picker

    @property
    def front(self) -> QWidget:
        """The window at which something can be said: a main window, or else the picker."""
        return self.windows[0] if self.windows else self.picker

    def is_last(self, window: "MainWindow") -> bool:
        """Whether the program ends when `window` is closed."""
        return self.windows in ([], [window]) and (self._picker is None or not self._picker.isVisible())

    def show_picker(self) -> None:
        """Bring the picker to the front."""
        self.picker.show()
        self.picker.raise_()
        self.picker.activateWindow()

    def show_settings(self, page: str = "", search: str = "") -> None:
        """Open the settings at a page of `SCHEMA`, such as `vaults`, or at what `search` finds."""
        from keeperdb.gui.settings_window import SettingsWindow

        if not self.workspace.is_loaded:
            return
        if self._settings is None:
            self._settings = SettingsWindow(self)
            self.places.follow("settings", self._settings)
        self._settings.show_page(page, search)
        self._settings.show()
        self._settings.raise_()
        self._settings.activateWindow()

    def attach_vault(self, parent: QWidget | None = None) -> None:
        """Open the dialog that attaches a vault."""
        from keeperdb.gui.attach_dialog import AttachDialog

        if self.workspace.is_loaded:
            dialog = AttachDialog(self.workspace, self.gate, parent or self.picker)
            dialog.attached.connect(self._on_attached)
            dialog.open()

    def opener(self, profile: ConnectionProfile) -> SessionOpener:
        """How a window opens further sessions on `profile`; its `window` is to be set to that window."""
        return SessionOpener(self.workspace, self.gate, profile, self)

    def open_connection(
        self,
        profile: ConnectionProfile,
        parent: QWidget,
        then: Callable[["Session", Lane], None],
        *,
        opener: SessionOpener | None = None,
    ) -> Opening:
        """Open a session on a lane of its own, asking at `parent` what has to be asked; then hand over both."""
        opener = opener or self.opener(profile)
        opener.window = parent
        picker = self.picker
        text = f"Connecting to {profile.name}…"
        picker.model.set_busy(profile.id, text)
        picker.status.show_busy(text)

        def progress(value: Progress) -> None:
            picker.model.set_busy(profile.id, value.text or text)

        def ended() -> None:
            picker.model.set_busy(profile.id, "")
            picker.status.end_busy()
            self._openings.remove(opening)
            if notice is not None and shiboken6.isValid(notice):
                notice.dismiss()

        opening = Opening(
            self.gate,
            opener,
            parent,
            done=then,
            failed=lambda error: self.show_error(parent, error),
            progress=progress,
            ended=ended,
        )
        self._openings.append(opening)
        is_elsewhere = parent.window() is not picker  # then the row and its status line are out of sight
        notice = show_notice(parent, text, action=("Cancel", opening.cancel), seconds=0) if is_elsewhere else None
        return opening

    def show_window(self, profile: ConnectionProfile) -> bool:
        """Bring the window of a connection that is open to the front; say whether there is one."""
        window = next((each for each in self.windows if each.profile == profile), None)
        if window is not None:
            window.show()
            window.raise_()
            window.activateWindow()
        return window is not None

    def open_window(self, profile: ConnectionProfile, parent: QWidget | None = None) -> None:
        """Open a connection into a window of its own."""
        opener = self.opener(profile)
        self.open_connection(
            profile,
            parent or self.picker,
            lambda session, lane: self._show_window(profile, session, lane, opener),
            opener=opener,
        )

    def show_error(self, parent: QWidget | None, error: KeeperDBError) -> None:
        """Show an error at a window."""
        show_error(parent, error)
        self.error_shown.emit(error)

    def show_crash(self, error: BaseException) -> None:
        """Show a bug of ours, one at a time, and each only once."""
        from keeperdb.gui.crash_dialog import CrashDialog, crash_details

        details = crash_details(error)
        if details in self._told_crashes:  # one that comes with every tick of a clock would ask for a click each time
            show_notice(self._qt.activeWindow() or self.picker, "The same bug again. Help → Log has it.", "error")
        elif self._crash is None:
            self._told_crashes.add(details)
            self._crash = CrashDialog(self, self._qt.activeWindow(), error)
            self._crash.destroyed.connect(self._forget_crash)
            self._crash.show()

    def restart(self) -> None:
        """End without closing tabs, and start once more, which brings them back; open transactions are rolled back."""
        self._qt.exit(RESTART)

    def quit_if_last(self) -> None:
        """End the program when no window is left."""
        picker_is_open = self._picker is not None and self._picker.isVisible()
        if not self.windows and not picker_is_open:
            self._qt.quit()

    def shut_down(self) -> bool:
        """Stop everything that runs, and wait for it, but not long; say if all threads have ended."""
        self._is_closing = True
        self._watch.stop()
        self.refresh.stop()
        self.storage_sync.stop()
        self.service.shut_down()
        self.journal.finish()
        self.history.finish()
        return self.runner.shutdown()

    def _make_picker(self) -> Picker:
        picker = Picker(self.workspace)
        actions = ConnectionActions(self, picker)
        picker.command.connect(actions.run)
        picker.new_requested.connect(actions.create)
        picker.attach_requested.connect(lambda: self.attach_vault(picker))
        picker.settings_requested.connect(self.show_settings)
        picker.refresh_requested.connect(lambda: self.refresh.start(picker))
        picker.demo_requested.connect(actions.start_demo)
        picker.file_requested.connect(actions.open_file)
        picker.cancel_requested.connect(self._cancel)
        self.places.follow("picker", picker)
        picker.closed.connect(self.quit_if_last, Qt.ConnectionType.QueuedConnection)  # it is visible until then
        AppActions(self, picker)
        picker.status.add_indicator(PrivacyIndicator(self))
        picker.status.add_indicator(StorageIndicator(self))
        picker.status.add_indicator(ServiceIndicator(self))
        self.refresh.busy.connect(picker.status.show_busy)
        self.refresh.idle.connect(picker.status.end_busy)
        return picker

    def _show_window(self, profile: ConnectionProfile, session: "Session", lane: Lane, opener: SessionOpener) -> None:
        from keeperdb.gui.main_window import MainWindow

        window = MainWindow(self, profile, session, lane, opener, self.journal.take(profile.id))
        opener.window = window
        QTimer.singleShot(0, window, lambda: self.present(window))  # a turn of its own: making it took one

    def present(self, window: "MainWindow") -> None:
        """Show a new main window; the list goes."""
        self.windows.append(window)
        window.destroyed.connect(lambda: self._forget_window(window))
        window.show()
        window.raise_()
        window.activateWindow()
        if self._picker is not None:
            self._picker.hide()
        self.window_opened.emit(window)

    def _forget_window(self, window: "MainWindow") -> None:
        self.windows.remove(window)
        if shiboken6.isValid(self) and not self._is_closing:
            self.quit_if_last()

    def _forget_crash(self) -> None:
        self._crash = None

    def _cancel(self) -> None:
        if self._openings:
            self._openings[-1].cancel()
        elif self.refresh.is_running:
            self.refresh.cancel()
        elif self.windows:
            self.picker.hide()

    def _on_loaded(self) -> None:
        apply_theme(self._qt, self.workspace.settings.text("appearance.theme"))
        privacy().follow(self.workspace.settings)
        self.lock.begin()
        self.restoring.begin()
        for warning in self.workspace.warnings:
            show_notice(self.front, warning, "warning", seconds=0)
        self.refresh.schedule(self.front)
        self.storage_sync.schedule(self.front)
        self.service.start_by_itself(self.picker)
        QTimer.singleShot(_AHEAD_MILLISECONDS, self, lambda: self.runner.start(_import_ahead, owner=self))
        if self._files:
            StartFiles(self, self._files)
        self.requests.go_on()
        self.updates.look_if_allowed()
        self._watch.start(_WATCH_SECONDS * 1000)

    def _on_change(self, change: Change) -> None:
        self.storage_sync.follow(change)
        if change is Change.SETTINGS:
            apply_theme(self._qt, self.workspace.settings.text("appearance.theme"))
            privacy().follow(self.workspace.settings)
            self.lock.follow(self.workspace.settings)
            self.picker.view.set_density(self.workspace.settings.text("appearance.density"))
            self.refresh.reschedule()
        elif change is not Change.STORAGE and not self._list_clock.isActive():
            self._list_clock.start()

    def _show_list(self) -> None:
        self._list_clock.stop()
        privacy().know(self.workspace.profiles())
        self.picker.show_workspace()

    def _on_attached(self, vault: "AttachedVault") -> None:
        from keeperdb.gui.words import count

        self.show_picker()
        self._show_list()
        self.picker.show_vault(vault.id)
        if vault.error:
            show_notice(
                self.picker, f"{vault.name} is attached. {vault.error} {vault.error_hint}", "warning", seconds=0
            )
            return
        text = f"{count(vault.connection_count, 'connection')} from {vault.name}"
        if vault.unusable_count:
            text += f", {vault.unusable_count} cannot be used"
        kind = "success" if vault.connection_count else "warning"
        said = " ".join([f"{text}.", *vault.warnings])
        show_notice(self.picker, said, kind)
        self._offering.look(vault, said)

    def _on_unhandled(self, owner: QObject, error: KeeperDBError) -> None:
        window = owner if isinstance(owner, QWidget) else self._qt.activeWindow() or self.picker
        self.show_error(window, error)

    def _look_for_changes(self) -> None:
        if self.runner.is_idle:
            self.runner.start(self.workspace.reload, owner=self, failed=lambda error: _log.warning("%s", error))


def _import_ahead(task: Task) -> None:
    for name in _AHEAD:
        task.check()
        importlib.import_module(name)
    if not gc.get_freeze_count():
        gc.freeze()  # code stays; a collection that looks through all of it holds up the window for 40 ms and more
