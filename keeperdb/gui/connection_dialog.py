"""Creating, editing and testing a local connection; looking at one that comes from a vault."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from keeperdb.connections.address import format_address, parse_address
from keeperdb.connections.profile import ConnectionProfile, PasswordMode, Source
from keeperdb.errors import ConnectError, ConnectReason, KeeperDBError, SettingsError
from keeperdb.gui.connection_form import ConnectionForm
from keeperdb.gui.fields import Field, set_style_property
from keeperdb.gui.keychain_gate import Attempt, KeychainGate
from keeperdb.gui.notices import IconLabel, plain_label, show_error
from keeperdb.gui.password_prompt import PasswordPrompt
from keeperdb.keychain.secret import Secret
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.workspace import Workspace

T = TypeVar("T")
_PASTE_HELP = "A URL, a JDBC URL, or a psql or mysql command fills in the form."


class ConnectionDialog(QDialog):
    """`saved(profile)` follows Save. `profile` None makes a new connection."""

    saved = Signal(object)

    def __init__(
        self,
        workspace: "Workspace",
        gate: KeychainGate,
        parent: QWidget | None = None,
        profile: ConnectionProfile | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._gate = gate
        self._profile = profile
        self._attempt: Attempt | None = None
        self._name_filled_in = ""  # by us, from what stood in the address so far
        self._is_ours = profile is None or profile.source is Source.LOCAL
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Connection “{profile.name}”" if profile else "New connection")
        self.setMinimumWidth(620)
        self.address = QLineEdit()
        self.address.setPlaceholderText("postgresql://user@host/database")
        self.address_field = Field("Paste an address", self.address, _PASTE_HELP)
        self.form = ConnectionForm(workspace.keychain.label)
        self.test_button = QPushButton("Test")
        self.save_button = QPushButton("Save")
        self.close_button = QPushButton("Cancel" if self._is_ours else "Close")
        self._bar = QProgressBar()
        self._result = plain_label("", "muted", wrap=True, selectable=True)
        self._result_icon = IconLabel("success", "success")
        self._build()
        self._wire()
        self.resize(640, 720)
        self._show(profile or ConnectionProfile("", "postgresql"))

    def test(self, password: Secret | None = None) -> None:
        """Connect with what is in the form, and say what the server is."""
        if self._attempt is not None or (self._is_ours and not self.form.check()):
            return
        profile = self.form.profile() if self._is_ours else self._profile
        if profile is None:
            return
        password = password or self._test_password(profile)
        self._start(
            lambda task: self._workspace.test(profile, task, password=password),
            lambda version: self._show_result(f"It works: {version}.", "success"),
            self._test_failed,
            f"Connecting to {profile.address or profile.name}…",
        )

    def fill(self, address: str) -> None:
        """Put an address into its field, and what it says into the form."""
        self.address.setText(address)
        self._fill_from_address(address)

    def save(self) -> None:
        """Check, store, close."""
        if self._attempt is not None or not self._check_address() or not self.form.check():
            return
        profile, password = self.form.profile(), self.form.new_password()

        def done(_: object) -> None:
            self._attempt = None
            self.accept()
            self.saved.emit(profile)

        def store(task: Task) -> None:
            self._workspace.save(profile, password, task)

        self._start(store, done, lambda error: show_error(self, error), "Saving…")

    def reject(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()
        else:
            super().reject()

    def done(self, result: int) -> None:
        self.form.password.clear()
        super().done(result)

    def _show(self, profile: ConnectionProfile) -> None:
        keeps = self._profile is not None and profile.password_mode is PasswordMode.KEYCHAIN
        self.form.show_profile(profile, password_is_kept=keeps)
        if self._is_ours:
            self.address.setFocus() if self._profile is None else self.form.name.setFocus()
        else:
            self.form.set_read_only()
            self.address_field.hide()
            self.save_button.hide()
            self.close_button.setFocus()

    def _fill_from_address(self, text: str) -> None:
        """As the person types or pastes; what is not understood yet is no error before the field is left."""
        self.address_field.set_error("")
        try:
            parsed = parse_address(text)
        except SettingsError:
            return
        current = self.form.profile()
        found = parsed.profile.with_(
            id=current.id,
            name=parsed.profile.name if current.name in ("", self._name_filled_in) else current.name,
            folder=current.folder,
            color=current.color,
            environment=current.environment,
            notes=current.notes,
        )
        if found.name == parsed.profile.name:
            self._name_filled_in = found.name
        self.form.show_profile(found, password_is_kept=self._profile is not None and parsed.password is None)
        if parsed.password is not None:
            self.form.password.setText(parsed.password.reveal())
            self.address.setText(format_address(found))
        left_out = f"Left out, because they are for another program: {', '.join(parsed.left_out)}."
        self.address_field.set_help(left_out if parsed.left_out else _PASTE_HELP)

    def _check_address(self) -> bool:
        text = self.address.text().strip()
        try:
            if text:
                parse_address(text)
        except SettingsError as error:
            self.address_field.set_error(str(error))
            return False
        return True

    def _test_password(self, profile: ConnectionProfile) -> Secret | None:
        """What was typed; None takes the password that is kept."""
        if profile.password_mode is PasswordMode.KEYCHAIN and self._is_ours:
            return self.form.new_password()
        return None

    def _test_failed(self, error: KeeperDBError) -> None:
        if isinstance(error, ConnectError) and error.reason is ConnectReason.PASSWORD_NEEDED:
            prompt = PasswordPrompt(self, "Password", error.message, action="Test")
            prompt.answered.connect(prompt.accept)
            prompt.answered.connect(self.test)
            prompt.open()
        else:
            self._show_result(str(error), "danger")

    def _start(
        self,
        operation: Callable[[Task], T],
        done: Callable[[T], object],
        failed: Callable[[KeeperDBError], object],
        text: str,
    ) -> None:
        self._set_busy(True)
        self._show_result(text, "muted")
        self._attempt = self._gate.start(self, operation, done=done, failed=failed, finished=self._finished)

    def _finished(self) -> None:
        if self._attempt is not None and self._attempt.is_cancelled:
            self._show_result("Cancelled.", "muted")
        elif self._result.property("role") == "muted":
            self._show_result("", "muted")
        self._attempt = None
        self._set_busy(False)

    def _show_result(self, text: str, role: str) -> None:
        self._result.setText(text)
        set_style_property(self._result, "role", role)
        self._result_icon.setVisible(role != "muted")
        if role != "muted":
            self._result_icon.show_icon("success" if role == "success" else "error", role)

    def _set_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self.test_button.setEnabled(not busy)
        self.save_button.setEnabled(not busy)
        idle = "Cancel" if self._is_ours else "Close"
        self.close_button.setText("Stop" if busy else idle)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        if not self._is_ours and self._profile is not None and self._profile.vault is not None:
            layout.addLayout(self._vault_banner(self._profile.vault.vault_name))
        layout.addWidget(self.address_field)
        layout.addWidget(self.form, 1)
        result = QHBoxLayout()
        result.addWidget(self._result_icon, 0, Qt.AlignmentFlag.AlignTop)
        result.addWidget(self._result, 1)
        layout.addLayout(result)
        layout.addWidget(self._bar)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.hide()
        self._result_icon.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.test_button)
        row.addStretch()
        row.addWidget(self.close_button)
        row.addWidget(self.save_button)
        layout.addLayout(row)
        self.test_button.setAutoDefault(False)
        self.close_button.setAutoDefault(False)
        self.save_button.setDefault(True)

    def _vault_banner(self, vault: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(IconLabel("vault", "success", 20))
        text = f"This connection comes from {vault}. Edit it in the Keeper vault, then refresh."
        row.addWidget(plain_label(text, wrap=True), 1)
        return row

    def _wire(self) -> None:
        self.address.textEdited.connect(self._fill_from_address)
        self.address.editingFinished.connect(self._check_address)
        self.test_button.clicked.connect(lambda _: self.test())
        self.save_button.clicked.connect(self.save)
        self.close_button.clicked.connect(self.reject)
