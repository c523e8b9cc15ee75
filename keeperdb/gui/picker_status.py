"""The line at the bottom of the picker: how many connections, how fresh each vault is, what is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from keeperdb.gui.connection_delegate import set_plain_tooltip
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.words import ago, count, in_order

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVault


class StatusLine(QWidget):
    """`retry` asks for another read of the vaults, `cancelled` for the end of what runs."""

    retry = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = ""
        self._busy = ""
        self._icon = IconLabel("warning", "warning")
        self._summary = plain_label(role="muted")
        self._trouble = plain_label(role="warning")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setFixedWidth(120)
        self._progress.setTextVisible(False)
        self._retry = _link("Retry", self.retry)
        self._retry.setAccessibleName("Read the vaults again")
        self._cancel = _link("Cancel", self.cancelled)
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._summary.setMinimumHeight(28)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(8)
        row.addWidget(self._summary, 1)
        row.addWidget(self._icon)
        row.addWidget(self._trouble)
        for widget in (self._retry, self._progress, self._cancel):
            row.addWidget(widget)
        self.end_busy()
        self.show_state(0, 0, ())

    def add_indicator(self, indicator: QWidget) -> None:
        """Put something that stands for itself at the right end."""
        self._row.addWidget(indicator)

    def show_state(self, shown: int, total: int, vaults: Sequence["AttachedVault"]) -> None:
        """`shown` of `total` connections, and the state of every attached vault."""
        found = count(total, "connection") if shown == total else f"{shown:,} of {count(total, 'connection')}"
        self._state = in_order(" · ".join([found, *map(_freshness, vaults)]))
        self._show_summary()
        failed = [vault for vault in vaults if vault.error]
        for widget in (self._icon, self._trouble, self._retry):
            widget.setVisible(bool(failed))
        self._trouble.setText(f"Offline: {', '.join(vault.name for vault in failed)}" if failed else "")
        set_plain_tooltip(self._trouble, "\n".join(_trouble_of(vault) for vault in failed))

    def show_busy(self, text: str) -> None:
        """What runs now, with Cancel."""
        self._busy = text
        self._show_summary()
        self._progress.setAccessibleName(text)
        self._progress.show()
        self._cancel.show()

    def end_busy(self) -> None:
        self._busy = ""
        self._show_summary()
        self._progress.hide()
        self._cancel.hide()

    def _show_summary(self) -> None:
        self._summary.setText(self._busy or self._state)
        set_plain_tooltip(self._summary, self._summary.text())


def _freshness(vault: "AttachedVault") -> str:
    if not vault.error:
        return f"{vault.name} refreshed {ago(vault.refreshed_at)}"
    return f"{vault.name} as last known, {ago(vault.refreshed_at)}: {vault.error}"


def _trouble_of(vault: "AttachedVault") -> str:
    shown = "the list is the one last known" + (f", of {_date(vault.refreshed_at)}" if vault.refreshed_at else "")
    return f"{vault.name}: {vault.error} {vault.error_hint} ({shown})"


def _date(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _link(text: str, signal: SignalInstance) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "link")
    button.setAutoDefault(False)
    button.clicked.connect(signal)
    return button
