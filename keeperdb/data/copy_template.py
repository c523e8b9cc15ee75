"""A person's own template for copied rows: text with the names of columns in braces, filled in row by row."""

import re
from collections.abc import Callable, Sequence

from keeperdb.data.html_rows import html_text
from keeperdb.data.json_rows import json_value, numbered
from keeperdb.data.markdown_rows import markdown_text
from keeperdb.data.options import Cells
from keeperdb.data.python_literals import python_literal
from keeperdb.data.sql_literals import literals_of
from keeperdb.engines.blocks import Column
from keeperdb.errors import ExportError

_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*?)(?::(?P<form>[a-z]+))?\}|\\(?P<escape>[nt\\])")
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}
_ROW_NUMBER = "#"
_ESCAPED_FORMS: dict[str, Callable[[str], str]] = {"html": html_text, "markdown": markdown_text}
_FORMS = ("text", "sql", "json", "python", "html", "markdown")

Piece = Callable[[Cells, int, int], str]  # cells, row, place of the row among those that are copied


class Template:
    """`{name}` or `{1}` is a column's value, `{name:sql}` one as a literal; `{#}` counts rows; `{{` is a brace.

    `\\n` and `\\t` are a line end and a tab. Nothing in it is run. Raises `ExportError` for a column or a form that
    is not there.
    """

    def __init__(self, template: str, columns: Sequence[Column], dialect: str) -> None:
        self._columns = columns
        self._names = numbered([column.name for column in columns])
        self._dialect = dialect
        if not template:
            raise ExportError("There is no template yet.", "Write one under Settings, Results, Copy template.")
        self._pieces = list(self._read(template))

    def write(self, cells: Cells, row: int, place: int) -> str:
        """The text for one row."""
        return "".join([piece(cells, row, place) for piece in self._pieces])

    def _read(self, template: str) -> list[Piece]:
        pieces: list[Piece] = []
        position = 0
        for found in _PIECE.finditer(template):
            pieces.append(_literal(template[position : found.start()]))
            pieces.append(self._piece(found))
            position = found.end()
        pieces.append(_literal(template[position:]))
        return pieces

    def _piece(self, found: re.Match[str]) -> Piece:
        if found["escape"]:
            return _literal(_ESCAPES[found["escape"]])
        if found["name"] is None:
            return _literal(found[0][0])
        if found["name"] == _ROW_NUMBER:
            return lambda _cells, _row, place: str(place + 1)
        return self._column(found["name"], found["form"] or "text")

    def _column(self, name: str, form: str) -> Piece:
        number = self._number(name)
        column = self._columns[number]
        if form not in _FORMS:
            raise ExportError(f"The copy template has no form “{form}”.", f"One of: {', '.join(_FORMS)}.")
        if form == "sql":
            literal = literals_of(self._dialect)
            return lambda cells, row, _: literal(cells, row, number, column)
        if form == "json":
            return lambda cells, row, _: json_value(cells, row, number, column.kind.is_number)
        if form == "python":
            return lambda cells, row, _: python_literal(cells, row, number, column)
        escape = _ESCAPED_FORMS.get(form, str)
        return lambda cells, row, _: escape(cells.text(row, number) or "")

    def _number(self, name: str) -> int:
        if name in self._names:
            return self._names.index(name)
        if name.isdecimal() and 1 <= int(name) <= len(self._names):
            return int(name) - 1
        raise ExportError(
            f"The copy template names the column “{name}”, which this result does not have.",
            "Change the template under Settings, Results, or select from a result that has it.",
        )


def _literal(text: str) -> Piece:
    return lambda _cells, _row, _place: text
