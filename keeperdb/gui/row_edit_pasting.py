"""The clipboard into the cells of a grid: one value into many cells, or a block that is looked at first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from keeperdb.data.edit_paste import PastedCell, split_block, value_from
from keeperdb.errors import KeeperDBError
from keeperdb.gui.grid import Grid
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.row_edit_dialogs import PasteDialog
from keeperdb.gui.row_edit_selection import Cells
from keeperdb.gui.words import count

if TYPE_CHECKING:
    from keeperdb.gui.row_editing import RowEditing


class Pasting(QObject):
    """Stages through `editing`."""

    def __init__(self, editing: "RowEditing", grid: Grid, model: ResultModel) -> None:
        super().__init__(editing)
        self._editing, self._grid, self._model = editing, grid, model

    def paste(self, *, as_rows: bool) -> None:
        """Ask about the block; `as_rows` makes new rows of all of it."""
        text = QGuiApplication.clipboard().text()
        if not text or self._editing.committing.is_active:
            return
        try:
            rows = split_block(text)
        except KeeperDBError as error:
            show_error(self._grid.window(), error)
            return
        selected = self._editing.selection.cells()
        if len(rows) == 1 and len(rows[0]) == 1 and not as_rows and selected:
            self.fill(selected, rows[0][0])
            return
        first = self._grid.currentIndex()
        places = [] if first.isValid() or as_rows else [0]
        start_column = max(first.column(), 0) if not places else 0
        shown = self._grid.columns.shown
        columns = list(shown[shown.index(start_column) :] if start_column in shown else shown)
        start = self._model.rowCount() if as_rows or not first.isValid() else first.row()
        self._ask_paste(rows, columns, start)

    def _ask_paste(self, rows: list[list[str]], columns: list[int], start: int) -> None:
        existing = max(0, min(len(rows), self._model.rowCount() - start))
        added = len(rows) - existing if self._editing.editing.can_insert else 0
        described = [
            None if self._editing.editing.columns[number].locked else self._editing.editing.columns[number].column
            for number in columns
        ]
        parts = [f"change {count(existing, 'row')}"] if existing else []
        parts += [f"add {count(added, 'row')}"] if added else []
        left = len(rows) - existing - added
        rest = f" {count(left, 'row')} of the block do not fit." if left else ""
        target = f"This will {' and '.join(parts) or 'change nothing'}.{rest} Nothing is written before Commit."
        dialog = PasteDialog(self._grid.window(), rows, described, self._editing.editing.engine, target)
        dialog.chosen.connect(lambda cells: self._pasted(cells, columns, start))
        dialog.open()

    def _pasted(self, cells: list[list[PastedCell]], columns: list[int], start: int) -> None:
        before = self._model.rowCount()
        changed = [
            (start + offset, column, cell.value)
            for offset, row in enumerate(cells)
            for column, cell in zip(columns, row, strict=False)
            if start + offset < before and cell.value is not None
        ]
        new = [
            {
                described.name: cell.value
                for column, cell in zip(columns, row, strict=False)
                if (described := self._editing.editing.columns[column].column) is not None and cell.value is not None
            }
            for offset, row in enumerate(cells)
            if start + offset >= before
        ]
        words = f"Paste {count(len(cells), 'row')}"
        if new and self._editing.editing.can_insert:
            self._editing.stage_block(changed, new, words)
            self._editing.go_to_last()
        else:
            self._editing.stage(changed, words)

    def fill(self, cells: Cells, text: str) -> None:
        """One value into each cell."""
        found = []
        for row, column in cells:
            described = self._editing.editing.columns[column].column
            if described is None or self._model.locked(row, column):
                continue
            value = value_from(text, described, self._editing.editing.engine.dialect, self._model.old_cell(row, column))
            if value.value is None:
                show_notice(self._grid, value.problem, "error", seconds=8)
                return
            found.append((row, column, value.value))
        if not self._editing.stage(found, f"Change {len(found):,} cells") and cells:
            self._editing.tell_locked(*cells[0])
