"""Rows as a table of Markdown."""

import re
from collections.abc import Iterable, Sequence

from keeperdb.data.options import ExportOptions
from keeperdb.engines.blocks import Block, Column


class MarkdownWriter:
    """A table as GitHub's Markdown has it. Values show as they are: none becomes markup or HTML."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        self._columns = columns
        self._null = markdown_text(options.null_text)

    def begin(self) -> str:
        rule = ["---:" if column.kind.is_number else "---" for column in self._columns]
        return _markdown_line(markdown_text(column.name) for column in self._columns) + _markdown_line(rule)

    def rows(self, block: Block, start: int, stop: int) -> str:
        return "".join(
            [
                _markdown_line(self._cell(block.text(row, column)) for column in range(len(self._columns)))
                for row in range(start, stop)
            ]
        )

    def end(self) -> str:
        return ""

    def _cell(self, text: str | None) -> str:
        return self._null if text is None else markdown_text(text)


_MARKUP = re.compile(r"[\\|*`\[\]~]|(?<![^\W_])_|_(?![^\W_])")
_BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def markdown_text(text: str) -> str:
    """`text` for a cell of a Markdown table."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _MARKUP.sub(lambda found: "\\" + found[0], text)
    if text.isprintable():
        return text
    text = _BREAK.sub("<br>", text).replace("\t", " ")
    return _UNSEEN.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)


def _markdown_line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"
