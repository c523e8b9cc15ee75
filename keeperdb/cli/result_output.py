"""Results on standard output or in a file, block by block as they come."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TextIO

from keeperdb.cli.context import Context
from keeperdb.cli.result_table import TableWriter
from keeperdb.data.export import replacing
from keeperdb.data.formats import WRITERS, ExportFormat, ExportOptions, RowWriter
from keeperdb.engines.blocks import Block
from keeperdb.query.results import ResultSet
from keeperdb.settings import Settings
from keeperdb.task import Task

_STEP = 1000  # rows
_WRITERS: dict[str, type[RowWriter]] = {"table": TableWriter} | {form.value: kind for form, kind in WRITERS.items()}


def open_output(path: Path | None, out: TextIO) -> AbstractContextManager[TextIO]:
    """`out`, or a file that takes the place of `path` when the block ends well. Raises `ExportError`."""
    return nullcontext(out) if path is None else replacing(path.absolute(), may_replace=True)


class ResultPrinter:
    """Prints results one after the other in the format of the command line; counts and notices are messages."""

    def __init__(self, context: Context, out: TextIO) -> None:
        self._context = context
        self._out = out
        self._limit: int | None = context.arguments.limit
        self._printed = 0
        self._options = _options(context.workspace.settings)

    def print(self, result: ResultSet) -> None:
        """Fetch and write all rows, up to the limit. Raises `QueryError` and `ConnectError`."""
        if result.columns is None:
            self._say_count(result)
        else:
            self._print_rows(result)
        for notice in result.notices:
            self._context.say(notice)

    def _print_rows(self, result: ResultSet) -> None:
        form: str = self._context.arguments.format
        if self._printed and form != ExportFormat.JSON and form != ExportFormat.JSONL:
            self._out.write("\n")
        self._printed += 1
        writer = _WRITERS[form](result.columns or (), self._options)
        self._out.write(writer.begin())
        written, has_more = 0, False
        for block in self._blocks(result):
            stop = len(block) if self._limit is None else min(len(block), self._limit - written)
            has_more = stop < len(block)
            self._out.write(writer.rows(block, 0, stop))
            written += stop
        self._out.write(writer.end())
        self._say_rows(result, written, has_more)

    def _blocks(self, result: ResultSet) -> Iterator[Block]:
        """The rows, and one more than the limit, because that tells whether there are more."""
        wanted = None if self._limit is None else self._limit + 1
        for block in result.blocks():
            yield block
            wanted = None if wanted is None else max(0, wanted - len(block))
        while result.is_open and wanted != 0:
            step = _STEP if wanted is None else min(_STEP, wanted)
            for block in self._context.run(partial(_drain, result, step)):
                yield block
                wanted = None if wanted is None else wanted - len(block)
        self._context.run(lambda task: result.close())

    def _say_rows(self, result: ResultSet, written: int, has_more: bool) -> None:
        if has_more:
            self._context.say(f"Stopped after {_rows(written)}; there are more.")
        elif self._context.is_interactive:
            self._context.say(f"{_rows(written)}, first after {result.execute_seconds:.3f} s.")

    def _say_count(self, result: ResultSet) -> None:
        if result.rows_affected is not None:
            self._context.say(f"{_rows(result.rows_affected)} affected.")
        elif self._context.is_interactive:
            self._context.say(f"Done in {result.execute_seconds:.3f} s.")


def _drain(result: ResultSet, rows: int, task: Task) -> list[Block]:
    return list(result.drain(task, rows))


def _options(settings: Settings) -> ExportOptions:
    return ExportOptions(
        delimiter=settings.text("results.csv_delimiter"),
        guards_formulas=settings.is_on("results.csv_formula_guard"),
        null_text=settings.text("results.null_text"),
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
