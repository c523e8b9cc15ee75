"""The list of what was run: its model, which grows as it is scrolled, and how a row is painted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from keeperdb.gui import words
from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.icons import icon
from keeperdb.gui.strips import seconds_in_words
from keeperdb.gui.theme import font
from keeperdb.gui.tokens import BODY, SMALL, color
from keeperdb.query.history import HistoryEntry

Index = QModelIndex | QPersistentModelIndex

PAGE = 200  # entries that are read at once
_ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
_ROW = 46
_SIDE, _ICON = 10, 14
_SHOWN = 300  # characters of a statement in its row
_NO_INDEX = QModelIndex()


class HistoryModel(QAbstractListModel):
    """`more_wanted(before_id)` asks for the entries after the last."""

    more_wanted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[HistoryEntry] = []
        self._has_more = False

    def show(self, entries: Sequence[HistoryEntry]) -> None:
        """Show these instead of those before."""
        self.beginResetModel()
        self.entries, self._has_more = list(entries), len(entries) == PAGE
        self.endResetModel()

    def add(self, entries: Sequence[HistoryEntry]) -> None:
        """Show these behind those that are there."""
        if entries:
            first = len(self.entries)
            self.beginInsertRows(_NO_INDEX, first, first + len(entries) - 1)
            self.entries += entries
            self.endInsertRows()
        self._has_more = len(entries) == PAGE

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._has_more

    def fetchMore(self, parent: Index) -> None:
        self._has_more = False  # until the answer is there
        self.more_wanted.emit(self.entries[-1].id)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == _ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return statement_line(entry)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{statement_line(entry)}, {described(entry)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{entry.sql[:1_000]}\n\n{described(entry)}")
        return None


class HistoryList(QListView):
    """What was run, the latest first."""

    def __init__(self, model: HistoryModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(_EntryDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setProperty("role", "pane")
        self.setAccessibleName("History of statements")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def chosen(self) -> list[HistoryEntry]:
        """The selected entries, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        model = self.model()
        return [model.entries[row] for row in rows] if isinstance(model, HistoryModel) else []


class _EntryDelegate(QStyledItemDelegate):
    """The statement on one line; under it when, where, and how it went."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._font, self._small = font(BODY), font(SMALL)
        self._metrics, self._small_metrics = QFontMetrics(self._font), QFontMetrics(self._small)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(_ENTRY_ROLE)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, color("select" if is_selected else "hover"))
        rect = QRect(option.rect).adjusted(_SIDE, 4, -_SIDE, -4)
        upper = QRect(rect.left(), rect.top(), rect.width(), rect.height() // 2)
        lower = upper.translated(0, upper.height())
        painter.setFont(self._font)
        painter.setPen(color("text"))
        text = self._metrics.elidedText(statement_line(entry), Qt.TextElideMode.ElideRight, upper.width())
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        self._paint_details(painter, lower, entry, is_selected)
        painter.restore()

    def _paint_details(self, painter: QPainter, rect: QRect, entry: HistoryEntry, is_selected: bool) -> None:
        if entry.error:
            icon("error", "danger").paint(painter, QRect(rect.left(), rect.center().y() - _ICON // 2, _ICON, _ICON))
            rect = rect.adjusted(_ICON + 4, 0, 0, 0)
        painter.setFont(self._small)
        painter.setPen(color("danger" if entry.error else "text" if is_selected else "muted"))
        text = self._small_metrics.elidedText(described(entry), Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)


def statement_line(entry: HistoryEntry) -> str:
    """The statement on one line."""
    return one_line(" ".join(entry.sql[: 4 * _SHOWN].split()), _SHOWN)


def described(entry: HistoryEntry) -> str:
    """When, where, and how it went, on one line."""
    parts = [when(entry.at), one_line(entry.connection)]
    if entry.error:
        return " · ".join([*parts, one_line(entry.error, _SHOWN)])
    if entry.rows is not None:
        parts.append(words.count(entry.rows, "row"))
    return " · ".join([*parts, seconds_in_words(entry.seconds)])


def when(moment: datetime) -> str:
    """The time of day here, with the date unless it is today's."""
    local, today = moment.astimezone(), datetime.now().astimezone().date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
