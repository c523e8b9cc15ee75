"""What the picker's commands do with a connection: open, test, edit, duplicate, copy, remove."""

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QFileDialog

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.errors import ConnectError, ConnectReason, KeeperDBError
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.password_prompt import PasswordPrompt
from keeperdb.gui.picker import Picker
from keeperdb.gui.privacy import privacy
from keeperdb.keychain.secret import Secret
from keeperdb.program import own_command
from keeperdb.task import Task
from keeperdb.workspace.instance import Request

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.workspace import Removal

_SQLITE_FILES = "SQLite databases (*.sqlite *.sqlite3 *.db *.db3 *.s3db *.sl3);;All files (*)"


class ConnectionActions(QObject):
    """Runs a command by its name, as `picker.COMMANDS` has them."""

    def __init__(self, app: "Application", picker: Picker) -> None:
        super().__init__(picker)
        self._app = app
        self._picker = picker
        self._commands: dict[str, Callable[[ConnectionProfile], None]] = {
            "open": self._open_or_show,
            "open-window": self._open,
            "open-read-only": lambda profile: self._open(profile.with_(read_only=True)),
            "test": self._test,
            "edit": self._edit,
            "duplicate": self._duplicate,
            "copy-url": self._copy_url,
            "copy-link": self._copy_link,
            "show-record": self._copy_uid,
            "remove": self._remove,
        }

    def run(self, name: str, profile: ConnectionProfile) -> None:
        self._commands[name](profile)

    def create(self) -> None:
        """Open an empty form for a local connection."""
        if self._app.workspace.is_loaded:
            self._show_form(None)

    def open_file(self) -> None:
        """Have a SQLite file chosen, and open it as it is."""
        if not self._app.workspace.is_loaded:
            return
        path, _ = QFileDialog.getOpenFileName(self._picker, "Open a SQLite file", "", _SQLITE_FILES)
        if path:
            self._app.requests.take(Request(files=(path,)))

    def start_demo(self) -> None:
        """Start the demo beside this program: it has a vault, a database and settings of its own."""

        def launch(_: Task) -> None:
            subprocess.Popen(own_command("demo"), start_new_session=True)

        self._app.runner.start(launch, owner=self)
        show_notice(self._picker, "The demo opens in a window of its own; it needs a few seconds.")

    def _open_or_show(self, profile: ConnectionProfile) -> None:
        if self._app.show_window(profile):
            self._picker.hide()
        else:
            self._open(profile)

    def _open(self, profile: ConnectionProfile) -> None:
        if profile.problem:
            show_notice(self._picker, f"{profile.problem} {profile.problem_hint}".strip(), "warning")
        elif not self._picker.model.busy_text(profile.id):
            self._app.open_window(profile, self._picker)

    def _test(self, profile: ConnectionProfile, password: Secret | None = None) -> None:
        model = self._picker.model
        model.set_busy(profile.id, "Testing…")

        def tested(version: str) -> None:
            show_notice(self._picker, f"“{profile.name}” works: {version}.", "success")

        def failed(error: KeeperDBError) -> None:
            if isinstance(error, ConnectError) and error.reason is ConnectReason.PASSWORD_NEEDED:
                self._ask_password(profile)
            else:
                show_error(self._picker, error)

        self._app.gate.start(
            self._picker,
            lambda task: self._app.workspace.test(profile, task, password=password),
            done=tested,
            failed=failed,
            finished=lambda: model.set_busy(profile.id, ""),
        )

    def _ask_password(self, profile: ConnectionProfile) -> None:
        place = privacy().place(profile.address)
        prompt = PasswordPrompt(self._picker, f"Password for “{profile.name}”", place, action="Test")
        prompt.answered.connect(prompt.accept)
        prompt.answered.connect(lambda password: self._test(profile, password))
        prompt.open()

    def _edit(self, profile: ConnectionProfile) -> None:
        self._show_form(profile)

    def _show_form(self, profile: ConnectionProfile | None) -> None:
        from keeperdb.gui.connection_dialog import ConnectionDialog

        dialog = ConnectionDialog(self._app.workspace, self._app.gate, self._picker, profile)
        dialog.saved.connect(lambda saved: self._go_to(saved.id))
        dialog.open()

    def _duplicate(self, profile: ConnectionProfile) -> None:
        def done(copy: ConnectionProfile) -> None:
            self._go_to(copy.id)
            show_notice(self._picker, f"“{copy.name}” was added.", "success", ("Edit", lambda: self._edit(copy)))

        self._start(lambda task: self._app.workspace.duplicate(profile, task), done)

    def _copy_url(self, profile: ConnectionProfile) -> None:
        from keeperdb.connections.address import format_address

        self._copy(format_address(profile), "The URL was copied. It holds no password.")

    def _copy_link(self, profile: ConnectionProfile) -> None:
        from keeperdb.connections.link import link_to

        self._copy(link_to(profile), "The link was copied. It names this connection, and holds no address or password.")

    def _copy_uid(self, profile: ConnectionProfile) -> None:
        if profile.vault is not None:
            uid = profile.vault.record_uid
            self._copy(uid, f"Record {uid} of {profile.vault.vault_name}: the uid was copied.")

    def _copy(self, text: str, notice: str) -> None:
        QApplication.clipboard().setText(text)
        show_notice(self._picker, notice)

    def _remove(self, profile: ConnectionProfile) -> None:
        if profile.source is not Source.LOCAL:
            vault = profile.vault.vault_name if profile.vault else "its vault"
            show_notice(
                self._picker, f"“{profile.name}” comes from {vault}. Remove its record in Keeper, then refresh.", "info"
            )
            return

        def done(undo: "Removal") -> None:
            show_notice(
                self._picker, f"“{profile.name}” was removed.", "info", ("Undo", lambda: self._undo(profile, undo)), 20
            )

        self._start(lambda task: self._app.workspace.remove(profile, task), done)

    def _undo(self, profile: ConnectionProfile, undo: "Removal") -> None:
        self._start(lambda _: undo(), lambda _: self._go_to(profile.id))

    def _go_to(self, profile_id: str) -> None:
        """Select a connection that the list may not show yet."""
        self._picker.show_workspace()
        self._picker.view.select_profile(profile_id)

    def _start(self, operation: Callable[[Task], object], done: Callable[..., None]) -> None:
        self._app.gate.start(self._picker, operation, done=done, failed=lambda error: show_error(self._picker, error))
