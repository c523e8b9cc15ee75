"""A result as it is looked at with what is staged: new values in their cells, new rows behind the others."""

from collections.abc import Callable
from typing import Any

from keeperdb.data.edit_cells import Cell, NewValue, text_of
from keeperdb.data.edit_targets import EditableRows, cells_of
from keeperdb.data.staged import RowState
from keeperdb.query.arranging import Order
from keeperdb.query.results import ResultSet
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter

_KEPT = 4_096  # rows whose cells are remembered while they are painted


class StagedRows(ShownRows):
    """As `ShownRows`, with `editing` over it. Made anew for each step: it reads what is staged at its making."""

    def __init__(
        self,
        result: ResultSet,
        editing: EditableRows,
        order: Order | None = None,
        shown: Converter | None = None,
        count: int | None = None,
    ) -> None:
        super().__init__(result, order, shown, count)
        self.editing = editing
        self.stored_count = super().__len__()
        self._inserted = editing.inserted()
        self._has_changes = editing.change_count > 0
        self._cells: dict[int, list[Cell]] = {}

    def __len__(self) -> int:
        return self.stored_count + len(self._inserted)

    @property
    def total(self) -> int | None:
        return len(self)

    @property
    def differs(self) -> bool:
        return self._has_changes or super().differs

    def row(self, place: int) -> int:
        """As before for rows of the result; new rows have numbers behind all of them."""
        if place < self.stored_count:
            return super().row(place)
        return self.result.row_count + place - self.stored_count

    def cells(self, place: int) -> list[Cell]:
        """The cells of a row of the result as they are in the database."""
        row = super().row(place)
        found = self._cells.get(row)
        if found is None:
            if len(self._cells) >= _KEPT:
                self._cells.clear()
            found = self._cells[row] = cells_of(self.result, row, self.editing.engine.dialect)
        return found

    def number(self, place: int) -> int | None:
        """The number of the new row at `place`; None for a row of the result."""
        return self._inserted[place - self.stored_count] if place >= self.stored_count else None

    def new_value(self, place: int, column: int) -> NewValue | None:
        """What is staged for a cell; a column of a new row that nothing was said about gets its default."""
        number = self.number(place)
        if number is None:
            return self.editing.new_value(self.cells(place), column) if self._has_changes else None
        described = self.editing.columns[column].column
        name = described.name if described is not None else ""
        return self.editing.targets[0].staging.changes.new_value(number, name)

    def state(self, place: int, column: int) -> RowState:
        if place >= self.stored_count:
            return RowState.INSERTED
        return self.editing.state(self.cells(place), column) if self._has_changes else RowState.SAME

    def text(self, row: int, column: int) -> str | None:
        value = self.new_value(row, column)
        if value is not None:
            return "" if value.stand is not None else text_of(value.cell)
        return super().text(row, column) if row < self.stored_count else ""

    def is_word(self, place: int, column: int) -> str:
        """What stands for the server's own value in a cell, such as DEFAULT; empty for a value."""
        value = self.new_value(place, column)
        if value is not None:
            return value.in_words
        return "DEFAULT" if place >= self.stored_count else ""

    def reader(self, column: int) -> Callable[[int, int], str | None]:
        return self.text if self._has_changes else super().reader(column)

    def value(self, row: int, column: int) -> Any:
        value = self.new_value(row, column)
        if value is not None:
            return value.cell
        return super().value(row, column) if row < self.stored_count else None
