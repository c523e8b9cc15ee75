"""Filters that begin at a cell or at a column: by this value, without it, by some of the column's values."""

from PySide6.QtCore import QObject, QPoint

from keeperdb.gui.column_popup import ColumnPopup, popup_place
from keeperdb.gui.filter_bar import FilterBar, condition_for, condition_without
from keeperdb.gui.grid import Grid
from keeperdb.gui.masked_columns import tell_masked
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.gui.value_filter import MOST_VALUES, ValueFilter
from keeperdb.query.column_names import unique_names
from keeperdb.query.distinct_values import distinct_values
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.timezones import Converter


class ResultFilters(QObject):
    """Each adds to the condition in the filter bar, where it can be read and changed."""

    def __init__(self, grid: Grid, model: ResultModel, bar: FilterBar, columns: ShownColumns, runner: Runner) -> None:
        super().__init__(grid)
        self._grid = grid
        self._model = model
        self._bar = bar
        self._columns = columns
        self._runner = runner
        self._zone: Converter | None = None
        self._names = unique_names(model.columns)

    def set_converter(self, zone: Converter | None) -> None:
        """List moments as the grid writes them from now on."""
        self._zone = zone

    def keep_value(self) -> None:
        """Keep the rows with the value of the current cell in its column."""
        index = self._grid.currentIndex()
        if index.isValid():
            column = index.column()
            if column in self._model.masked:
                tell_masked(self._grid)
                return
            text = self._model.shown.text(index.row(), column)
            self._bar.add_condition(condition_for(self._names[column], [text], is_number=self._is_number(column)))

    def exclude_value(self) -> None:
        """Leave out the rows with the value of the current cell in its column."""
        index = self._grid.currentIndex()
        if index.isValid():
            column = index.column()
            if column in self._model.masked:
                tell_masked(self._grid)
                return
            text = self._model.shown.text(index.row(), column)
            self._bar.add_condition(condition_without(self._names[column], text, is_number=self._is_number(column)))

    def open_values(self) -> None:
        """List the values of the column, for choosing some."""
        column = self._grid.target_column
        if column < 0:
            return
        if column in self._model.masked:
            tell_masked(self._grid)
            return
        shown, order, zone, columns = self._model.shown, self._model.order, self._zone, self._columns
        popup = ValueFilter(
            self._names[column], self._model.null_text, self._is_number(column), self._runner, self._grid
        )
        popup.chosen.connect(self._bar.add_condition)
        task = self._runner.start(
            lambda task: distinct_values(columns, shown, order, column, MOST_VALUES, task, zone),
            owner=popup,
            done=popup.show_values,
        )
        popup.open_at(self._below(column), task)

    def open_columns(self) -> None:
        """List the columns, for going to one, hiding and pinning."""
        ColumnPopup(self._grid, self._model).open_at(popup_place(self._grid))

    def _is_number(self, column: int) -> bool:
        return self._model.columns[column].kind.is_number

    def _below(self, column: int) -> QPoint:
        """Under the head of a column, on the screen."""
        heads = self._grid.heads
        left = max(0, heads.sectionViewportPosition(column))
        return heads.viewport().mapToGlobal(QPoint(left, heads.height()))
