"""The attached vaults as a table, with Refresh, Rename, Detach and the way to attach another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError
from keeperdb.gui.connection_delegate import plain_tooltip
from keeperdb.gui.fields import Field
from keeperdb.gui.icons import icon, set_icon
from keeperdb.gui.notices import plain_label, show_error, show_notice
from keeperdb.gui.words import ago, count, in_order, name_line

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.vault.attached import AttachedVault

_COLUMNS = ("Name", "Endpoint", "Connections", "Last refresh", "State")
_WIDEST = (200, 260, 150, 120)  # pixels of the columns before the last one, which takes the rest


class VaultsTable(QWidget):
    """Shows the vaults and does what its buttons say."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self._vaults: list[AttachedVault] = []
        self.table = QTableWidget(0, len(_COLUMNS))
        self.empty = plain_label("No vault is attached. Its databases appear in the list of connections.", "muted")
        self.details = plain_label("", "muted", wrap=True, selectable=True)
        self._is_fitted = False
        self.attach = _button("Connect to your Keeper Vault", "vault", "primary")
        self.refresh = _button("Refresh", "refresh")
        self.rename = _button("Rename…", "edit")
        self.detach = _button("Detach…", "trash", "danger")
        self._build()
        self.attach.clicked.connect(lambda: app.attach_vault(self.window()))
        self.refresh.clicked.connect(self._refresh)
        self.rename.clicked.connect(self._rename)
        self.detach.clicked.connect(self._detach)
        self.table.itemSelectionChanged.connect(self._follow_selection)
        app.refresh.busy.connect(lambda _: self._follow_selection())
        app.refresh.idle.connect(self._follow_selection)

    @property
    def current(self) -> "AttachedVault | None":
        row = self.table.currentRow()
        return self._vaults[row] if 0 <= row < len(self._vaults) else None

    def show_vaults(self, vaults: "Sequence[AttachedVault]") -> None:
        """Fill the table; the current vault stays current."""
        kept = self.current.id if self.current else ""
        self._vaults = list(vaults)
        self.table.setRowCount(len(vaults))
        for row, vault in enumerate(vaults):
            for column, text in enumerate(_texts(vault)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tooltip(_state_details(vault) if column == len(_COLUMNS) - 1 else text))
                if column == len(_COLUMNS) - 1:
                    item.setIcon(_state_icon(vault))
                self.table.setItem(row, column, item)
        current = next((row for row, vault in enumerate(vaults) if vault.id == kept), 0)
        self._fit_columns()
        self.table.setVisible(bool(vaults))
        self.details.setVisible(bool(vaults))
        self.empty.setVisible(not vaults)
        if vaults:
            self.table.selectRow(current)
        self._follow_selection()

    def _fit_columns(self) -> None:
        """As wide as their texts once there are any; from then on as the person has them."""
        if self._vaults and not self._is_fitted:
            self._is_fitted = True
            for column, widest in enumerate(_WIDEST):
                wanted = max(
                    self.table.sizeHintForColumn(column), self.table.horizontalHeader().sectionSizeHint(column)
                )
                self.table.setColumnWidth(column, min(widest, wanted + 12))

    def _refresh(self) -> None:
        if self.current is not None:
            self._app.refresh.start(self.window(), self.current.id)
            self._follow_selection()

    def _rename(self) -> None:
        if self.current is not None:
            RenameDialog(self._app, self.current, self.window()).open()

    def _detach(self) -> None:
        if self.current is not None:
            DetachDialog(self._app, self.current, self.window()).open()

    def _follow_selection(self) -> None:
        is_running = self._app.refresh.is_running
        for button in (self.refresh, self.rename, self.detach):
            button.setEnabled(self.current is not None and not is_running)
        self.refresh.setText("Refreshing…" if is_running else "Refresh")
        self.details.setText(in_order(_all_details(self.current)) if self.current else "")

    def _build(self) -> None:
        table = self.table
        table.setAccessibleName("External vaults")
        table.setHorizontalHeaderLabels(_COLUMNS)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setMinimumHeight(160)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(34)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.refresh, self.rename, self.detach):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.attach)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.empty)
        layout.addWidget(table)
        layout.addWidget(self.details)
        layout.addLayout(row)


