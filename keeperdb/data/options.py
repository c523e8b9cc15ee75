"""Which formats there are, and what a person may choose about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from keeperdb.engines.base import Engine
from keeperdb.engines.blocks import Block, Column


class ExportFormat(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    SQL = "sql"
    MARKDOWN = "md"
    HTML = "html"
    XLSX = "xlsx"
    PARQUET = "parquet"


def quoted_name(name: str) -> str:
    """As standard SQL has it."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class SqlOptions:
    """How INSERT statements are written: the table's path, the dialect's name in sqlglot, and how it quotes a name."""

    table: tuple[str, ...] = ("result",)
    dialect: str = "postgres"
    quote: Callable[[str], str] = quoted_name
    rows_per_insert: int = 100
    row_word: str = ""  # what VALUES standing alone has before each row

    @classmethod
    def of(cls, engine: Engine, table: Sequence[str]) -> "SqlOptions":
        """For the database that `engine` supports."""
        # https://dev.mysql.com/doc/refman/8.4/en/values.html; MariaDB has none
        row_word = "ROW" if engine.id == "mysql" else ""
        return cls(tuple(table), engine.dialect, engine.quote, row_word=row_word)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a person may choose.

    `guards_formulas` puts an apostrophe before text that a spreadsheet would run, and makes the file inexact; it is
    for CSV and TSV. `has_bom` lets Excel see that a CSV file is UTF-8. `null_text` is for Markdown and HTML; in CSV,
    NULL is nothing at all and an empty text is `""`.
    """

    delimiter: str = ","
    has_header: bool = True
    guards_formulas: bool = False
    has_bom: bool = False
    null_text: str = "NULL"
    title: str = ""
    sql: SqlOptions = field(default_factory=SqlOptions)


class Cells(Protocol):
    """What a block and a result have in common."""

    def text(self, row: int, column: int) -> str | None: ...

    def value(self, row: int, column: int) -> Any: ...


class RowWriter(Protocol):
    """Turns rows into text, piece by piece."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None: ...

    def begin(self) -> str: ...

    def rows(self, block: Block, start: int, stop: int) -> str: ...

    def end(self) -> str: ...
