"""The editors of cells, by the kind of value: a line, a list, a calendar, and a window for what is long."""

from PySide6.QtCore import QDate, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QCalendarWidget,
    QComboBox,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from keeperdb.data.edit_kinds import ValueKind, kind_of
from keeperdb.gui.grid import Grid
from keeperdb.gui.icons import icon, set_icon
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import BODY, color
from keeperdb.query.table_shape import ShapeColumn

Index = QModelIndex | QPersistentModelIndex

_LONG = 200  # characters that need more than a line
_WIDEST = 60  # characters that are seen at once
_EDITOR_ROOM = 64  # pixels for edges and buttons
_DAYS_SIZE = QSize(300, 280)
_DATED = (ValueKind.DATE, ValueKind.TIMESTAMP)
_LISTED = (ValueKind.CHOICE, ValueKind.BOOLEAN)
_HINTS = {
    ValueKind.DATE: "YYYY-MM-DD",
    ValueKind.TIME: "HH:MM:SS",
    ValueKind.TIMESTAMP: "YYYY-MM-DD HH:MM:SS",
    ValueKind.BINARY: "0x… or text",
    ValueKind.GEOMETRY: "POINT(1 2) or SRID=4326;POINT(1 2)",
    ValueKind.UUID: "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
}
NULL_CHOICE = "\0NULL"  # what the list gives for NULL, which no value is


class CellEditors(QStyledItemDelegate):
    """Makes the editor of a cell. `long_wanted(row, column)` asks for the window of a long value,
    `reference_wanted(row, column)` for that of a foreign key.
    """

    long_wanted = Signal(int, int)
    reference_wanted = Signal(int, int)

    def __init__(self, model: ResultModel, grid: Grid) -> None:
        super().__init__(grid)
        self._model, self._grid = model, grid

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget | None:  # type: ignore[override]
        column = self._column(index)
        if column is None or self._model.editing is None:
            return None
        dialect = self._model.editing.engine.dialect
        kind = kind_of(column, dialect)
        text = self._model.edited_text(index.row(), index.column()) or ""
        if kind in _LISTED:
            return self._list(parent, column, dialect, kind)
        if kind is ValueKind.JSON or "\n" in text or len(text) > _LONG:
            self.long_wanted.emit(index.row(), index.column())
            return None
        return self._line(parent, column, kind, index)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Tab goes on to the next cell, and stops at the last one."""
        is_tab = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab
        if is_tab and isinstance(editor, QWidget) and self._is_last():
            self._finish(editor)
            return True
        return super().eventFilter(editor, event)

    def _is_last(self) -> bool:
        index, shown = self._grid.currentIndex(), self._grid.columns.shown
        return index.row() == self._model.rowCount() - 1 and bool(shown) and index.column() == shown[-1]

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Wide enough for what is written in it, also in a narrow column."""
        place = QRect(option.rect)
        text = self._model.edited_text(index.row(), index.column()) or ""
        wanted = editor.fontMetrics().horizontalAdvance(text[:_WIDEST]) + _EDITOR_ROOM
        holder = editor.parentWidget()
        room = max(place.width(), (holder.width() if holder is not None else 0) - place.left())
        place.setWidth(min(max(place.width(), wanted), room))
        editor.setGeometry(place)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        text = self._model.edited_text(index.row(), index.column())
        if isinstance(editor, QComboBox):
            wanted = NULL_CHOICE if text is None else text
            place = editor.findData(wanted)
            editor.setCurrentIndex(place if place >= 0 else editor.findData(_shown_boolean(wanted)))
            editor.showPopup()
        elif isinstance(editor, QLineEdit):
            editor.setText(text or "")
            editor.setPlaceholderText("NULL" if text is None else editor.placeholderText())
            editor.setModified(False)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: object, index: Index) -> None:
        """Nothing is staged by opening an editor and leaving it."""
        if isinstance(editor, QComboBox) and editor.currentIndex() >= 0:
            self._model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit) and editor.isModified():
            self._model.setData(index, editor.text())

    def _column(self, index: Index) -> ShapeColumn | None:
        editing = self._model.editing
        return editing.columns[index.column()].column if editing is not None else None

    def _list(self, parent: QWidget, column: ShapeColumn, dialect: str, kind: ValueKind) -> QComboBox:
        box = QComboBox(parent)
        box.setAccessibleName(column.name)
        values = column.choices if kind is ValueKind.CHOICE else _booleans(dialect)
        for value in values:
            box.addItem(_boolean_word(value) if kind is ValueKind.BOOLEAN else value, value)
        if not column.is_required:
            box.addItem("NULL", NULL_CHOICE)
        box.activated.connect(lambda _: self._finish(box))
        return box

    def _finish(self, editor: QWidget) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def _line(self, parent: QWidget, column: ShapeColumn, kind: ValueKind, index: Index) -> QLineEdit:
        line = QLineEdit(parent)
        line.setFrame(False)
        line.setFont(mono_font(BODY))
        line.setAccessibleName(column.name)
        line.setPlaceholderText(_HINTS.get(kind, ""))
        row, number = index.row(), index.column()
        if kind in _DATED:
            action = line.addAction(icon("clock", "muted"), QLineEdit.ActionPosition.TrailingPosition)
            action.setToolTip("Choose the day (Alt+Down)")
            action.setShortcut("Alt+Down")
            action.triggered.connect(lambda _=False: DayPopup(line).open())
        if self._is_reference(number):
            action = line.addAction(icon("search", "muted"), QLineEdit.ActionPosition.TrailingPosition)
            action.setToolTip("Choose the row that is referred to (Alt+Down)")
            action.setShortcut("Alt+Down")
            action.triggered.connect(lambda _=False: self._leave_for_reference(line, row, number))
        return line

    def _is_reference(self, number: int) -> bool:
        editing = self._model.editing
        described = editing.columns[number] if editing is not None else None
        if editing is None or described is None or described.target is None or described.column is None:
            return False
        return editing.targets[described.target].staging.shape.foreign_key_of(described.column.name) is not None

    def _leave_for_reference(self, line: QLineEdit, row: int, number: int) -> None:
        self.closeEditor.emit(line, QAbstractItemDelegate.EndEditHint.RevertModelCache)
        self.reference_wanted.emit(row, number)


