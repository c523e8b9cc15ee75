"""The formats that are text, each with its writer."""

from keeperdb.data.html_rows import HtmlWriter
from keeperdb.data.json_rows import JsonLinesWriter, JsonWriter, json_string, json_value, numbered
from keeperdb.data.markdown_rows import MarkdownWriter, markdown_text
from keeperdb.data.options import Cells, ExportFormat, ExportOptions, RowWriter, SqlOptions
from keeperdb.data.separated import CsvWriter, SeparatedLine, TsvWriter, guarded
from keeperdb.data.sql_rows import SqlWriter

__all__ = [
    "WRITERS",
    "Cells",
    "ExportFormat",
    "ExportOptions",
    "RowWriter",
    "SeparatedLine",
    "SqlOptions",
    "guarded",
    "json_string",
    "json_value",
    "markdown_text",
    "numbered",
]

WRITERS: dict[ExportFormat, type[RowWriter]] = {
    ExportFormat.CSV: CsvWriter,
    ExportFormat.TSV: TsvWriter,
    ExportFormat.JSON: JsonWriter,
    ExportFormat.JSONL: JsonLinesWriter,
    ExportFormat.SQL: SqlWriter,
    ExportFormat.MARKDOWN: MarkdownWriter,
    ExportFormat.HTML: HtmlWriter,
}
