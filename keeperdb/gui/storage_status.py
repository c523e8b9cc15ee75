"""How the storage stands while it is switched on: where it is, the last sync, what is pending, what failed and why."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.storage_words import Standing, standing
from keeperdb.gui.strips import Strip
from keeperdb.gui.words import ago, count
from keeperdb.vault.storage_model import StorageFailure, StorageState

_ROWS = ("Vault", "Folder", "Record type", "In the vault", "Last sync")
_MOST_FAILURES = 20


class StorageStatus(QWidget):
    """A card with the state, the strips that ask for attention, and the buttons. What is done is said by signals."""

    sync_requested = Signal()
    preview_requested = Signal()
    restore_requested = Signal()
    off_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("clock", "muted", 20)
        self.summary = plain_label(role="heading", wrap=True, selectable=True)
        self.values: dict[str, QLabel] = {}
        self.error = Strip("danger")
        self.question = Strip("warning")
        self.left_out = Strip("info")
        self.failures = QWidget()
        self._shown_failures: tuple[StorageFailure, ...] = ()
        self._failure_rows = QVBoxLayout(self.failures)
        self.notices = Strip("info")
        self.sync = _button("Sync now", "refresh", "primary")
        self.preview = _button("Preview…", "list")
        self.off = _button("Switch off…", "stop", "danger")
        self.review = self.question.add_button("Review…", self.preview_requested.emit)
        self.take_in = self.left_out.add_button("Choose…", self.restore_requested.emit)
        self._build()
        self.sync.clicked.connect(self.sync_requested)
        self.preview.clicked.connect(self.preview_requested)
        self.off.clicked.connect(self.off_requested)

    def show_state(self, state: StorageState, *, is_busy: bool, is_syncing: bool, syncs_again: bool) -> None:
        """Show everything the state says; while it `is_busy`, nothing else can be begun but another sync."""
        self.sync.setText("Sync once more" if is_syncing and not syncs_again else "Sync now")
        self.sync.setEnabled(not syncs_again)
        now = standing(state, is_running=is_syncing)
        self._icon.show_icon(now.icon, now.tint)
        self.summary.setText("Syncing, then once more" if syncs_again else _summary(state, now))
        texts = (
            one_line(state.vault_name),
            one_line(state.folder_path),
            state.record_kind.label,
            count(state.stored, "connection"),
            ago(state.last_sync),
        )
        for name, text in zip(_ROWS, texts, strict=True):
            self.values[name].setText(text)
        _show(self.error, state.error, state.error_hint)
        _show(self.question, state.question.text if state.question else "", "Nothing is deleted until you say so.")
        are = "is" if state.left_out == 1 else "are"
        left_out = f"{count(state.left_out, 'item')} in the vault {are} not taken over on this machine."
        _show(self.left_out, left_out if state.left_out else "")
        _show(self.notices, "\n".join(state.notices))
        self._show_failures(state)
        for button in (self.preview, self.off, self.review, self.take_in):
            button.setEnabled(not is_busy)

    def _show_failures(self, state: StorageState) -> None:
        if state.failures == self._shown_failures:
            return
        self._shown_failures = state.failures
        while (item := self._failure_rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for failure in state.failures[:_MOST_FAILURES]:
            self._failure_rows.addWidget(_failure_strip(failure))
        more = len(state.failures) - _MOST_FAILURES
        if more > 0:
            self._failure_rows.addWidget(plain_label(f"And {more:,} more.", "muted"))
        self.failures.setVisible(bool(state.failures))

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._card())
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.sync, self.preview):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.off)
        for widget in (self.error, self.question, self.left_out, self.failures, self.notices):
            layout.addWidget(widget)
        self._failure_rows.setContentsMargins(0, 0, 0, 0)
        self._failure_rows.setSpacing(8)
        self.failures.hide()
        layout.addLayout(buttons)

    def _card(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self.summary, 1)
        grid.addLayout(head, 0, 0, 1, 2)
        for row, name in enumerate(_ROWS, 1):
            value = self.values[name] = plain_label(wrap=True, selectable=True)
            value.setAccessibleName(name)
            caption = plain_label(name, "muted")
            caption.setContentsMargins(0, 1, 0, 0)  # on the line of the value, whose letters are larger
            grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        grid.setColumnStretch(1, 1)
        return card


def _summary(state: StorageState, now: Standing) -> str:
    if state.pending and now.icon == "warning":
        return f"{now.text} · {count(state.pending, 'change')} to sync"
    return now.text


def _failure_strip(failure: StorageFailure) -> Strip:
    strip = Strip("danger")
    is_named = failure.name in failure.message
    strip.show_text(failure.message if is_named else f"{one_line(failure.name)}: {failure.message}", failure.hint)
    return strip


def _show(strip: Strip, message: str, hint: str = "") -> None:
    if message:
        strip.show_text(message, hint)
    else:
        strip.hide()


def _button(text: str, icon_name: str, role: str = "") -> QPushButton:
    button = QPushButton(text)
    if role:
        button.setProperty("role", role)
    set_icon(button, icon_name, {"primary": "on-accent", "danger": "danger"}.get(role, "text"))
    button.setAutoDefault(False)
    return button
