"""What stands in exported files, value by value."""

import base64
import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.data.export import ExportFormat, ExportOptions, write_rows
from keeperdb.data.formats import guarded, markdown_text, numbered
from keeperdb.engines.blocks import Block, CellKind, Column, RowBlock
from keeperdb.task import Task

INTEGER, DECIMAL, FLOAT, BOOLEAN, BINARY = (
    CellKind.INTEGER,
    CellKind.DECIMAL,
    CellKind.FLOAT,
    CellKind.BOOLEAN,
    CellKind.BINARY,
)


def as_text(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


class Rows:
    """Rows of Python values as one block for each given run of rows."""

    def __init__(self, columns: Sequence[tuple[str, CellKind]], *runs: Sequence[Sequence[Any]]) -> None:
        self.columns = tuple(Column(name, kind.value, kind) for name, kind in columns)
        self.total = None
        self._runs = runs

    def blocks(self, task: Task) -> Iterator[Block]:
        for run in self._runs:
            yield RowBlock(run, [as_text] * len(self.columns))


def written(rows: Rows, form: ExportFormat, **options: Any) -> str:
    stream = io.StringIO(newline="")
    write_rows(rows, stream, form, ExportOptions(**options), Task())
    return stream.getvalue()


def one(value: object, kind: CellKind = CellKind.TEXT, form: ExportFormat = ExportFormat.JSONL, **options: Any) -> str:
    return written(Rows([("a", kind)], [[value]]), form, **options)


class TestCsv:
    def test_is_exact_and_plain(self) -> None:
        rows = Rows([("id", INTEGER), ("name", CellKind.TEXT)], [[1, "Ann"], [2, "Bob"]], [[3, "Ö"]])
        assert written(rows, ExportFormat.CSV) == "id,name\n1,Ann\n2,Bob\n3,Ö\n"

    def test_null_is_nothing_and_an_empty_text_is_quoted(self) -> None:
        rows = Rows([("a", CellKind.TEXT), ("b", CellKind.TEXT)], [[None, ""], ["", None]])
        assert written(rows, ExportFormat.CSV, has_header=False) == ',""\n"",\n'

    @pytest.mark.parametrize("text", ["a,b", 'a"b', "a\nb", "a\rb", '"', ",", ""])
    def test_quotes_what_has_to_be_quoted(self, text: str) -> None:
        line = one(text, form=ExportFormat.CSV, has_header=False)
        assert line == '"' + text.replace('"', '""') + '"\n'

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_takes_another_delimiter(self, delimiter: str) -> None:
        rows = Rows([("a", CellKind.TEXT), ("b", CellKind.TEXT)], [[f"x{delimiter}y", "p,q"]])
        assert written(rows, ExportFormat.CSV, delimiter=delimiter) == f'a{delimiter}b\n"x{delimiter}y"{delimiter}p,q\n'

    def test_may_begin_with_a_byte_order_mark(self) -> None:
        assert one("x", form=ExportFormat.CSV, has_bom=True) == "\ufeffa\nx\n"

    def test_writes_binary_as_the_server_does(self) -> None:
        assert one(b"\x00\xff", BINARY, ExportFormat.CSV) == "a\n0x00ff\n"

    @given(
        st.sampled_from([",", ";", "\t", "|"]),
        st.lists(st.lists(st.none() | st.text(st.characters(exclude_categories=("Cs",))), min_size=3, max_size=3)),
    )
    def test_every_reader_gets_the_same_back(self, delimiter: str, table: list[list[str | None]]) -> None:
        columns = [("a", CellKind.TEXT), ("b", CellKind.TEXT), ("c", CellKind.TEXT)]
        text = written(Rows(columns, table), ExportFormat.CSV, delimiter=delimiter)
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        assert read == [["a", "b", "c"], *([cell or "" for cell in row] for row in table)]


class TestFormulaGuard:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+1+cmd|x", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=", "-", "+", "-infinity"]
    )
    def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(self, text: str) -> None:
        assert guarded(text) == "'" + text
        line = one(text, form=ExportFormat.CSV, has_header=False, guards_formulas=True)
        assert list(csv.reader(io.StringIO(line, newline=""))) == [["'" + text]]

    @pytest.mark.parametrize("text", ["-5", "+4930123", "-1.5e-3", "-1,234.5", "1=1", "a", "", "x@y.z", "2026-01-01"])
    def test_numbers_and_harmless_text_stay(self, text: str) -> None:
        assert guarded(text) == text

    def test_text_in_a_column_of_numbers_is_guarded_as_well(self) -> None:
        assert one("=1+1", INTEGER, ExportFormat.CSV, guards_formulas=True) == "a\n'=1+1\n"

    def test_names_of_columns_are_guarded(self) -> None:
        assert written(Rows([("=x()", CellKind.TEXT)]), ExportFormat.CSV, guards_formulas=True) == "'=x()\n"

    def test_is_off_unless_asked_for(self) -> None:
        assert one("=1+1", form=ExportFormat.CSV) == "a\n=1+1\n"


