"""Windows of data editing: a long value, the SQL of what is staged, a block before it is pasted."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPaintEvent, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from keeperdb.data.edit_json import lay_out_json
from keeperdb.data.edit_kinds import ValueKind, kind_of, problem_with
from keeperdb.data.edit_paste import PastedCell, pasted
from keeperdb.engines.base import Engine
from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.fields import Field
from keeperdb.gui.highlighter import Highlighter
from keeperdb.gui.notices import plain_label
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import BODY, color
from keeperdb.gui.words import count
from keeperdb.query.table_shape import ShapeColumn

_CHECK_AFTER = 200  # milliseconds after the last key
_MOST_SHOWN = 200  # rows of a block that are shown
_LONGEST_SHOWN = 200_000  # characters of SQL that are laid out
_NULL_WORD = "NULL"
_LINES_ON_SCREEN = 200


class _Dialog(QDialog):
    """A dialog with buttons at its lower right; Escape leaves it."""

    def __init__(self, parent: QWidget | None, title: str, width: int, height: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(width, height)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 16, 16, 16)
        self.column.setSpacing(12)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)

    def add_button(self, text: str, act: Callable[[], object], *, is_primary: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        if is_primary:
            button.setProperty("role", "primary")
            button.setDefault(True)
        button.clicked.connect(lambda _checked: act())
        self.buttons.addWidget(button)
        return button


class TextValueDialog(_Dialog):
    """A value of several lines, checked while it is typed. `chosen(text)` follows Stage."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None, column: ShapeColumn, dialect: str, text: str) -> None:
        super().__init__(parent, f"{one_line(column.name)} — value", 640, 460)
        self._described, self._dialect = column, dialect
        self.edit = QPlainTextEdit(text)
        self.edit.setFont(mono_font(BODY))
        self.edit.setTabChangesFocus(False)
        self.field = Field(f"{one_line(column.name)} ({column.type_name})", self.edit)
        self.column.addWidget(self.field, 1)
        self.column.addLayout(self.buttons)
        if kind_of(column, dialect) is ValueKind.JSON:
            self.add_button("Lay out", self._lay_out_json)
        self.buttons.addStretch(1)
        self.stage_button = self.add_button("Stage", self._stage, is_primary=True)
        self.add_button("Cancel", self.reject)
        self._timer = QTimer(self, singleShot=True, interval=_CHECK_AFTER)
        self._timer.timeout.connect(self.check)
        self.edit.textChanged.connect(self._timer.start)
        self.edit.setFocus()

    def check(self) -> bool:
        """Say what is wrong with the text; True if nothing is known to be."""
        problem = problem_with(self.edit.toPlainText(), self._described, self._dialect)
        self.field.set_error(problem)
        self.stage_button.setEnabled(not problem)
        return not problem

    def _lay_out_json(self) -> None:
        """With line breaks; numbers stay as they are written."""
        try:
            self.edit.setPlainText(lay_out_json(self.edit.toPlainText()))
        except ValueError:
            self.check()

    def _stage(self) -> None:
        if self.check():
            self.accept()
            self.chosen.emit(self.edit.toPlainText())


