"""The window that looks for the row a foreign key may name: searched on the server, by key and by its texts."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from keeperdb.data.edit_kinds import ValueKind, kind_of
from keeperdb.data.keys import best_key
from keeperdb.data.paging import PageRequest, page_sql
from keeperdb.data.row_filters import Condition, Operator, RowFilter
from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.notices import plain_label
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import BODY
from keeperdb.query.session import Session
from keeperdb.query.table_shape import ForeignKey, ShapeColumn, TableKey, TableShape, describe_table, texts_of
from keeperdb.task import Task

_ROWS = 50
_TYPING = 250  # milliseconds
_MOST_COLUMNS = 6
_SEARCHED = (ValueKind.TEXT, ValueKind.OTHER, ValueKind.UUID, ValueKind.CHOICE)

Found = tuple[list[str], list[tuple[str | None, ...]], bool]


class ReferencePicker(QDialog):
    """`chosen(values)` are the texts of the key's columns in the table that is referred to, in order."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None, session: QuerySession, key: ForeignKey) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Rows of {one_line(key.target[-1])}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 420)
        self._session, self._key = session, key
        self._shape: TableShape | None = None
        self._asked = 0
        self.search = SearchField(f"Search {one_line(key.target[-1])}")
        self.table = QTableWidget(0, 0)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setFont(mono_font(BODY))
        self.table.setAccessibleName("Rows")
        self.state = plain_label("Searching…", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for widget in (self.search, self.table, self.state):
            column.addWidget(widget)
        self._timer = QTimer(self, singleShot=True, interval=_TYPING)
        self._timer.timeout.connect(self.look)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.search.entered.connect(lambda _: self._choose_current())
        self.search.moved.connect(lambda _: self.table.setFocus())
        self.table.cellActivated.connect(lambda *_: self._choose_current())
        self.table.cellDoubleClicked.connect(lambda *_: self._choose_current())
        self.look()

    def look(self) -> None:
        """Ask the server for rows with the text."""
        self._asked += 1
        number, text, shape, key = self._asked, self.search.text().strip(), self._shape, self._key

        def operation(session: Session, task: Task) -> tuple[TableShape, Found]:
            known = shape or describe_table(session, key.target, task)
            return known, _rows(session, known, key, text, task)

        self._session.run(
            operation,
            done=lambda found: self._show(*found) if number == self._asked else None,
            failed=self._fail,
            cancelled=lambda: None,
        )

    def _show(self, shape: TableShape, found: Found) -> None:
        names, rows, is_cut = found
        self._shape = shape
        self.table.clear()
        self.table.setColumnCount(len(names))
        self.table.setRowCount(len(rows))
        self.table.setHorizontalHeaderLabels([one_line(name) for name in names])
        for row, cells in enumerate(rows):
            for number, cell in enumerate(cells):
                item = QTableWidgetItem("NULL" if cell is None else one_line(cell))
                item.setData(Qt.ItemDataRole.UserRole, cell)
                self.table.setItem(row, number, item)
        self.table.resizeColumnsToContents()
        if rows:
            self.table.setCurrentCell(0, 0)
        more = f"The first {_ROWS} rows; type to find others" if is_cut else f"{len(rows):,} rows"
        self.state.setText(more if rows else "No row has this text")

    def _fail(self, error: KeeperDBError) -> None:
        self.state.setText(str(error))

    def _choose_current(self) -> None:
        row = self.table.currentRow()
        if row < 0:
            return
        cells = [self.table.item(row, number) for number in range(len(self._key.target_columns))]
        self.accept()
        self.chosen.emit([cell.data(Qt.ItemDataRole.UserRole) if cell is not None else None for cell in cells])


def _rows(session: Session, shape: TableShape, key: ForeignKey, text: str, task: Task) -> Found:
    """On the lane: the columns of the key first, then what tells a person which row it is."""
    dialect = session.engine.dialect
    columns = _shown(shape, key.target_columns, dialect)
    narrow = TableShape(shape.path, tuple(columns), shape.keys, is_view=shape.is_view)
    conditions = _conditions(columns, key.target_columns, text, dialect) if text else ()
    page = PageRequest(narrow, _key(narrow), _ROWS, filter=RowFilter(tuple(conditions), is_any=True))
    statement, values = page_sql(session.engine, page).bound()
    result = session.execute(statement, task, parameters=values or None, confirmed=True)[-1]
    rows = texts_of(result, task)
    return [column.name for column in columns], rows[:_ROWS], len(rows) > _ROWS


def _key(shape: TableShape) -> TableKey | None:
    """What the rows are sorted by."""
    key = best_key(shape)
    return key if key is not None and shape.by_name.keys() >= set(key.columns) else None


def _shown(shape: TableShape, first: Sequence[str], dialect: str) -> list[ShapeColumn]:
    own = [shape.by_name[name] for name in first if name in shape.by_name]
    others = [column for column in shape.columns if column.name not in first]
    texts = [column for column in others if kind_of(column, dialect) in (ValueKind.TEXT, ValueKind.CHOICE)]
    rest = [column for column in others if column not in texts and kind_of(column, dialect) is not ValueKind.BINARY]
    return [*own, *texts, *rest][: max(len(own), _MOST_COLUMNS)]


def _conditions(columns: Sequence[ShapeColumn], key: Sequence[str], text: str, dialect: str) -> list[Condition]:
    return [
        Condition(column.name, Operator.CONTAINS, text)
        for column in columns
        if column.name in key or kind_of(column, dialect) in _SEARCHED
    ]