def _booleans(dialect: str) -> tuple[str, str]:
    return ("t", "f") if dialect in ("postgres", "redshift") else ("1", "0")


def _boolean_word(value: str) -> str:
    return "true" if value in ("t", "1") else "false"


def _shown_boolean(text: str) -> str:
    return {"true": "t", "false": "f", "True": "1", "False": "0"}.get(text, text)


class DayPopup(QCalendarWidget):
    """A calendar under the line that it fills; Return or a click chooses, Escape leaves it."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self.setWindowFlags(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.setAccessibleName("Day")
        weekend = QTextCharFormat()
        weekend.setForeground(QColor(color("danger")))
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            self.setWeekdayTextFormat(day, weekend)
        for name, drawn in (("qt_calendar_prevmonth", "chevron-left"), ("qt_calendar_nextmonth", "chevron-right")):
            button = self.findChild(QToolButton, name)
            if button is not None:
                set_icon(button, drawn)  # Qt's own are black in every theme
        self._line = line
        self._rest = ""  # of the text, which is kept
        now = QDate.fromString(line.text()[:10], Qt.DateFormat.ISODate)
        if now.isValid():
            self.setSelectedDate(now)
            self._rest = line.text()[10:]
        self.activated.connect(self._choose)
        self.clicked.connect(self._choose)

    def open(self) -> None:
        """Show it, with the selected day ready for the arrow keys."""
        self.resize(self.sizeHint().expandedTo(_DAYS_SIZE))
        place, screen = self._line.mapToGlobal(QPoint(0, self._line.height())), self._line.screen().availableGeometry()
        if place.y() + self.height() > screen.bottom():
            place.setY(place.y() - self._line.height() - self.height())
        self.move(max(screen.left(), min(place.x(), screen.right() - self.width())), max(screen.top(), place.y()))
        self.show()
        self.setFocus()

    def _choose(self, day: QDate) -> None:
        self._line.setText(day.toString(Qt.DateFormat.ISODate) + self._rest)
        self._line.setModified(True)
        self.close()
        self._line.setFocus()