class SqlText(QPlainTextEdit):
    """SQL in colours, to be read and copied."""

    def __init__(self, dialect: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFont(mono_font(BODY))
        self.setAccessibleName("SQL")
        self._highlighter = Highlighter(self.document(), dialect)
        self._highlighter.advanced.connect(self.viewport().update)

    def paintEvent(self, event: QPaintEvent) -> None:
        first = self.firstVisibleBlock()
        self._highlighter.color(first, first.blockNumber() + _LINES_ON_SCREEN)
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_highlighter"):
            self._highlighter.follow_theme()


class PreviewDialog(_Dialog):
    """The statements of what is staged, beside the grid, where editing goes on. `commit_requested` follows Commit."""

    commit_requested = Signal()

    def __init__(self, parent: QWidget | None, sql: str, rows: int, dialect: str) -> None:
        super().__init__(parent, "SQL of the staged changes", 860, 560)
        self._sql = ""
        self.words = plain_label("", "muted", wrap=True)
        self.text = SqlText(dialect)
        self.column.addWidget(self.words)
        self.column.addWidget(self.text, 1)
        self.column.addLayout(self.buttons)
        self.copy_button = self.add_button("Copy SQL", self.copy)
        self.buttons.addStretch(1)
        self.commit_button = self.add_button("Commit", self._commit, is_primary=True)
        self.commit_button.setDefault(False)  # Enter only closes
        self.add_button("Close", self.reject).setFocus()
        self.show_sql(sql, rows)

    def show_sql(self, sql: str, rows: int) -> None:
        """What is staged now; the place that is looked at stays."""
        self._sql = sql
        if not rows:
            self.words.setText("Nothing is staged.")
        else:
            self.words.setText(f"Commit writes {count(rows, 'row')} in one transaction, each exactly once, or nothing.")
        place = self.text.verticalScrollBar().value()
        self.text.setPlainText(_shortened(sql))
        self.text.verticalScrollBar().setValue(place)
        self.commit_button.setEnabled(rows > 0)
        self.copy_button.setEnabled(rows > 0)

    def copy(self) -> None:
        """Put all of the SQL on the clipboard."""
        QGuiApplication.clipboard().setText(self._sql)

    def _commit(self) -> None:
        self.accept()
        self.commit_requested.emit()


def _shortened(sql: str) -> str:
    if len(sql) <= _LONGEST_SHOWN:
        return sql
    return f"{sql[:_LONGEST_SHOWN]}\n-- … {len(sql) - _LONGEST_SHOWN:,} more characters; Copy SQL copies all of them"


class PasteDialog(_Dialog):
    """A block before it is staged: what becomes of each cell, and what cannot be. `chosen(cells)` follows Stage."""

    chosen = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        rows: Sequence[Sequence[str]],
        columns: Sequence[ShapeColumn | None],
        engine: Engine,
        target: str,
    ) -> None:
        super().__init__(parent, "Paste", 760, 480)
        self._rows, self._columns, self._engine = rows, columns, engine
        self.cells: list[list[PastedCell]] = []
        self.null_text = QLineEdit(_NULL_WORD)
        self.null_text.setMaximumWidth(200)
        self.table = QTableWidget(min(len(rows), _MOST_SHOWN), max(1, min(len(columns), max(map(len, rows)))))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName("Cells to paste")
        self.table.setFont(mono_font(BODY))
        names = [one_line(column.name) if column is not None else "locked" for column in columns]
        self.table.setHorizontalHeaderLabels(names[: self.table.columnCount()])
        self.summary = plain_label("", wrap=True)
        self.column.addWidget(plain_label(target, wrap=True))
        self.column.addWidget(Field("Text that stands for NULL", self.null_text))
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.summary)
        self.column.addLayout(self.buttons)
        self.buttons.addStretch(1)
        self.stage_button = self.add_button("Stage", self._stage, is_primary=True)
        self.add_button("Cancel", self.reject)
        self.null_text.textChanged.connect(lambda _: self.show_cells())
        self.show_cells()

    def show_cells(self) -> None:
        """Check the block with the word for NULL, and show what comes of it."""
        self.cells = pasted(self._rows, self._columns, self._engine, self.null_text.text())
        for row, cells in enumerate(self.cells[:_MOST_SHOWN]):
            for number, cell in enumerate(cells[: self.table.columnCount()]):
                self.table.setItem(row, number, _item(cell))
        problems = [cell.problem for row in self.cells for cell in row if cell.problem]
        size = f"{len(self.cells):,} rows" if len(self.cells) != 1 else "1 row"
        self.summary.setText(f"{size}. {_cells(len(problems))} cannot be staged: {problems[0]}" if problems else size)
        self.stage_button.setEnabled(not problems)

    def _stage(self) -> None:
        self.accept()
        self.chosen.emit(self.cells)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def _item(cell: PastedCell) -> QTableWidgetItem:
    is_null = cell.value is not None and cell.value.cell is None
    item = QTableWidgetItem(_NULL_WORD if is_null and not cell.problem else one_line(cell.text) or "(empty)")
    if cell.problem:
        item.setBackground(QColor(color("deleted")))
        item.setToolTip(tooltip(cell.problem))
    elif is_null or not cell.text:
        item.setForeground(QColor(color("null")))
    return item
