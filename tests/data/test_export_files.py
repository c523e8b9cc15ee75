"""HTML, XLSX and Parquet: what stands in the files, read back by others than their writers where that is possible."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from keeperdb.data import parquet_file, xlsx_file
from keeperdb.data.export import ExportFormat, ExportOptions, export_result
from keeperdb.engines.blocks import Block, CellKind, Column, RowBlock
from keeperdb.errors import Cancelled, ExportError, QueryError
from keeperdb.task import Task

NOON = datetime.fromisoformat("2026-01-01T12:00:00")
_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_KINDS = {
    bool: (CellKind.BOOLEAN, "boolean"),
    int: (CellKind.INTEGER, "bigint"),
    float: (CellKind.FLOAT, "double"),
    Decimal: (CellKind.DECIMAL, "numeric(20,2)"),
    bytes: (CellKind.BINARY, "bytea"),
    date: (CellKind.DATE, "date"),
    time: (CellKind.TIME, "time"),
    datetime: (CellKind.TIMESTAMP, "timestamp"),
    str: (CellKind.TEXT, "text"),
}


def as_text(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


class Rows:
    """Rows of Python values, one block for each run; a run that is an error is raised."""

    def __init__(self, types: Sequence[type | Column], *runs: Any) -> None:
        self.columns = tuple(
            kind if isinstance(kind, Column) else Column(f"c{number}", _KINDS[kind][1], _KINDS[kind][0])
            for number, kind in enumerate(types)
        )
        self.total = None
        self._runs = runs

    def blocks(self, task: Task) -> Iterator[Block]:
        for run in self._runs:
            if isinstance(run, BaseException):
                raise run
            yield RowBlock(run, [as_text] * len(self.columns))


def write(rows: Rows, path: Path, **options: Any) -> list[str]:
    notices: list[str] = []
    form = ExportFormat(path.suffix[1:])
    export_result(rows, path, form, ExportOptions(**options), Task(), notices=notices)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return notices


def sheet(path: Path, number: int = 1) -> list[list[tuple[str, str]]]:
    """The cells of a sheet as (type, text), read from the XML itself."""
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    rows = []
    for row in root.iter(f"{_NAMESPACE}row"):
        assert not list(row.iter(f"{_NAMESPACE}f"))
        rows.append(
            [(cell.get("t", "n"), "".join(text for text in cell.itertext())) for cell in row.iter(f"{_NAMESPACE}c")]
        )
    return rows


class TestHtml:
    NASTY = "<script>alert('x')</script>&amp;\"\u202e\x00"

    def test_no_value_becomes_markup(self, tmp_path: Path) -> None:
        path = tmp_path / "x.html"
        column = Column(self.NASTY, "text")
        write(Rows([column, int], [[self.NASTY, 1], [None, None]]), path, title=self.NASTY, null_text="<i>")
        found: list[str] = []
        tags: set[str] = set()

        class Reader(HTMLParser):
            def handle_starttag(self, tag: str, attrs: object) -> None:
                tags.add(tag)

            def handle_data(self, data: str) -> None:
                found.append(data)

        Reader().feed(path.read_text(encoding="utf-8"))
        assert tags == {"html", "head", "meta", "title", "style", "body", "table", "thead", "tbody", "tr", "th", "td"}
        shown = self.NASTY.replace("\u202e", "\\u202e").replace("\0", "\\u0000")
        assert found.count(shown) == 3
        assert "<i>" in found

    def test_says_that_nothing_may_run_or_load(self, tmp_path: Path) -> None:
        write(Rows([int], [[1]]), tmp_path / "x.html")
        assert "default-src 'none'" in (tmp_path / "x.html").read_text()


class TestXlsx:
    def test_types_are_kept_and_text_stays_text(self, tmp_path: Path) -> None:
        path = tmp_path / "x.xlsx"
        row = [True, 5, 2.5, Decimal("1.25"), b"\x00", date(2026, 1, 1), time(12), NOON, "=1+1"]
        types = [bool, int, float, Decimal, bytes, date, time, datetime, str]
        assert write(Rows(types, [row, [None] * 9, row]), path) == []
        head, first, second = sheet(path)
        assert head == [("inlineStr", f"c{number}") for number in range(9)]
        assert first == second
        assert first == [
            ("b", "1"),
            ("n", "5"),
            ("n", "2.5"),
            ("n", "1.25"),
            ("inlineStr", "0x00"),
            ("n", "46023"),
            ("n", "0.5"),
            ("n", "46023.5"),
            ("inlineStr", "=1+1"),
        ]

    @pytest.mark.parametrize(
        "text", ["=cmd|' /C calc'!A0", "{=1+1}", "http://example.com/", "12", "+1", "@x", "_x0041_"]
    )
    def test_no_text_is_taken_for_something_else(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "x.xlsx"
        write(Rows([str], [[text]]), path, has_header=False)
        [[(kind, shown)]] = sheet(path)
        assert kind == "inlineStr"
        assert shown == text.replace("_x0041_", "_x005F_x0041_")

    @pytest.mark.parametrize(
        "value",
        [
            10**15,
            -(2**63),
            float("inf"),
            float("nan"),
            Decimal("0.1234567890123456"),
            Decimal("NaN"),
            date(1900, 2, 28),
            NOON.replace(microsecond=1),
            datetime(2026, 1, 1, tzinfo=UTC),
        ],
    )
    def test_what_excel_would_change_is_text(self, tmp_path: Path, value: Any) -> None:
        path = tmp_path / "x.xlsx"
        write(Rows([type(value)], [[value]]), path, has_header=False)
        assert sheet(path) == [[("inlineStr", str(value))]]

    def test_many_rows_go_on_several_sheets_each_with_its_header(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(xlsx_file, "_MOST_ROWS", 4)
        path = tmp_path / "x.xlsx"
        [notice] = write(Rows([int], [[1], [2], [3], [4]], [[5], [6], [7]]), path)
        assert notice == "A sheet holds 4 rows, so the rows are on 3 sheets."
        sheets = [[text for [(_, text)] in sheet(path, number)] for number in (1, 2, 3)]
        assert sheets == [["c0", "1", "2", "3"], ["c0", "4", "5", "6"], ["c0", "7"]]

    def test_cells_that_are_too_long_are_cut_and_counted(self, tmp_path: Path) -> None:
        path = tmp_path / "x.xlsx"
        notices = write(Rows([str], [["x" * 32_767], ["x" * 32_768], ["😀" * 16_384]]), path, has_header=False)
        assert notices == ["2 cells were longer than the 32,767 characters that Excel holds, and cut there."]
        assert [len(text) for [(_, text)] in sheet(path)] == [32_767, 32_767, 16_383]

    def test_too_many_columns_are_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ExportError, match="16,385 columns"):
            write(Rows([int] * 16_385, []), tmp_path / "x.xlsx")

    @pytest.mark.parametrize("end", [QueryError("gone"), Cancelled()])
    def test_a_failure_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Exception
    ) -> None:
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(scratch))
        with pytest.raises(type(end)):
            write(Rows([str], [["x"]] * 5_000, end), tmp_path / "x.xlsx")
        assert list(tmp_path.iterdir()) == [scratch]
        assert list(scratch.iterdir()) == []

    def test_packing_can_be_cancelled_too(self, tmp_path: Path) -> None:
        task = Task()

        class Ending(Rows):
            def blocks(self, task: Task) -> Iterator[Block]:
                yield from super().blocks(task)
                task.flush()
                after.append(True)

        after: list[bool] = []
        rows = Ending([str], [[str(number)] for number in range(3_000)])
        task.report = lambda *_: None  # type: ignore[method-assign]  # it would see the wish before the packing does
        task.cancel()
        with pytest.raises(Cancelled):
            export_result(rows, tmp_path / "x.xlsx", ExportFormat.XLSX, ExportOptions(), task)
        assert after
        assert list(tmp_path.iterdir()) == []

    def test_lone_surrogates_are_written_as_escapes(self, tmp_path: Path) -> None:
        path = tmp_path / "x.xlsx"
        write(Rows([str], [["a\udc80"]]), path, has_header=False)
        assert sheet(path) == [[("inlineStr", "a\\udc80")]]


class TestParquet:
    def test_types_and_values_are_exact(self, tmp_path: Path) -> None:
        path = tmp_path / "x.parquet"
        columns = [
            Column("i", "bigint", CellKind.INTEGER),
            Column("u", "bigint unsigned", CellKind.INTEGER),
            Column("n", "numeric(38,2)", CellKind.DECIMAL),
            Column("w", "decimal(76,0)", CellKind.DECIMAL),
            Column("any", "numeric", CellKind.DECIMAL),
            Column("f", "double", CellKind.FLOAT),
            Column("b", "boolean", CellKind.BOOLEAN),
            Column("d", "date", CellKind.DATE),
            Column("t", "time", CellKind.TIME),
            Column("at", "timestamp", CellKind.TIMESTAMP),
            Column("atz", "timestamp with time zone", CellKind.TIMESTAMP),
            Column("x", "bytea", CellKind.BINARY),
            Column("s", "text"),
            Column("s", "jsonb", CellKind.JSON),
        ]
        row = [
            -(2**63),
            2**64 - 1,
            Decimal("123456789012345678901234567890123456.78"),
            Decimal("9" * 76),
            Decimal("1e-50"),
            0.1,
            True,
            date(1, 1, 1),
            time(23, 59, 59, 999999),
            NOON.replace(microsecond=123456),
            datetime(2026, 1, 1, 12, tzinfo=UTC),
            b"\x00\xff",
            "é😀",
            '{"a": 1}',
        ]
        assert write(Rows(columns, [row, [None] * len(row)]), path) == []
        table = pq.read_table(path)
        assert [str(field.type) for field in table.schema] == [
            *("int64", "uint64", "decimal128(38, 2)", "decimal256(76, 0)", "string", "double", "bool"),
            *("date32[day]", "time64[us]", "timestamp[us]", "timestamp[us, tz=UTC]", "binary", "string", "string"),
        ]
        assert table.column_names[-2:] == ["s", "s_2"]
        row[4] = str(row[4])
        first, second = table.to_pylist()
        assert list(first.values()) == row
        assert set(second.values()) == {None}

    @pytest.mark.parametrize(
        ("column", "values", "kind", "expected"),
        [
            (int, [1, 2.5], "double", [1.0, 2.5]),
            (int, [2**53 + 1, 2.5], "string", [str(2**53 + 1), "2.5"]),
            (int, [1, "x"], "string", ["1", "x"]),
            (int, [1, 2**63], "string", ["1", str(2**63)]),
            (float, [0.5, 2**53 + 1], "string", ["0.5", str(2**53 + 1)]),
            (float, [0.5, 2], "double", [0.5, 2.0]),
            (date, [date(2026, 1, 1), "infinity"], "string", ["2026-01-01", "infinity"]),
            (datetime, [NOON, "infinity"], "string", ["2026-01-01 12:00:00", "infinity"]),
            (Decimal, [Decimal("1.25"), Decimal("NaN")], "string", ["1.25", "NaN"]),
            (Decimal, [Decimal("1.25"), Decimal("1.255")], "string", ["1.25", "1.255"]),
            (bytes, [b"\xff", "x"], "string", ["0xff", "x"]),
            (bool, [True, 1], "string", ["True", "1"]),
        ],
    )
    @pytest.mark.parametrize("group", [1, 50_000])
    def test_a_value_that_does_not_fit_widens_its_column(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        column: type,
        values: list[Any],
        kind: str,
        expected: list[Any],
        group: int,
    ) -> None:
        monkeypatch.setattr(parquet_file, "_GROUP_ROWS", group)
        path = tmp_path / "x.parquet"
        runs = [[[value, number]] for number, value in enumerate([values[0], None, values[1], values[0]])]
        notices = write(Rows([column, int], *runs), path)
        table = pq.read_table(path)
        assert str(table.schema.field(0).type) == kind
        assert table.column(0).to_pylist() == [expected[0], None, expected[1], expected[0]]
        assert table.column(1).to_pylist() == [0, 1, 2, 3]
        assert len(notices) == (kind == "string")

    def test_no_rows_are_a_file_with_columns(self, tmp_path: Path) -> None:
        path = tmp_path / "x.parquet"
        write(Rows([int, str]), path)
        assert pq.read_table(path).schema.types == [pa.int64(), pa.string()]

    @pytest.mark.parametrize("end", [QueryError("gone"), Cancelled()])
    def test_a_failure_leaves_nothing_behind(self, tmp_path: Path, end: Exception) -> None:
        with pytest.raises(type(end)):
            write(Rows([int], [[1]] * 5_000, end), tmp_path / "x.parquet")
        assert list(tmp_path.iterdir()) == []
