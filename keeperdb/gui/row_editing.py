"""Editing the rows of one grid: what keys and menus do to what is staged, its colours, and its bar."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from keeperdb.data.edit_cells import NewValue, Stand
from keeperdb.data.edit_kinds import ValueKind, kind_of
from keeperdb.data.edit_paste import value_from
from keeperdb.data.edit_targets import EditableRows
from keeperdb.data.edits import EditError
from keeperdb.data.staged import RowRef, RowState, StagedChanges, StoredRow
from keeperdb.data.staged_rows import StagedRows
from keeperdb.errors import ConnectError, ConnectReason, KeeperDBError
from keeperdb.gui.actions import make_action
from keeperdb.gui.cell_editors import NULL_CHOICE, CellEditors
from keeperdb.gui.grid import Grid
from keeperdb.gui.masked_columns import tell_masked
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.row_edit_committing import Committing
from keeperdb.gui.row_edit_conflicts import ask_conflict
from keeperdb.gui.row_edit_pasting import Pasting
from keeperdb.gui.row_edit_selection import SelectedCells
from keeperdb.gui.row_edit_sources import ValueSources
from keeperdb.gui.runner import Runner
from keeperdb.gui.staged_bar import StagedBar
from keeperdb.gui.tokens import color
from keeperdb.query.table_shape import ShapeColumn

_TINTS = {RowState.MODIFIED: "modified", RowState.INSERTED: "inserted", RowState.DELETED: "deleted"}
_MENU_OF_CELL = ("data.edit_cell",)
_MENU_OF_VALUES = ("data.set_null", "data.set_default", "data.set_now", "data.set_uuid", "data.load_file")
_MENU_OF_ROWS = ("data.paste", "data.paste_rows", "data.add_row", "data.duplicate_rows", "data.delete_rows")
_MENU_OF_STAGED = ("data.revert_rows",)

Edit = tuple[StoredRow | int, str, NewValue]


class RowEditing(QObject):
    """Over `grid`, whose model has the rows; `bar` shows what is staged. `changed` follows every step,
    `committed(Committed)` a commit.
    """

    changed = Signal()
    committed = Signal(object)
    conflict_solved = Signal()  # the rows that are shown are not those of the server

    def __init__(
        self,
        grid: Grid,
        model: ResultModel,
        editing: EditableRows,
        bar: StagedBar,
        session: QuerySession,
        runner: Runner,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._grid, self._model, self._runner, self._session = grid, model, runner, session
        self.editing, self.bar = editing, bar
        self.committing = Committing(session, runner, editing.engine, parent)
        self.selection = SelectedCells(grid)
        self.pasting = Pasting(self, grid, model)
        self.sources = ValueSources(self, grid, model, session, runner)
        self._editors = CellEditors(model, grid)
        model.set_editing(editing)
        for staging in editing.stagings:
            staging.changes.on_change = self._staged
        self._prepare_grid()
        self._add_actions()
        self._connect()
        self._show()

    @property
    def count(self) -> int:
        """How many rows have staged changes."""
        return self.editing.change_count

    def edit_cell(self) -> None:
        """Open the editor of the current cell, or say why it is locked."""
        index = self._grid.currentIndex()
        if not index.isValid():
            return
        locked = self._model.locked(index.row(), index.column())
        if locked:
            show_notice(self._grid, locked, seconds=5)
        else:
            self._grid.edit(index)

    def set_null(self) -> None:
        """NULL into every selected cell that can have it."""
        self._set_selected(lambda column: NewValue(None) if not column.is_required else None, "Set NULL")

    def set_default(self) -> None:
        self._set_selected(lambda _: NewValue(stand=Stand.DEFAULT), "Set DEFAULT")

    def set_now(self) -> None:
        """The server's time, or its date, when the changes are committed."""
        self._set_selected(self._now, "Set the current time")

    def set_uuid(self) -> None:
        """A UUID of its own into each selected cell."""
        dialect = self.editing.engine.dialect
        kinds = (ValueKind.UUID, ValueKind.TEXT, ValueKind.OTHER)
        self._set_selected(
            lambda column: NewValue(str(uuid.uuid4())) if kind_of(column, dialect) in kinds else None, "Set a UUID"
        )

    def add_row(self) -> None:
        """A new row, with the cursor in its first cell."""
        if self._can_insert():
            self.changes_of(0).insert([{}])
            self.go_to_last()

    def duplicate_rows(self) -> None:
        """New rows with the values of the selected ones, but for what the server makes."""
        if self._can_insert():
            rows = [self._values_of(row) for row in self.selection.rows()]
            if rows:
                words = "Duplicate a row" if len(rows) == 1 else f"Duplicate {len(rows):,} rows"
                self.changes_of(0).insert(rows, words)
                self.go_to_last()

    def delete_rows(self) -> None:
        """Stage the selected rows to be deleted; of a join, those of the current cell's table."""
        rows, staged = self.selection.rows(), self._model.staged
        target = self._current_target()
        if staged is None or target is None or self.committing.is_active:
            return
        found: list[StoredRow | int] = []
        for row in rows:
            number = staged.number(row)
            stored = self.editing.stored_row(target, staged.cells(row)) if number is None else number
            found += [stored] if stored is not None else []
        self.changes_of(target).delete(found)

    def revert_rows(self) -> None:
        """Take back what is staged for the selected rows."""
        staged = self._model.staged
        if staged is None or self.committing.is_active:
            return
        refs: dict[int, list[object]] = {}
        for row in self.selection.rows():
            number = staged.number(row)
            found = [(0, number)] if number is not None else list(self.editing.refs(staged.cells(row)))
            for target, ref in found:
                refs.setdefault(target, []).append(ref)
        for target, chosen in refs.items():
            self.changes_of(target).revert(chosen)  # type: ignore[arg-type]

    def paste(self) -> None:
        """The clipboard over the cells from the current one on; a single value into every selected cell."""
        self.pasting.paste(as_rows=False)

    def paste_rows(self) -> None:
        """The clipboard as new rows."""
        if self._can_insert():
            self.pasting.paste(as_rows=True)

    def undo(self) -> None:
        """Take back the last step, of whichever table it was."""
        last = self._last_step
        if last is not None and not self.committing.is_active:
            last.undo()

    def redo(self) -> None:
        following = self._next_step
        if following is not None and not self.committing.is_active:
            following.redo()

    def discard(self) -> None:
        """Take back everything; undo brings it back."""
        if not self.committing.is_active:
            for staging in self.editing.stagings:
                staging.changes.discard()

    def preview(self) -> None:
        if self.count:
            self.committing.show_preview(self.editing.stagings, self.commit)

    def commit(self) -> None:
        self.committing.commit(self.editing.stagings)

    def tint(self, places: range, column: int) -> Mapping[int, QColor]:
        """The ground of cells that are staged."""
        if not self.count:
            return {}
        grounds = {state: color(token) for state, token in _TINTS.items()}
        states = {place: self._model.state(place, column) for place in places}
        return {place: grounds[state] for place, state in states.items() if state in grounds}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Typing replaces a cell, as in a spreadsheet; the grid itself would search by it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and _begins_text(event):
            index = self._grid.currentIndex()
            if index.isValid() and not self._model.locked(index.row(), index.column()):
                self._grid.setEditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed)
                self._grid.keyPressEvent(event)
                self._grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
                return True
        return super().eventFilter(watched, event)

    def _prepare_grid(self) -> None:
        self._grid.setItemDelegate(self._editors)
        self._grid.fit_row_numbers()
        self._grid.add_tint(self.tint)
        self._grid.menu_extras.append(self._fill_menu)
        self._grid.doubleClicked.disconnect(self._grid.show_value)
        self._grid.doubleClicked.connect(lambda _: self._open_or_show())
        self._grid.installEventFilter(self)

    def _open_or_show(self) -> None:
        """A locked cell shows its value, as before."""
        index = self._grid.currentIndex()
        if index.isValid() and self._model.locked(index.row(), index.column()):
            self._grid.show_value()
        else:
            self.edit_cell()

    def _add_actions(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "data.edit_cell": self.edit_cell,
            "data.set_null": self.set_null,
            "data.set_default": self.set_default,
            "data.set_now": self.set_now,
            "data.set_uuid": self.set_uuid,
            "data.load_file": self.sources.load_file,
            "data.add_row": self.add_row,
            "data.duplicate_rows": self.duplicate_rows,
            "data.delete_rows": self.delete_rows,
            "data.revert_rows": self.revert_rows,
            "data.paste": self.paste,
            "data.paste_rows": self.paste_rows,
            "data.undo": self.undo,
            "data.redo": self.redo,
            "data.preview": self.preview,
            "data.commit": self.commit,
            "data.discard": self.discard,
        }
        self.actions = {
            name: make_action(name, self._grid, act, Qt.ShortcutContext.WidgetShortcut) for name, act in acts.items()
        }

    def _fill_menu(self, menu: QMenu) -> None:
        """Preview, Commit and Discard stand in the bar."""
        menu.addSeparator()
        menu.addActions([self.actions[name] for name in _MENU_OF_CELL])
        values = menu.addMenu("Set")
        values.addActions([self.actions[name] for name in _MENU_OF_VALUES])
        menu.addActions([self.actions[name] for name in (*_MENU_OF_ROWS, *_MENU_OF_STAGED)])

    def _connect(self) -> None:
        self._model.edited.connect(self._typed_into)
        self._editors.long_wanted.connect(self.sources.open_long)
        self._editors.reference_wanted.connect(self.sources.open_reference)
        self.bar.undo_requested.connect(self.undo)
        self.bar.redo_requested.connect(self.redo)
        self.bar.preview_requested.connect(self.preview)
        self.bar.commit_requested.connect(self.commit)
        self.bar.discard_requested.connect(self.discard)
        self.bar.stop_requested.connect(self.committing.stop)
        self.committing.started.connect(lambda: self.bar.show_committing(True))
        self.committing.progress.connect(self.bar.show_progress)
        self.committing.stopped.connect(self._back)
        self.committing.failed.connect(self._refused)
        self.committing.committed.connect(self._written)

    def _typed_into(self, row: int, column: int, text: str) -> None:
        """What an editor gives goes into every selected cell of its column."""
        also = [cell for cell in self.selection.cells() if cell[1] == column]
        if len(also) > 1 and (row, column) in also and text != NULL_CHOICE:
            self.pasting.fill(also, text)
        else:
            self.typed(row, column, text)

    def typed(self, row: int, column: int, text: str) -> None:
        described = self.editing.columns[column].column
        if described is None or self.committing.is_active or self.tell_locked(row, column):
            return
        if text == NULL_CHOICE:
            self.stage([(row, column, NewValue(None))])
            return
        found = value_from(text, described, self.editing.engine.dialect, self._model.old_cell(row, column))
        if found.value is None:
            show_notice(self._grid, found.problem, "error", seconds=8)
        else:
            self.stage([(row, column, found.value)])

    def stage(self, cells: Iterable[tuple[int, int, NewValue]], words: str = "") -> int:
        """Into what is staged of each target; cells whose row cannot be told are left out."""
        if self.committing.is_active:
            return 0
        edits = self._edits(cells)
        return sum(self.changes_of(target).set_cells(found, words) for target, found in edits.items())

    def stage_block(
        self, cells: Iterable[tuple[int, int, NewValue]], rows: Sequence[Mapping[str, NewValue]], words: str
    ) -> None:
        """Cells and new rows of the one table, as one step."""
        if self.editing.can_insert and not self.committing.is_active:
            self.changes_of(0).put_block(self._edits(cells).get(0, ()), rows, words)

    def _edits(self, cells: Iterable[tuple[int, int, NewValue]]) -> dict[int, list[Edit]]:
        """By the number of the target; each row is looked at once, however many of its cells change."""
        staged = self._model.staged
        edits: dict[int, list[Edit]] = {}
        rows: dict[tuple[int, int], StoredRow | int | None] = {}
        if staged is None or self.editing.locked or self._model.editing is not self.editing:
            return edits
        for row, column, value in cells:
            described = self.editing.columns[column]
            if described.column is None or described.target is None or described.locked:
                continue
            place = (described.target, row)
            if place not in rows:
                rows[place] = self._row(staged, *place)
            stored = rows[place]
            if stored is not None:
                edits.setdefault(described.target, []).append((stored, described.column.name, value))
        return edits

    def _row(self, staged: StagedRows, target: int, row: int) -> StoredRow | int | None:
        """What a row is staged as; None if its cells cannot be changed."""
        number = staged.number(row)
        if number is not None:
            return number
        stored = self.editing.stored_row(target, staged.cells(row))
        is_deleted = stored is not None and self.editing.row_state(target, stored.key) is RowState.DELETED
        return None if is_deleted else stored

    def _set_selected(self, make: Callable[[ShapeColumn], NewValue | None], words: str) -> None:
        cells = self.selection.cells()
        if any(column in self._model.masked for _, column in cells):
            tell_masked(self._grid, "changed")
            return
        found = []
        for row, column in cells:
            described = self.editing.columns[column].column
            value = make(described) if described is not None else None
            if value is not None:
                found.append((row, column, value))
        if not self.stage(found, words):
            show_notice(self._grid, "None of the selected cells can hold that, or all of them do already.", seconds=5)

    def _now(self, column: ShapeColumn) -> NewValue | None:
        kind = kind_of(column, self.editing.engine.dialect)
        if kind is ValueKind.DATE:
            return NewValue(stand=Stand.TODAY)
        is_fit = kind in (ValueKind.TIMESTAMP, ValueKind.TEXT, ValueKind.OTHER)
        return NewValue(stand=Stand.NOW) if is_fit else None

    def _values_of(self, row: int) -> dict[str, NewValue]:
        staged = self._model.staged
        found: dict[str, NewValue] = {}
        for number, described in enumerate(self.editing.columns):
            column = described.column
            if staged is None or column is None or described.locked or column.is_auto:
                continue
            value = staged.new_value(row, number)
            if value is None and staged.number(row) is None:
                value = NewValue(staged.cells(row)[number])
            if value is not None:
                found[column.name] = value
        return found

    def _current_target(self) -> int | None:
        shown = self._model.editing
        if shown is not self.editing:  # committed, and not read again
            show_notice(
                self._grid, shown.locked if shown is not None else "These rows are not being edited.", seconds=5
            )
            return None
        if self.editing.can_insert:
            return 0
        index = self._grid.currentIndex()
        target = self.editing.columns[index.column()].target if index.isValid() else None
        if target is None:
            show_notice(self._grid, "Go to a cell of the table whose rows are to be deleted.", seconds=5)
        return target

    def _can_insert(self) -> bool:
        if not self.editing.can_insert:
            reason = self.editing.locked or "Open the table itself to add rows."
            show_notice(self._grid, reason, seconds=6)
        return self.editing.can_insert and not self.committing.is_active

    def tell_locked(self, row: int, column: int) -> bool:
        locked = self._model.locked(row, column)
        if locked:
            show_notice(self._grid, locked, seconds=6)
        return bool(locked)

    def go_to_last(self) -> None:
        first = next((n for n, each in enumerate(self.editing.columns) if not each.locked), 0)
        self._grid.clearSelection()
        self._grid.go_to_cell(self._model.rowCount() - 1, first)
        self._grid.setFocus()

    @property
    def _last_step(self) -> StagedChanges | None:
        """The table whose step was taken last."""
        found = [each.changes for each in self.editing.stagings if each.changes.undo_number]
        return max(found, key=lambda changes: changes.undo_number, default=None)

    @property
    def _next_step(self) -> StagedChanges | None:
        """The table whose step was undone last, if no other step was taken since."""
        found = [each.changes for each in self.editing.stagings if each.changes.redo_number]
        following = min(found, key=lambda changes: changes.redo_number, default=None)
        last = self._last_step
        is_behind = following is not None and last is not None and following.redo_number < last.undo_number
        return None if is_behind else following

    def changes_of(self, target: int) -> StagedChanges:
        return self.editing.targets[target].staging.changes

    def _staged(self) -> None:
        self._model.follow_staged()
        self.committing.follow(self.editing.stagings)
        self._grid.repaint_cells()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        counts = dict.fromkeys((RowState.MODIFIED, RowState.INSERTED, RowState.DELETED), 0)
        for staging in self.editing.stagings:
            for state, count in staging.changes.counts().items():
                counts[state] += count
        last, following = self._last_step, self._next_step
        undo = last.undo_words if last is not None else ""
        self.bar.show_staged(counts, undo, following.redo_words if following is not None else "")

    def _back(self) -> None:
        self.bar.show_committing(False)
        self._show()

    def _written(self, done: object) -> None:
        self._back()
        self.committed.emit(done)

    def _refused(self, error: KeeperDBError) -> None:
        self._back()
        if isinstance(error, EditError) and error.ref is not None and error.table is not None:
            self.go_to_ref(error.table, error.ref)
            if ask_conflict(
                self._grid.window(), error, self.editing.stagings[error.table].changes, error.ref, self._solved
            ):
                return
        if isinstance(error, ConnectError) and error.reason is ConnectReason.LOST:
            text = "The connection was lost. Nothing was written; the changes are still staged."
            show_notice(self._grid, text, "warning", seconds=10)  # the tab itself offers to reconnect
            return
        show_error(self._grid.window(), error)

    def _solved(self, words: str) -> None:
        show_notice(self._grid, words, seconds=6)
        self.conflict_solved.emit()

    def go_to_ref(self, table: int, ref: RowRef) -> None:
        """Show the row that failed, if it is among those that are shown."""
        staged = self._model.staged
        changes = self.editing.stagings[table].changes
        for place in range(self._model.rowCount()) if staged is not None else ():
            number = staged.number(place) if staged is not None else None
            refs = [(0, number)] if number is not None else list(self.editing.refs(staged.cells(place)))  # type: ignore[union-attr]
            if any(self.changes_of(target) is changes and found == ref for target, found in refs):
                self._grid.go_to_cell(place, max(self._grid.currentIndex().column(), 0))
                return


def _begins_text(event: QKeyEvent) -> bool:
    with_control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    return bool(event.text()) and event.text().isprintable() and not with_control
