"""Where values of cells come from beside typing: a window for long ones, the table a key refers to, a file."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPersistentModelIndex
from PySide6.QtWidgets import QFileDialog

from keeperdb.data.edit_cells import NewValue
from keeperdb.data.edit_kinds import ValueKind, kind_of
from keeperdb.data.edit_paste import value_from
from keeperdb.errors import StoreError
from keeperdb.gui.grid import Grid
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.row_edit_dialogs import TextValueDialog
from keeperdb.gui.row_edit_reference import ReferencePicker
from keeperdb.gui.runner import Runner
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.row_editing import RowEditing

_LARGEST_FILE = 256 * 1024 * 1024  # bytes


class ValueSources(QObject):
    """Stages through `editing`."""

    def __init__(
        self, editing: "RowEditing", grid: Grid, model: ResultModel, session: QuerySession, runner: Runner
    ) -> None:
        super().__init__(editing)
        self._editing, self._grid, self._model = editing, grid, model
        self._session, self._runner = session, runner

    def load_file(self) -> None:
        """The content of a file into the current cell."""
        index = self._grid.currentIndex()
        if not index.isValid() or self._editing.tell_locked(index.row(), index.column()):
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

    def open_long(self, row: int, column: int) -> None:
        """A window for a value of several lines."""
        described = self._editing.editing.columns[column].column
        if described is None:
            return
        index = QPersistentModelIndex(self._model.index(row, column))
        text = self._model.edited_text(row, column) or ""
        dialog = TextValueDialog(self._grid.window(), described, self._editing.editing.engine.dialect, text)
        dialog.chosen.connect(lambda typed: self._editing.typed(index.row(), index.column(), typed))
        dialog.open()

    def open_reference(self, row: int, column: int) -> None:
        """A window that looks for the row a foreign key may name."""
        described = self._editing.editing.columns[column]
        if described.target is None or described.column is None:
            return
        shape = self._editing.editing.targets[described.target].staging.shape
        key = shape.foreign_key_of(described.column.name)
        if key is None:
            return
        index = QPersistentModelIndex(self._model.index(row, column))
        places = self._editing.editing.targets[described.target].positions
        picker = ReferencePicker(self._grid.window(), self._session, key)

        def choose(values: list[str | None]) -> None:
            cells = []
            for name, text in zip(key.columns, values, strict=True):
                own = shape.by_name[name]
                if name in places and text is not None:
                    value = value_from(
                        text, own, self._editing.editing.engine.dialect, self._model.old_cell(index.row(), places[name])
                    )
                    cells += [(index.row(), places[name], value.value)] if value.value is not None else []
            self._editing.stage(cells, f"Choose a row of {key.target[-1]}")

        picker.chosen.connect(choose)
        picker.open()

    def _loaded(self, place: QPersistentModelIndex, content: bytes) -> None:
        described = self._editing.editing.columns[place.column()].column
        if described is None or not place.isValid():
            return
        if kind_of(described, self._editing.editing.engine.dialect) is ValueKind.BINARY:
            self._editing.stage([(place.row(), place.column(), NewValue(content))], "Load a file")
            return
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            show_notice(self._grid, f"The file is not UTF-8 text, which {described.name} takes.", "error", seconds=8)
            return
        self._editing.typed(place.row(), place.column(), text)


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
