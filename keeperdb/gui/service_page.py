"""Settings → Service: start and stop, keys, limits, encryption, TLS, and the requests as they come."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError, VaultError, VaultReason
from keeperdb.gui.fields import Field
from keeperdb.gui.keychain_gate import GivenUpError
from keeperdb.gui.notices import plain_label, show_notice
from keeperdb.gui.question import ask
from keeperdb.gui.service_cards import CurlLine, NoVault, ServiceStanding, tool_button
from keeperdb.gui.service_control import ServiceLook, ServiceState
from keeperdb.gui.service_form import ServiceForm
from keeperdb.gui.service_keys import KeyDialog, KeysTable, NewKeyDialog
from keeperdb.gui.service_log import ServiceLog
from keeperdb.gui.strips import ErrorStrip
from keeperdb.gui.words import name_line
from keeperdb.service.config import ApiKey, ServiceConfig
from keeperdb.service.keys import key_end
from keeperdb.service.urls import base_url

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.service.record import Stored
    from keeperdb.vault.attached import AttachedVault

_LOG_MILLISECONDS = 500
_INTRODUCTION = (
    "Answers vault commands over HTTP, as Keeper Commander's service mode does. The configuration lies in the vault, "
    "and the service runs as long as KeeperDB does; “keeperdb service-start” runs it without a window."
)


def _nothing() -> None:
    """What follows a change that says enough by itself."""


class ServicePage(QWidget):
    """The part of the settings page above its options. What takes time runs in the background."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self._control = app.service
        self._look: ServiceLook | None = None
        self._looked_at = ""  # the vault that is shown, or read now
        self._left: QWidget | None = None  # what had the focus before the page waited
        self._knows_last = False  # whether the vault that was used last was asked for
        self.error = ErrorStrip()
        self.empty = NoVault()
        self.vault = QComboBox()
        self.vault_field = Field("Vault", self.vault)
        self.folder = QComboBox()
        self.folder_field = Field("Folder", self.folder, "The shared folder that will hold the configuration.")
        self.standing = ServiceStanding()
        self.keys = KeysTable()
        self.form = ServiceForm()
        self.save = tool_button("Save", "save", "primary")
        self.discard = tool_button("Discard", "undo")
        self.curl = CurlLine()
        self.log = ServiceLog()
        self.content = QWidget()
        self._clock = QTimer(self, interval=_LOG_MILLISECONDS)
        self._build()
        self._wire()
        self.show_state()

    @property
    def current_vault(self) -> "AttachedVault | None":
        vaults = {vault.id: vault for vault in self._app.workspace.vaults.all()}
        return vaults.get(self.vault.currentData())

    def show_state(self) -> None:
        """Show the vaults, and how the service stands now."""
        self._show_vaults()
        has_vault = self.vault.count() > 0
        self.empty.setVisible(not has_vault)
        self.content.setVisible(has_vault)
        self._show_standing()
        self._follow_vault()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self._looked_at = ""  # somebody may have written to the vault in the meantime
        self.show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _follow_vault(self) -> None:
        """Look at the vault that is chosen, at first the one that was used last."""
        if self.current_vault is None or not self.isVisible() or self.current_vault.id == self._looked_at:
            return
        if self.vault.count() > 1 and not self._knows_last:
            self._knows_last = True
            self._control.find_last_vault(self, self._choose_last)
        else:
            self._look_anew()

    def _choose_last(self, vault_id: str) -> None:
        self.vault.blockSignals(True)
        self.vault.setCurrentIndex(max(0, self.vault.findData(vault_id)))
        self.vault.blockSignals(False)
        self._follow_vault()

    def _look_anew(self) -> None:
        vault = self.current_vault
        if vault is None or not self.isVisible():
            return
        self._looked_at = vault.id
        self.standing.show_text("Reading the vault…", "refresh", "accent")
        self._set_busy(True)
        self._control.look(self.window(), vault, self._show_look, self._on_failed)

    def _show_look(self, look: ServiceLook) -> None:
        self._look = look
        self._show_stored(look.stored)
        self._set_busy(False)
        self.folder.clear()
        self.folder.addItems(list(look.folders))
        self.folder_field.setVisible(look.stored is None and len(look.folders) > 1)
        self._show_standing()

    def _show_stored(self, stored: "Stored | None") -> None:
        config = stored.config if stored is not None else self.form.config() or ServiceConfig(port=9090)
        self.form.show_config(config)
        self.keys.show_keys(config.keys)
        self._follow_edits()

    def _show_standing(self) -> None:
        state, look = self._control.state, self._look
        other = look.status.process if look and look.status.is_running and state is ServiceState.STOPPED else None
        is_elsewhere = other is not None and not self._control.url
        has_keys = bool(look and look.stored and look.stored.config.keys)
        if is_elsewhere and other is not None:
            self.standing.show_text(f"Running in another process (PID {other.pid}) at {other.url}", "info", "accent")
        elif state is ServiceState.RUNNING:
            url = self._control.public_url or self._control.url
            later = " · the new address counts after a restart" if self._is_outdated() else ""
            self.standing.show_text(f"Running at {url}{later}", "success", "success")
        elif state is ServiceState.STOPPED:
            hint = "" if has_keys else " · create a key to start it"
            self.standing.show_text(f"Stopped{hint}", "stop", "muted")
        else:
            self.standing.show_text(state.value, "refresh", "accent")
        self.standing.start.setEnabled(state is ServiceState.STOPPED and has_keys and not is_elsewhere)
        self.standing.stop.setEnabled(state is ServiceState.RUNNING or is_elsewhere)
        self.standing.restart.setVisible(self._is_outdated())
        self.standing.start.setVisible(not self._is_outdated())
        self._show_curl()

    def _is_outdated(self) -> bool:
        return bool(self._look and self._look.stored and self._control.is_outdated(self._look.stored.config))

    def _show_curl(self) -> None:
        stored = self._look.stored if self._look else None
        url = self._control.public_url or self._control.url or (base_url(stored.config) if stored else "")
        self.curl.show_url(url)

    def _show_vaults(self) -> None:
        vaults = self._app.workspace.vaults.all()
        if [self.vault.itemData(row) for row in range(self.vault.count())] == [vault.id for vault in vaults]:
            return
        self.vault.blockSignals(True)
        kept = self.vault.currentData()
        self.vault.clear()
        for vault in vaults:
            self.vault.addItem(name_line(vault.name), vault.id)
        self.vault.setCurrentIndex(max(0, self.vault.findData(kept)))
        self.vault.blockSignals(False)
        self.vault_field.setVisible(len(vaults) > 1)

    def _start(self) -> None:
        self.error.hide()
        if self.current_vault is not None:
            self._control.start(self.window(), self.current_vault)

    def _restart(self) -> None:
        self.error.hide()
        if self.current_vault is not None:
            self._control.restart(self.window(), self.current_vault)

    def _stop(self) -> None:
        if self._control.state is ServiceState.RUNNING:
            self._control.stop()
        else:
            self._control.stop_other(self.window(), self._look_anew)

    def _create_key(self) -> None:
        dialog = KeyDialog(self.window())
        dialog.decided.connect(lambda key: self._save_keys((*self._keys(), key), lambda: self._show_key(key)))
        dialog.open()

    def _change_key(self, key: ApiKey) -> None:
        dialog = KeyDialog(self.window(), key)
        dialog.decided.connect(lambda changed: self._save_keys(_replaced(self._keys(), key, changed)))
        dialog.open()

    def _revoke_key(self, key: ApiKey) -> None:
        ask(
            self.window(),
            f"Revoke the key {key_end(key)}?",
            "Who calls with it is refused from now on. It cannot be brought back.",
            [("Revoke key", lambda: self._save_keys(tuple(each for each in self._keys() if each != key)))],
            keep="Keep",
        )

    def _show_key(self, key: ApiKey) -> None:
        NewKeyDialog(self.window(), key).open()

    def _keys(self) -> tuple[ApiKey, ...]:
        return self._look.stored.config.keys if self._look and self._look.stored else ()

    def _save_keys(self, keys: tuple[ApiKey, ...], then: Callable[[], object] = _nothing) -> None:
        """Only the keys change; of the form only what a first configuration needs is taken."""
        stored = self._look.stored if self._look else None
        config = stored.config if stored is not None else self.form.config()
        if config is not None:
            self._write(config.with_(keys=keys), then)

    def _save_form(self) -> None:
        config = self.form.config()
        if config is not None:
            self._write(config.with_(keys=self._keys()), self._say_saved)

    def _say_saved(self) -> None:
        text = "The configuration is in the vault."
        if not self._is_outdated():
            show_notice(self.window(), text, "success")
            return
        text += " Address, port, TLS and tunnel change when the service is restarted."
        show_notice(self.window(), text, "success", ("Restart the service", self._restart))

    def _write(self, config: ServiceConfig, then: Callable[[], object]) -> None:
        vault = self.current_vault
        if vault is None:
            return
        self.error.hide()
        self._set_busy(True)

        def done(stored: "Stored") -> None:
            if self._look is not None:
                self._show_look(ServiceLook(stored, self._look.folders, self._look.status))
            else:
                self._set_busy(False)
            then()

        basis = self._look.stored if self._look else None
        self._control.save(self.window(), vault, config, basis, self.folder.currentText(), done, self._on_not_saved)

    def _on_not_saved(self, error: KeeperDBError) -> None:
        self._on_failed(error)
        if isinstance(error, VaultError) and error.reason is VaultReason.CONFLICT:
            self._look_anew()

    def _on_failed(self, error: KeeperDBError) -> None:
        self._set_busy(False)
        self._show_standing()
        if not isinstance(error, GivenUpError):
            self.error.show_error(error)

    def _set_busy(self, is_busy: bool) -> None:
        focused = self.window().focusWidget()
        if is_busy and focused is not None and self.content.isAncestorOf(focused):
            self._left = focused
            self.content.setFocus()  # else the focus jumps to the next that is enabled, and the page with it
        for widget in (self.keys, self.form, self.save, self.discard, self.vault):
            widget.setEnabled(not is_busy)
        if not is_busy:
            self._follow_edits()
            self._return_focus()

    def _return_focus(self) -> None:
        """Where it was, or above the buttons that have nothing to do any more."""
        left, self._left = self._left, None
        if left is not None and self.content.hasFocus():
            (left if left.isEnabled() else self.form.domain).setFocus()

    def _follow_edits(self) -> None:
        stored = self._look.stored if self._look else None
        is_new = stored is not None and self.form.config() != stored.config
        self.save.setEnabled(is_new)
        self.discard.setEnabled(is_new)

    def _discard(self) -> None:
        self._show_stored(self._look.stored if self._look else None)

    def _choose_vault(self) -> None:
        self._look = None
        self.form.show_config(ServiceConfig(port=9090))
        self.keys.show_keys(())
        self._look_anew()

    def _show_requests(self) -> None:
        self.log.show_entries(self._control.recent(), self._keys())

    def _wire(self) -> None:
        self._app.changed.connect(lambda _: self.show_state())
        self._control.changed.connect(self._show_standing)
        self._control.failed.connect(self._on_failed)
        self._clock.timeout.connect(self._show_requests)
        self.empty.attach.clicked.connect(lambda: self._app.attach_vault(self.window()))
        self.vault.currentIndexChanged.connect(lambda _: self._choose_vault())
        self.standing.start.clicked.connect(self._start)
        self.standing.stop.clicked.connect(self._stop)
        self.standing.restart.clicked.connect(self._restart)
        self.keys.create_requested.connect(self._create_key)
        self.keys.change_requested.connect(self._change_key)
        self.keys.revoke_requested.connect(self._revoke_key)
        self.form.edited.connect(self._follow_edits)
        self.save.clicked.connect(self._save_form)
        self.discard.clicked.connect(self._discard)

    def _build(self) -> None:
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.vault_field)
        column.addWidget(self.standing)
        column.addWidget(self.curl)
        column.addWidget(plain_label("Keys", "heading"))
        column.addWidget(self.folder_field)
        column.addWidget(self.keys)
        column.addWidget(plain_label("Address and limits", "heading"))
        column.addWidget(self.form)
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addWidget(self.discard)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(plain_label("Requests", "heading"))
        column.addWidget(self.log)
        self.folder_field.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(plain_label(_INTRODUCTION, wrap=True))
        for widget in (self.error, self.empty, self.content):
            layout.addWidget(widget)


def _replaced(keys: tuple[ApiKey, ...], old: ApiKey, new: ApiKey) -> tuple[ApiKey, ...]:
    return tuple(new if each == old else each for each in keys)