class TestJson:
    @pytest.mark.parametrize(
        ("value", "kind", "expected"),
        [
            (12345678901234567890123456789, INTEGER, "12345678901234567890123456789"),
            (Decimal("1.10"), DECIMAL, "1.10"),
            (Decimal("0.1000000000000000055511151231257827"), DECIMAL, "0.1000000000000000055511151231257827"),
            (Decimal("1E+3"), DECIMAL, "1E+3"),
            (0.1, FLOAT, "0.1"),
            (1e-7, FLOAT, "1e-07"),
            (-0.0, FLOAT, "-0.0"),
            (True, BOOLEAN, "true"),
            (False, BOOLEAN, "false"),
            (1, BOOLEAN, "1"),
            (5, CellKind.TEXT, "5"),
            ("5", CellKind.TEXT, '"5"'),
            ("007", INTEGER, '"007"'),
            ("abc", INTEGER, '"abc"'),
            ("1,5", DECIMAL, '"1,5"'),
            (None, INTEGER, "null"),
            ("null", CellKind.JSON, '"null"'),
            (float("nan"), FLOAT, '"NaN"'),
            (float("inf"), FLOAT, '"Infinity"'),
            (float("-inf"), FLOAT, '"-Infinity"'),
            (Decimal("NaN"), DECIMAL, '"NaN"'),
            (b"\x00\xffa", BINARY, '"AP9h"'),
            (b"", BINARY, '""'),
            (b"\x01", INTEGER, '"AQ=="'),
            ("é🔑", CellKind.TEXT, '"é🔑"'),
            ('"\\\n\x1b\x00', CellKind.TEXT, '"\\"\\\\\\n\\u001b\\u0000"'),
            ("\x9b2J\x7f", CellKind.TEXT, '"\\u009b2J\\u007f"'),
            ("\udc80", CellKind.TEXT, '"\\udc80"'),
        ],
    )
    def test_a_value_is_exact(self, value: object, kind: CellKind, expected: str) -> None:
        line = one(value, kind)
        assert line == f'{{"a": {expected}}}\n'
        json.loads(line)

    def test_members_stand_in_the_order_of_the_columns_and_duplicates_are_numbered(self) -> None:
        columns = [(name, INTEGER) for name in ("z", "id", "id", "a", "id_2", "id")]
        line = written(Rows(columns, [[1, 2, 3, 4, 5, 6]]), ExportFormat.JSONL)
        assert json.loads(line, object_pairs_hook=list) == [
            ("z", 1),
            ("id", 2),
            ("id_3", 3),
            ("a", 4),
            ("id_2", 5),
            ("id_4", 6),
        ]

    def test_an_array_holds_one_object_per_row_across_blocks(self) -> None:
        rows = Rows([("a", INTEGER)], [[1], [2]], [], [[3]])
        text = written(rows, ExportFormat.JSON)
        assert text == '[\n{"a": 1},\n{"a": 2},\n{"a": 3}\n]\n'

    def test_no_rows_are_an_empty_array(self) -> None:
        assert written(Rows([("a", INTEGER)]), ExportFormat.JSON) == "[]\n"
        assert written(Rows([("a", INTEGER)], []), ExportFormat.JSON) == "[]\n"

    @given(st.lists(st.text(max_size=3), max_size=8))
    def test_numbered_names_are_different_and_the_first_keeps_its_own(self, names: list[str]) -> None:
        result = numbered(names)
        assert len(set(result)) == len(names)
        for name in set(names):
            assert result[names.index(name)] == name

    @given(st.dictionaries(st.text(min_size=1), st.none() | st.text() | st.integers() | st.binary(), min_size=1))
    def test_every_row_is_one_line_that_reads_back(self, row: dict[str, Any]) -> None:
        kinds = {str: CellKind.TEXT, int: INTEGER, bytes: BINARY, type(None): CellKind.TEXT}
        columns = [(name, kinds[type(value)]) for name, value in row.items()]
        text = written(Rows(columns, [list(row.values())]), ExportFormat.JSONL)
        assert text.count("\n") == 1
        expected = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value for name, value in row.items()
        }
        assert json.loads(text) == expected


class TestMarkdown:
    def test_is_a_table_with_numbers_on_the_right(self) -> None:
        rows = Rows([("id", INTEGER), ("album_title", CellKind.TEXT)], [[1, "x"], [2, None]])
        expected = "| id | album_title |\n| ---: | --- |\n| 1 | x |\n| 2 | NULL |\n"
        assert written(rows, ExportFormat.MARKDOWN) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a|b", "a\\|b"),
            ("a\\|b", "a\\\\\\|b"),
            ("<img src=x>", "&lt;img src=x>"),
            ("&lt;", "&amp;lt;"),
            ("![x](http://h)", "!\\[x\\](http://h)"),
            ("*a* _b_ c_d `e` ~~f~~", "\\*a\\* \\_b\\_ c_d \\`e\\` \\~\\~f\\~\\~"),
            ("a\r\nb\nc", "a<br>b<br>c"),
            ("a\tb", "a b"),
            ("\x1b[2J", "\\\\u001b\\[2J"),
            ("pay\u202elap", "pay\\\\u202elap"),
        ],
    )
    def test_a_value_is_never_markup(self, text: str, expected: str) -> None:
        assert markdown_text(text) == expected

    @given(st.text())
    def test_a_value_stays_in_its_cell(self, text: str) -> None:
        lines = one(text, form=ExportFormat.MARKDOWN).split("\n")
        assert len(lines) == 4
        assert lines[2].startswith("| ")
        bare = lines[2].replace("\\\\", "").replace("\\|", "")
        assert bare.count("|") == 2
        assert "<" not in bare.replace("<br>", "")
