"""The API keys of the service as a table, and the dialogs that make, change and show one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from keeperdb.commands.command import Command
from keeperdb.commands.table import COMMANDS
from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.fields import Field
from keeperdb.gui.notices import plain_label
from keeperdb.gui.service_cards import tool_button
from keeperdb.service.config import ApiKey
from keeperdb.service.keys import key_end, new_key

_COLUMNS = ("Key", "Commands", "Expires", "Connections")
_WIDTHS = (80, 300, 140)  # pixels of the columns before the last one, which takes the rest
_DATABASE_COMMANDS = frozenset({"query", "schema"})
_LIFETIMES = (
    ("Never", None),
    ("In 1 hour", timedelta(hours=1)),
    ("In 1 day", timedelta(days=1)),
    ("In 7 days", timedelta(days=7)),
    ("In 30 days", timedelta(days=30)),
    ("In 90 days", timedelta(days=90)),
    ("In 1 year", timedelta(days=365)),
)


class KeysTable(QWidget):
    """Shows the keys by their last characters. Nothing is changed here: each wish is a signal."""

    create_requested = Signal()
    change_requested = Signal(object)
    revoke_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[ApiKey, ...] = ()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.empty = plain_label("No key yet. The service answers only who has one.", "muted")
        self.create_button = tool_button("New key…", "plus")
        self.change_button = tool_button("Change…", "edit")
        self.revoke_button = tool_button("Revoke…", "trash", "danger")
        self._build()
        self.create_button.clicked.connect(lambda _checked: self.create_requested.emit())
        self.change_button.clicked.connect(lambda _checked: self.change_requested.emit(self.current))
        self.revoke_button.clicked.connect(lambda _checked: self.revoke_requested.emit(self.current))
        self.table.itemSelectionChanged.connect(self._follow_selection)
        self.show_keys(())

    @property
    def current(self) -> ApiKey | None:
        row = self.table.currentRow()
        return self._keys[row] if 0 <= row < len(self._keys) else None

    def show_keys(self, keys: Sequence[ApiKey]) -> None:
        """Fill the table; the current row stays current."""
        row = max(0, self.table.currentRow())
        self._keys = tuple(keys)
        self.table.setRowCount(len(keys))
        for number, key in enumerate(keys):
            for column, text in enumerate(_texts(key)):
                item = QTableWidgetItem(text)
                item.setToolTip(tooltip(text))
                self.table.setItem(number, column, item)
        self.table.setVisible(bool(keys))
        self.empty.setVisible(not keys)
        if keys:
            self.table.selectRow(min(row, len(keys) - 1))
        self._follow_selection()

    def _follow_selection(self) -> None:
        for button in (self.change_button, self.revoke_button):
            button.setEnabled(self.current is not None)

    def _build(self) -> None:
        table = self.table
        table.setAccessibleName("API keys")
        table.setHorizontalHeaderLabels(_COLUMNS)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setMinimumHeight(130)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(34)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.create_button, self.change_button, self.revoke_button):
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.empty)
        layout.addWidget(table)
        layout.addLayout(row)


class KeyDialog(QDialog):
    """What a key may do: commands by check box, expiry, connections. `decided(key)` follows its button."""

    decided = Signal(object)

    def __init__(self, parent: QWidget, key: ApiKey | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New key" if key is None else f"Key {key_end(key)}")
        self.resize(640, 760)
        self._key = key
        self.boxes = {name: _box(command) for name, command in COMMANDS.items() if command.is_available}
        self._others = [name for name in (key.commands if key else ()) if name not in self.boxes]
        self.expiry = QComboBox()
        self.connections = QLineEdit()
        self.connections_field = Field(
            "Connections", self.connections, "Names that query and schema may use, split by commas; * for all of them."
        )
        self.commands_error = plain_label("", "danger")
        self.save = QPushButton("Create key" if key is None else "Save")
        self._fill()
        self._build()
        self._follow()

    def _fill(self) -> None:
        key = self._key
        if key is not None and key.expires is not None:
            self.expiry.addItem(f"As it is: {_moment(key.expires)}", "as it is")
        for text, lifetime in _LIFETIMES:
            self.expiry.addItem(text, lifetime)
        for name, box in self.boxes.items():
            box.setChecked(key is not None and name in key.commands)
            box.toggled.connect(self._follow)
        self.connections.setText(", ".join(key.connections) if key else "")
        self.save.setProperty("role", "primary")
        self.save.clicked.connect(self._decide)

    def _follow(self) -> None:
        self.connections_field.setEnabled(
            any(self.boxes[name].isChecked() for name in _DATABASE_COMMANDS & set(self.boxes))
        )
        self.commands_error.hide()

    def _decide(self) -> None:
        """Names that have no box of their own, such as aliases, stay as they are."""
        names = [*(name for name, box in self.boxes.items() if box.isChecked()), *self._others]
        if not names:
            self.commands_error.setText("Tick at least one command.")
            self.commands_error.show()
            return
        lifetime = self.expiry.currentData()
        kept = self._key.expires if self._key is not None else None
        expires = kept if lifetime == "as it is" else datetime.now(UTC) + lifetime if lifetime is not None else None
        connections = [part.strip() for part in self.connections.text().split(",") if part.strip()]
        made = new_key(names, expires, connections if self.connections_field.isEnabled() else ())
        key = made if self._key is None else ApiKey(self._key.key, made.commands, made.expires, made.connections)
        self.decided.emit(key)
        self.accept()

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        for category in dict.fromkeys(COMMANDS[name].category for name in self.boxes):
            column.addWidget(plain_label(category, "heading"))
            column.addLayout(_grid([box for name, box in self.boxes.items() if COMMANDS[name].category == category]))
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(content)
        box = QDialogButtonBox(self)
        box.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        box.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setDefault(True)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(plain_label("Commands that the key may call", "title"))
        layout.addWidget(area, 1)
        layout.addWidget(self.commands_error)
        layout.addWidget(Field("Expires", self.expiry))
        layout.addWidget(self.connections_field)
        layout.addWidget(box)


class NewKeyDialog(QDialog):
    """Shows a key, once."""

    def __init__(self, parent: QWidget, key: ApiKey) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New key")
        self.setMinimumWidth(520)
        self.text = QLineEdit(key.key.reveal())
        self.text.setReadOnly(True)
        self.text.setAccessibleName("API key")
        self.copy = tool_button("Copy", "copy")
        self.copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addWidget(self.text, 1)
        row.addWidget(self.copy)
        box = QDialogButtonBox()
        done = box.addButton("Done", QDialogButtonBox.ButtonRole.AcceptRole)
        done.setDefault(True)
        box.accepted.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(plain_label("The key is in the vault now. It is not shown here again.", wrap=True))
        layout.addLayout(row)
        layout.addWidget(box)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.text())
        self.copy.setText("Copied")


def _texts(key: ApiKey) -> tuple[str, ...]:
    return (
        key_end(key),
        one_line(", ".join(key.commands)),
        "never" if key.expires is None else _moment(key.expires),
        one_line(", ".join(key.connections)) or "none",
    )


def _moment(moment: datetime) -> str:
    text = moment.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{text} (expired)" if moment <= datetime.now(UTC) else text


def _box(command: Command) -> QCheckBox:
    box = QCheckBox(command.name)
    box.setToolTip(tooltip(command.summary))
    box.setAccessibleDescription(command.summary)
    return box


def _grid(boxes: Sequence[QCheckBox]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 8)
    for number, box in enumerate(boxes):
        grid.addWidget(box, number // 3, number % 3)
    for column in range(3):
        grid.setColumnStretch(column, 1)
    return grid
