"""The last requests to the service, newest first; nothing in them is secret."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.notices import plain_label
from keeperdb.service.config import ApiKey
from keeperdb.service.keys import digest_of, key_end
from keeperdb.service.request_log import RequestEntry

_COLUMNS = ("Time", "Client", "Key", "Command", "Status", "Time taken")
_SHOWN = 200
_WIDTHS = (90, 140, 100, 180, 70)  # pixels of the columns before the last one, which takes the rest


class ServiceLog(QWidget):
    """Shows what it is given when that changed."""

    def __init__(self) -> None:
        super().__init__()
        self._last: RequestEntry | None = None
        self._count = -1
        self.table = QTableWidget(0, len(_COLUMNS))
        self.empty = plain_label("No request yet.", "muted")
        self._build()

    def show_entries(self, entries: Sequence[RequestEntry], keys: Sequence[ApiKey]) -> None:
        """`entries` are the oldest first; those of a key that is not among `keys` are of one that is gone."""
        last = entries[-1] if entries else None
        if last is self._last and len(entries) == self._count:
            return
        self._last, self._count = last, len(entries)
        shown = entries[: -_SHOWN - 1 : -1]
        names = {digest_of(key): key_end(key) for key in keys}
        self.empty.setVisible(not shown)
        self.table.setVisible(bool(shown))
        self.table.setRowCount(len(shown))
        for row, entry in enumerate(shown):
            for column, text in enumerate(_texts(entry, names)):
                item = self.table.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    self.table.setItem(row, column, item)
                item.setText(text)

    def _build(self) -> None:
        table = self.table
        table.setAccessibleName("Requests")
        table.setHorizontalHeaderLabels(_COLUMNS)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setMinimumHeight(180)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        table.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty)
        layout.addWidget(table)


def _texts(entry: RequestEntry, names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        entry.at.astimezone().strftime("%H:%M:%S"),
        one_line(entry.client),
        _key_name(entry.key, names),
        one_line(entry.command) or one_line(f"{entry.method} {entry.route}"),
        str(entry.status),
        f"{entry.milliseconds:.1f} ms",
    )


def _key_name(digits: str, names: Mapping[str, str]) -> str:
    """By its last characters, as the table of keys has it."""
    if not digits:
        return "none"
    return next((name for digest, name in names.items() if digest.startswith(digits)), "revoked")
