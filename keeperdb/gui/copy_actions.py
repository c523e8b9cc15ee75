"""Copies the selected cells of a grid in the background, with progress and Cancel where that takes long."""

import re
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from keeperdb.data.options import SqlOptions
from keeperdb.engines.base import Engine
from keeperdb.errors import KeeperDBError
from keeperdb.gui.copy_cells import CopyFormat, CopyOptions, cells_as_text, put_on_clipboard
from keeperdb.gui.grid import Grid
from keeperdb.gui.notices import show_notice
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.settings import Settings
from keeperdb.task import Progress, Task

_NAME = r'(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\]|[\w$]+)'
_FROM = re.compile(rf"\b(?:from|update|into)\s+({_NAME}(?:\s*\.\s*{_NAME})*)", re.IGNORECASE)
_PART = re.compile(_NAME)
_QUOTES = {'"': '"', "`": "`", "[": "]"}


@dataclass(slots=True)
class CopySource:
    """What SQL forms need: the engine, and the numbers of the columns that say which row is meant, where known."""

    engine: Engine | None = None
    table: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()


class GridCopying(QObject):
    """`changed` follows each change of `text`, which says how far a long copy is and is empty otherwise."""

    changed = Signal()

    def __init__(self, grid: Grid, model: ResultModel, runner: Runner, settings: Settings) -> None:
        super().__init__(grid)
        self.source = CopySource(table=main_table(model.result.statement.text))
        self.text = ""
        self._grid = grid
        self._model = model
        self._runner = runner
        self._settings = settings
        self._task: Task | None = None

    @property
    def is_working(self) -> bool:
        return self._task is not None

    def copy(self, copy_format: CopyFormat) -> None:
        """Put the selected cells on the clipboard; the text is made in the background."""
        cells, result, options = self._grid.selected_cells(), self._model.shown, self._options()
        if cells.is_empty:
            return
        self.cancel()
        task = self._runner.start(
            lambda task: cells_as_text(result, cells, copy_format, task, options),
            owner=self,
            done=lambda text: self._done(task, text, copy_format),
            failed=lambda error: self._fail(task, error),
            progress=lambda progress: self._report(task, progress),
        )
        self._task = task
        top, left, _, _ = cells.ranges[0]
        if cells.is_single_cell and copy_format is CopyFormat.TSV and result.text(top, left) is None:
            show_notice(self._grid, "NULL is copied as an empty text", seconds=3)

    def cancel(self) -> None:
        """Stop; the clipboard stays as it is."""
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None
            self._say("")

    def _options(self) -> CopyOptions:
        engine, settings = self.source.engine, self._settings
        table = self.source.table or ("result",)
        return CopyOptions(
            SqlOptions.of(engine, table) if engine is not None else SqlOptions(table),
            self.source.keys,
            settings.text("results.copy_template"),
            settings.text("results.csv_delimiter"),
            settings.is_on("results.csv_formula_guard"),
        )

    def _report(self, task: Task, progress: Progress) -> None:
        if task is self._task and progress.total:
            self._say(f"Copying {progress.done:,} of {progress.total:,} rows")

    def _done(self, task: Task, text: str, copy_format: CopyFormat) -> None:
        if task is not self._task:
            return
        self._task = None
        self._say("")
        put_on_clipboard(text, copy_format)
        lines = text.count("\n") + 1
        if lines > 1:
            show_notice(self._grid, f"{lines:,} lines copied", seconds=3)

    def _fail(self, task: Task, error: KeeperDBError) -> None:
        if task is self._task:
            self._task = None
            self._say("")
            show_notice(self._grid, str(error), "error")

    def _say(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.changed.emit()


def main_table(statement: str) -> tuple[str, ...]:
    """The names of the first table that a statement reads, without their quotes; empty where none is seen."""
    found = _FROM.search(statement)
    return tuple(_unquoted(part) for part in _PART.findall(found[1])) if found is not None else ()


def _unquoted(name: str) -> str:
    end = _QUOTES.get(name[0])
    return name[1:-1].replace(end * 2, end) if end is not None and name[0] != "[" else name.strip("[]")