class RenameDialog(QDialog):
    """A new name for a vault; a name that is taken is told beside the field."""

    def __init__(self, app: "Application", vault: "AttachedVault", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Rename {vault.name}")
        self.setMinimumWidth(380)
        self._app = app
        self._vault = vault
        self.name = QLineEdit(vault.name)
        self.name.selectAll()
        self.field = Field("Name", self.name)
        self.rename = QPushButton("Rename")
        self.rename.setDefault(True)
        self.rename.clicked.connect(self._rename)
        _lay_out(self, self.field, self.rename)

    def _rename(self) -> None:
        name = self.name.text().strip()
        self._app.runner.start(
            lambda _: self._app.workspace.rename_vault(self._vault.id, name),
            owner=self,
            done=lambda _: self.accept(),
            failed=lambda error: self.field.set_error(str(error)),
        )


class DetachDialog(QDialog):
    """Says what detaching does; the safe answer is the default."""

    def __init__(self, app: "Application", vault: "AttachedVault", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Detach {vault.name}")
        self.setMinimumWidth(420)
        self._app = app
        self._vault = vault
        self.detach = QPushButton(f"Detach {vault.name}")
        self.detach.setProperty("role", "danger")
        self.detach.setAutoDefault(False)
        self.detach.clicked.connect(self._detach)
        text = (
            f"The access to {vault.name} and its {vault.connection_count} connections are forgotten on this machine. "
            "Nothing changes in Keeper. Attaching it again needs a new token."
        )
        if app.storage_sync.state.vault_id == vault.id:
            text += " The storage, which is kept in it, is switched off; its copy stays in the vault."
        _lay_out(self, plain_label(text, wrap=True), self.detach, keep="Keep")

    def _detach(self) -> None:
        app, vault, window = self._app, self._vault, self.parentWidget()
        self.accept()

        def failed(error: KeeperDBError) -> None:
            show_error(window, error)

        if window is not None:
            app.gate.start(
                window,
                lambda task: app.workspace.detach(vault.id, task),
                done=lambda _: show_notice(window, f"{vault.name} was detached.", "success"),
                failed=failed,
            )


def _lay_out(dialog: QDialog, content: QWidget, primary: QPushButton, keep: str = "Cancel") -> None:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 24, 24, 16)
    column.setSpacing(16)
    column.addWidget(content)
    box = QDialogButtonBox(dialog)
    other = box.addButton(keep, QDialogButtonBox.ButtonRole.RejectRole)
    box.addButton(primary, QDialogButtonBox.ButtonRole.AcceptRole)
    box.rejected.connect(dialog.reject)
    if primary.isDefault():
        primary.setDefault(True)  # a dialog hears of it only from a button that is in it
    else:
        other.setDefault(True)
        other.setFocus()
    column.addWidget(box)


def _texts(vault: "AttachedVault") -> tuple[str, ...]:
    endpoint = f"{vault.endpoint} · custom server key" if vault.has_custom_key else vault.endpoint
    unusable = f" ({vault.unusable_count} unusable)" if vault.unusable_count else ""
    return (
        name_line(vault.name),
        endpoint,
        f"{vault.connection_count}{unusable}",
        ago(vault.refreshed_at),
        _state(vault),
    )


def _state(vault: "AttachedVault") -> str:
    if vault.error:
        return f"Stale: {vault.error}"
    return count(len(vault.warnings), "warning") if vault.warnings else "Up to date"


def _state_details(vault: "AttachedVault") -> str:
    return "\n".join(part for part in (_state(vault), vault.error_hint, *vault.warnings) if part)


def _all_details(vault: "AttachedVault") -> str:
    """What the columns have no room for: the error with what to do about it, and the warnings."""
    error = [f"{vault.error} {vault.error_hint}".strip()] if vault.error else []
    return "\n".join([*error, *vault.warnings])


def _state_icon(vault: "AttachedVault") -> QIcon:
    if vault.error or vault.warnings:
        return icon("warning", "warning")
    return icon("success", "success")


def _button(text: str, icon_name: str, role: str = "") -> QPushButton:
    button = QPushButton(text)
    if role:
        button.setProperty("role", role)
    set_icon(button, icon_name, {"primary": "on-accent", "danger": "danger"}.get(role, "text"))
    button.setAutoDefault(False)
    return button
