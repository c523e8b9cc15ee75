"""Rows as one table in an HTML page that runs nothing and loads nothing."""

import html
import re
from collections.abc import Sequence

from keeperdb.data.options import ExportOptions
from keeperdb.engines.blocks import Block, Column

# What HTML does not allow, or what hides or reorders the text around it; tabs and line ends are shown by the style.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
table {{ border-collapse: collapse; font: 13px sans-serif }}
th, td {{ border: 1px solid #ccc; padding: 4px 8px; text-align: left; vertical-align: top; white-space: pre-wrap }}
th {{ background: #f2f2f2 }}
.number {{ text-align: right }}
.null {{ color: #767676; font-style: italic }}
</style>
</head>
<body>
<table>
"""
_END = "</tbody>\n</table>\n</body>\n</html>\n"


def html_text(text: str) -> str:
    """`text` for an element or an attribute in quotes; what cannot be seen is written as an escape."""
    escaped = html.escape(text)
    return escaped if escaped.isprintable() else _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)


class HtmlWriter:
    """Every value is text of the page: none becomes markup."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        self._columns = columns
        self._title = html_text(options.title or "Result")
        self._null = f'<td class="null">{html_text(options.null_text)}</td>'
        self._opening = ['<td class="number">' if column.kind.is_number else "<td>" for column in columns]

    def begin(self) -> str:
        names = "".join(f"<th>{html_text(column.name)}</th>" for column in self._columns)
        return _HEAD.format(title=self._title) + f"<thead><tr>{names}</tr></thead>\n<tbody>\n"

    def rows(self, block: Block, start: int, stop: int) -> str:
        return "".join([f"<tr>{self._cells(block, row)}</tr>\n" for row in range(start, stop)])

    def end(self) -> str:
        return _END

    def _cells(self, block: Block, row: int) -> str:
        return "".join([self._cell(block.text(row, number), opening) for number, opening in enumerate(self._opening)])

    def _cell(self, text: str | None, opening: str) -> str:
        return self._null if text is None else f"{opening}{html_text(text)}</td>"
