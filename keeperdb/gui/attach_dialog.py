"""Attaching a vault: a name, a one-time token, and what went wrong beside the field it belongs to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError, SettingsError, VaultError, VaultReason
from keeperdb.gui.fields import Field, SecretEdit
from keeperdb.gui.icons import set_icon
from keeperdb.gui.keychain_gate import Attempt, KeychainGate
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.task import Progress, Task

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVault
    from keeperdb.workspace import Workspace

_TOKEN_HELP = "In Keeper: Secrets Manager → application → Generate access token. A token works once."  # noqa: S105
_CONFIGURATION_HELP = "A ready Secrets Manager configuration, as JSON or base64, can be pasted instead of a token."
_TRY_AGAIN = (VaultReason.UNREACHABLE, VaultReason.TIMEOUT, VaultReason.THROTTLED, VaultReason.BAD_ANSWER)


class AttachDialog(QDialog):
    """`attached(vault)` follows success. On failure the dialog stays, with everything that was entered."""

    attached = Signal(object)

    def __init__(self, workspace: "Workspace", gate: KeychainGate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._gate = gate
        self._attempt: Attempt | None = None
        self.setWindowTitle("Connect to your Keeper Vault")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.name = QLineEdit(self._free_name())
        self.name.setMaxLength(100)
        self.token = SecretEdit(paste=True)
        self.token.setPlaceholderText("US:…")
        self.name_field = Field("Name", self.name)
        self.token_field = Field("One-time token", self.token, _TOKEN_HELP)
        self.advanced = QPushButton("Advanced")
        self.connect_button = QPushButton("Connect")
        self.cancel_button = QPushButton("Cancel")
        self._bar = QProgressBar()
        self._step = plain_label("", "muted")
        self._foot = QStackedWidget()
        self._details = self._advanced_details()
        self._build()
        self._wire()
        self.token.setFocus()

    @property
    def is_busy(self) -> bool:
        return self._attempt is not None

    def connect_vault(self) -> None:
        """Check what was entered, then attach in the background."""
        if self.is_busy or not self._check():
            return
        name, text = self.name.text().strip(), self.token.text().strip()
        self._set_busy(True)
        self._attempt = self._gate.start(
            self,
            lambda task: self._attach(name, text, task),
            done=self._on_attached,
            failed=self._show_error,
            progress=self._show_progress,
            finished=self._on_finished,
        )

    def reject(self) -> None:
        """Escape and Cancel stop what runs first, and close the dialog when nothing does."""
        if self._attempt is not None:
            self._step.setText("Cancelling…")
            self._attempt.cancel()
        else:
            super().reject()

    def done(self, result: int) -> None:
        self.token.clear()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.advanced.hasFocus():
            self.connect_vault()
        else:
            super().keyPressEvent(event)

    def _attach(self, name: str, text: str, task: Task) -> "AttachedVault":
        """In the background."""
        return self._workspace.attach(name, text, task)

    def _check(self) -> bool:
        missing: tuple[tuple[Field, QLineEdit, str], ...] = (
            (self.name_field, self.name, "Give the vault a name."),
            (self.token_field, self.token, "Paste the one-time token."),
        )
        wrong = [field for field, edit, _ in missing if not edit.text().strip()]
        for field, _, error in missing:
            field.set_error(error if field in wrong else "")
        if wrong:
            wrong[0].control.setFocus()
        return not wrong

    def _show_error(self, error: KeeperDBError) -> None:
        field = self.name_field if isinstance(error, SettingsError) else self.token_field
        field.set_error(str(error))
        again = isinstance(error, VaultError) and error.reason in _TRY_AGAIN
        self.connect_button.setText("Try again" if again else "Connect")
        self._set_busy(False)
        self._fit()
        field.control.setFocus()
        if isinstance(field.control, QLineEdit):
            field.control.selectAll()

    def _on_attached(self, vault: "AttachedVault") -> None:
        self._attempt = None
        self.accept()
        self.attached.emit(vault)

    def _on_finished(self) -> None:
        self._attempt = None
        self._set_busy(False)

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setRange(0, progress.total or 0)
        self._bar.setValue(progress.done)
        self._step.setText(progress.text)
        self._bar.setAccessibleName(progress.text)

    def _fit(self) -> None:
        """Take the height that the texts of this moment need."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _set_busy(self, busy: bool) -> None:
        if busy:
            self.token.hide_text()
            self._fit()
            self._show_progress(Progress(text="Binding…"))
        self._foot.setCurrentIndex(1 if busy else 0)
        for widget in (self.name, self.token):
            widget.setReadOnly(busy)

    def _free_name(self) -> str:
        taken = {vault.name for vault in self._workspace.vaults.all()}
        names = ("My vault" if number == 1 else f"My vault {number}" for number in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        heading = QHBoxLayout()
        heading.setSpacing(12)
        heading.addWidget(IconLabel("vault", "success", 24))
        heading.addWidget(plain_label("Connect to your Keeper Vault", "title"), 1)
        layout.addLayout(heading)
        layout.addWidget(self.name_field)
        layout.addWidget(self.token_field)
        layout.addWidget(self._details)
        layout.addLayout(self._foot_row())
        self._details.hide()

    def _foot_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.advanced.setProperty("role", "link")
        self.advanced.setCheckable(True)
        self.advanced.setAutoDefault(False)
        set_icon(self.advanced, "chevron-right", "accent")
        row.addWidget(self.advanced)
        row.addWidget(self._foot, 1)
        row.addWidget(self.cancel_button)
        self.cancel_button.setAutoDefault(False)
        self.connect_button.setDefault(True)
        idle, busy = QWidget(), QWidget()
        idle_row = _row(idle)
        idle_row.addStretch()
        idle_row.addWidget(self.connect_button)
        busy_row = QVBoxLayout(busy)
        busy_row.setContentsMargins(0, 0, 0, 0)
        busy_row.setSpacing(4)
        busy_row.addStretch()
        busy_row.addWidget(self._step)
        busy_row.addWidget(self._bar)
        busy_row.addStretch()
        self._bar.setTextVisible(False)
        self._foot.addWidget(idle)
        self._foot.addWidget(busy)
        return row

    def _advanced_details(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("role", "card")
        grid = QGridLayout(frame)
        grid.setContentsMargins(12, 12, 12, 12)
        grid.setHorizontalSpacing(16)
        grid.addWidget(plain_label(_CONFIGURATION_HELP, "muted", wrap=True), 0, 0, 1, 2)
        for row, (label, value) in enumerate(self._endpoint_lines(), 1):
            grid.addWidget(plain_label(label, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(plain_label(value, wrap=True, selectable=True), row, 1)
        grid.setColumnStretch(1, 1)
        return frame

    def _endpoint_lines(self) -> list[tuple[str, str]]:
        """The server given when the program was started; it cannot be changed here."""
        endpoint = self._workspace.endpoint
        if endpoint is None:
            return [("Server", "The one that the token names. Another is given with --vault-endpoint at the start.")]
        key = f"{endpoint.server_key_id}: {endpoint.server_key[:12]}…{endpoint.server_key[-6:]}"
        return [("Server", endpoint.host), ("Server key", key), ("Certificates", str(endpoint.ca))]

    def _wire(self) -> None:
        self.connect_button.clicked.connect(self.connect_vault)
        self.cancel_button.clicked.connect(self.reject)
        self.advanced.toggled.connect(self._toggle_details)
        for field, edit in ((self.name_field, self.name), (self.token_field, self.token)):
            edit.textEdited.connect(_clearer(field))

    def _toggle_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        set_icon(self.advanced, "chevron-down" if shown else "chevron-right", "accent")
        self._fit()


def _clearer(field: Field) -> Callable[[str], None]:
    return lambda _: field.set_error("")


def _row(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    return row
