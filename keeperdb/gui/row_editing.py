"""Editing the rows of one grid: what keys and menus do to what is staged, its colours, and its bar."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QMenu, QWidget

from keeperdb.data.edit_cells import NewValue, Stand
from keeperdb.data.edit_kinds import ValueKind, kind_of
from keeperdb.data.edit_paste import PastedCell, split_block, value_from
from keeperdb.data.edit_targets import EditableRows
from keeperdb.data.edits import EditError
from keeperdb.data.staged import RowState, StagedChanges, StoredRow
from keeperdb.data.staged_rows import StagedRows
from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.gui.actions import make_action
from keeperdb.gui.cell_editors import NULL_CHOICE, CellEditors
from keeperdb.gui.grid import Grid
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.row_edit_committing import Committing
from keeperdb.gui.row_edit_dialogs import PasteDialog, TextValueDialog
from keeperdb.gui.row_edit_reference import ReferencePicker
from keeperdb.gui.runner import Runner
from keeperdb.gui.staged_bar import StagedBar
from keeperdb.gui.tokens import color
from keeperdb.query.table_shape import ShapeColumn
from keeperdb.task import Task

_TINTS = {RowState.MODIFIED: "modified", RowState.INSERTED: "inserted", RowState.DELETED: "deleted"}
_LARGEST_FILE = 256 * 1024 * 1024  # bytes
_MOST_CELLS = 200_000  # that are changed at once
_MENU = (
    ("data.edit_cell", "data.set_null", "data.set_default", "data.set_now", "data.set_uuid", "data.load_file"),
    ("data.paste", "data.paste_rows"),
    ("data.add_row", "data.duplicate_rows", "data.delete_rows", "data.revert_rows"),
    ("data.preview", "data.commit", "data.discard"),
)

Cells = list[tuple[int, int]]
Edit = tuple[StoredRow | int, str, NewValue]


class RowEditing(QObject):
    """Over `grid`, whose model has the rows; `bar` shows what is staged. `changed` follows every step,
    `committed(Committed)` a commit.
    """

    changed = Signal()
    committed = Signal(object)

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

    def load_file(self) -> None:
        """The content of a file into the current cell."""
        index = self._grid.currentIndex()
        if not index.isValid() or self._locked_notice(index.row(), index.column()):
            return
        path, _ = QFileDialog.getOpenFileName(self._grid.window(), "Load a value from a file")
        if path:
            place = QPersistentModelIndex(index)
            self._runner.start(
                lambda task: _content(Path(path), task),
                owner=self,
                done=lambda content: self._loaded(place, content),
                failed=lambda error: show_error(self._grid.window(), error),
            )

    def add_row(self) -> None:
        """A new row, with the cursor in its first cell."""
        if self._can_insert():
            self._changes(0).insert([{}])
            self._go_to_last()

    def duplicate_rows(self) -> None:
        """New rows with the values of the selected ones, but for what the server makes."""
        if self._can_insert():
            rows = [self._values_of(row) for row in self._selected_rows()]
            if rows:
                words = "Duplicate a row" if len(rows) == 1 else f"Duplicate {len(rows):,} rows"
                self._changes(0).insert(rows, words)
                self._go_to_last()

    def delete_rows(self) -> None:
        """Stage the selected rows to be deleted; of a join, those of the current cell's table."""
        rows, staged = self._selected_rows(), self._model.staged
        target = self._current_target()
        if staged is None or target is None or self.committing.is_active:
            return
        found: list[StoredRow | int] = []
        for row in rows:
            number = staged.number(row)
            stored = self.editing.stored_row(target, staged.cells(row)) if number is None else number
            found += [stored] if stored is not None else []
        self._changes(target).delete(found)

    def revert_rows(self) -> None:
        """Take back what is staged for the selected rows."""
        staged = self._model.staged
        if staged is None or self.committing.is_active:
            return
        refs: dict[int, list[object]] = {}
        for row in self._selected_rows():
            number = staged.number(row)
            found = [(0, number)] if number is not None else list(self.editing.refs(staged.cells(row)))
            for target, ref in found:
                refs.setdefault(target, []).append(ref)
        for target, chosen in refs.items():
            self._changes(target).revert(chosen)  # type: ignore[arg-type]

    def paste(self) -> None:
        """The clipboard over the cells from the current one on; a single value into every selected cell."""
        self._paste(as_rows=False)

    def paste_rows(self) -> None:
        """The clipboard as new rows."""
        if self._can_insert():
            self._paste(as_rows=True)

    def undo(self) -> None:
        """Take back the last step."""
        self._step(lambda changes: changes.undo() if changes.undo_words else None)

    def redo(self) -> None:
        self._step(lambda changes: changes.redo() if changes.redo_words else None)

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
            "data.load_file": self.load_file,
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
        for group in _MENU:
            menu.addSeparator()
            menu.addActions([self.actions[name] for name in group])

    def _connect(self) -> None:
        self._model.edited.connect(self._typed)
        self._editors.long_wanted.connect(self._open_long)
        self._editors.reference_wanted.connect(self._open_reference)
        self.bar.undo_requested.connect(self.undo)
        self.bar.redo_requested.connect(self.redo)
        self.bar.preview_requested.connect(self.preview)
        self.bar.commit_requested.connect(self.commit)
        self.bar.discard_requested.connect(self.discard)
        self.bar.stop_requested.connect(self.committing.stop)
        self.committing.started.connect(lambda: self.bar.show_committing(True))
        self.committing.stopped.connect(self._back)
        self.committing.failed.connect(self._refused)
        self.committing.committed.connect(self._written)

    def _typed(self, row: int, column: int, text: str) -> None:
        described = self.editing.columns[column].column
        if described is None or self.committing.is_active or self._locked_notice(row, column):
            return
        if text == NULL_CHOICE:
            self._stage([(row, column, NewValue(None))])
            return
        found = value_from(text, described, self.editing.engine.dialect, self._model.old_cell(row, column))
        if found.value is None:
            show_notice(self._grid, found.problem, "error", seconds=8)
        else:
            self._stage([(row, column, found.value)])

    def _stage(self, cells: Iterable[tuple[int, int, NewValue]], words: str = "") -> int:
        """Into what is staged of each target; cells whose row cannot be told are left out."""
        staged = self._model.staged
        if staged is None or self.committing.is_active:
            return 0
        edits: dict[int, list[Edit]] = {}
        for row, column, value in cells:
            edit = self._edit(staged, row, column, value)
            if edit is not None:
                edits.setdefault(self.editing.columns[column].target or 0, []).append(edit)
        return sum(self._changes(target).set_cells(found, words) for target, found in edits.items())

    def _edit(self, staged: StagedRows, row: int, column: int, value: NewValue) -> Edit | None:
        described = self.editing.columns[column]
        if described.column is None or described.target is None or self._model.locked(row, column):
            return None
        number = staged.number(row)
        stored = number if number is not None else self.editing.stored_row(described.target, staged.cells(row))
        return (stored, described.column.name, value) if stored is not None else None

    def _set_selected(self, make: Callable[[ShapeColumn], NewValue | None], words: str) -> None:
        found = []
        for row, column in self._selected_cells():
            described = self.editing.columns[column].column
            value = make(described) if described is not None else None
            if value is not None:
                found.append((row, column, value))
        if not self._stage(found, words):
            show_notice(self._grid, "None of the selected cells can hold that, or all of them do already.", seconds=5)

    def _now(self, column: ShapeColumn) -> NewValue | None:
        kind = kind_of(column, self.editing.engine.dialect)
        if kind is ValueKind.DATE:
            return NewValue(stand=Stand.TODAY)
        is_fit = kind in (ValueKind.TIMESTAMP, ValueKind.TEXT, ValueKind.OTHER)
        return NewValue(stand=Stand.NOW) if is_fit else None

    def _paste(self, *, as_rows: bool) -> None:
        text = QGuiApplication.clipboard().text()
        if not text or self.committing.is_active:
            return
        try:
            rows = split_block(text)
        except KeeperDBError as error:
            show_error(self._grid.window(), error)
            return
        selected = self._selected_cells()
        if len(rows) == 1 and len(rows[0]) == 1 and not as_rows and selected:
            self._fill(selected, rows[0][0])
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
        added = len(rows) - existing if self.editing.can_insert else 0
        described = [
            None if self.editing.columns[number].locked else self.editing.columns[number].column for number in columns
        ]
        target = f"{existing:,} rows are changed, {added:,} rows are added. Nothing is written before Commit."
        dialog = PasteDialog(self._grid.window(), rows, described, self.editing.engine, target)
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
                if (described := self.editing.columns[column].column) is not None and cell.value is not None
            }
            for offset, row in enumerate(cells)
            if start + offset >= before
        ]
        self._stage(changed, f"Paste into {len(cells):,} rows")
        if new and self.editing.can_insert:
            self._changes(0).insert(new, f"Paste {len(new):,} rows")
            self._go_to_last()

    def _fill(self, cells: Cells, text: str) -> None:
        """One value into each cell."""
        found = []
        for row, column in cells:
            described = self.editing.columns[column].column
            if described is None or self._model.locked(row, column):
                continue
            value = value_from(text, described, self.editing.engine.dialect, self._model.old_cell(row, column))
            if value.value is None:
                show_notice(self._grid, value.problem, "error", seconds=8)
                return
            found.append((row, column, value.value))
        if not self._stage(found, "Paste") and cells:
            self._locked_notice(*cells[0])

    def _open_long(self, row: int, column: int) -> None:
        described = self.editing.columns[column].column
        if described is None:
            return
        index = QPersistentModelIndex(self._model.index(row, column))
        text = self._model.shown.text(row, column) or ""
        dialog = TextValueDialog(self._grid.window(), described, self.editing.engine.dialect, text)
        dialog.chosen.connect(lambda typed: self._typed(index.row(), index.column(), typed))
        dialog.open()

    def _open_reference(self, row: int, column: int) -> None:
        described = self.editing.columns[column]
        if described.target is None or described.column is None:
            return
        shape = self.editing.targets[described.target].staging.shape
        key = shape.foreign_key_of(described.column.name)
        if key is None:
            return
        index = QPersistentModelIndex(self._model.index(row, column))
        places = self.editing.targets[described.target].positions
        picker = ReferencePicker(self._grid.window(), self._session, key)

        def choose(values: list[str | None]) -> None:
            cells = []
            for name, text in zip(key.columns, values, strict=True):
                own = shape.by_name[name]
                if name in places and text is not None:
                    value = value_from(
                        text, own, self.editing.engine.dialect, self._model.old_cell(index.row(), places[name])
                    )
                    cells += [(index.row(), places[name], value.value)] if value.value is not None else []
            self._stage(cells, f"Choose a row of {key.target[-1]}")

        picker.chosen.connect(choose)
        picker.open()

    def _loaded(self, place: QPersistentModelIndex, content: bytes) -> None:
        described = self.editing.columns[place.column()].column
        if described is None or not place.isValid():
            return
        if kind_of(described, self.editing.engine.dialect) is ValueKind.BINARY:
            self._stage([(place.row(), place.column(), NewValue(content))], "Load a file")
            return
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            show_notice(self._grid, f"The file is not UTF-8 text, which {described.name} takes.", "error", seconds=8)
            return
        self._typed(place.row(), place.column(), text)

    def _selected_cells(self) -> Cells:
        selection = self._grid.selected_cells()
        found: Cells = []
        for top, left, bottom, right in selection.ranges:
            columns = [column for column in selection.columns if left <= column <= right]
            if (bottom - top + 1) * len(columns) + len(found) > _MOST_CELLS:
                show_notice(self._grid, f"More than {_MOST_CELLS:,} cells are too many at once.", "error", seconds=8)
                return []
            found += [(row, column) for row in range(top, bottom + 1) for column in columns]
        return list(dict.fromkeys(found))

    def _selected_rows(self) -> list[int]:
        rows: dict[int, None] = {}
        for top, _, bottom, _ in self._grid.selected_cells().ranges:
            rows.update(dict.fromkeys(range(top, bottom + 1)))
        return sorted(rows)

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

    def _locked_notice(self, row: int, column: int) -> bool:
        locked = self._model.locked(row, column)
        if locked:
            show_notice(self._grid, locked, seconds=6)
        return bool(locked)

    def _go_to_last(self) -> None:
        first = next((n for n, each in enumerate(self.editing.columns) if not each.locked), 0)
        self._grid.clearSelection()
        self._grid.go_to_cell(self._model.rowCount() - 1, first)
        self._grid.setFocus()

    def _step(self, act: Callable[[StagedChanges], object]) -> None:
        """Steps are kept for each table; the current cell's goes first."""
        if self.committing.is_active:
            return
        for staging in self.editing.stagings:
            before = staging.changes.changes
            act(staging.changes)
            if staging.changes.changes is not before:
                return

    def _changes(self, target: int) -> StagedChanges:
        return self.editing.targets[target].staging.changes

    def _staged(self) -> None:
        self._model.follow_staged()
        self._grid.repaint_cells()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        counts = dict.fromkeys((RowState.MODIFIED, RowState.INSERTED, RowState.DELETED), 0)
        undo = redo = ""
        for staging in self.editing.stagings:
            for state, count in staging.changes.counts().items():
                counts[state] += count
            undo, redo = undo or staging.changes.undo_words, redo or staging.changes.redo_words
        self.bar.show_staged(counts, undo, redo)

    def _back(self) -> None:
        self.bar.show_committing(False)
        self._show()

    def _written(self, done: object) -> None:
        self._back()
        self.committed.emit(done)

    def _refused(self, error: KeeperDBError) -> None:
        self._back()
        if isinstance(error, EditError) and error.ref is not None and error.table is not None:
            self._go_to_ref(error.table, error.ref)
        show_error(self._grid.window(), error)

    def _go_to_ref(self, table: int, ref: object) -> None:
        """Show the row that failed, if it is among those that are shown."""
        staged = self._model.staged
        changes = self.editing.stagings[table].changes
        for place in range(self._model.rowCount()) if staged is not None else ():
            number = staged.number(place) if staged is not None else None
            refs = [(0, number)] if number is not None else list(self.editing.refs(staged.cells(place)))  # type: ignore[union-attr]
            if any(self._changes(target) is changes and found == ref for target, found in refs):
                self._grid.go_to_cell(place, max(self._grid.currentIndex().column(), 0))
                return


def _begins_text(event: QKeyEvent) -> bool:
    with_control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    return bool(event.text()) and event.text().isprintable() and not with_control


def _content(path: Path, _task: Task) -> bytes:
    """In the background. Raises `StoreError`."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise StoreError(
                f"{path.name} is larger than {_LARGEST_FILE // 1024 // 1024} MB.", "Choose a smaller file."
            )
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path.name} could not be read: {error.strerror}.") from error
