"""Sorting and filtering fetched rows by row numbers: against Python's own sorting, with every kind of value."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.blocks import CellKind, Column, RowBlock
from keeperdb.engines.packed import PackedBlock
from keeperdb.engines.registry import get_engine
from keeperdb.engines.sqlite_rows import SqliteBlock
from keeperdb.errors import Cancelled
from keeperdb.query.arranging import Arrangement, Arranger, Filter, SortKey
from keeperdb.query.session import Session
from keeperdb.query.timezones import TimeZone, converter
from keeperdb.task import Task


class Rows:
    """A result of texts, as a server that sends text gives it."""

    def __init__(self, *columns: tuple[CellKind, list[str | None]], type_name: str = "") -> None:
        self.columns = tuple(Column(f"c{n}", type_name, kind) for n, (kind, _) in enumerate(columns))
        self._rows = list(zip(*(cells for _, cells in columns), strict=True))

    def blocks(self):
        middle = len(self._rows) // 2
        parts = [self._rows[:middle], self._rows[middle:]]
        return [RowBlock(part, [str] * len(self.columns)) for part in parts if part]


class Numbers:
    """A result of SQLite, whose columns hold numbers of both kinds."""

    columns = (Column("c", "", CellKind.INTEGER),)

    def __init__(self, cells: list[int | float | None]) -> None:
        self._cells = cells

    def blocks(self):
        half = len(self._cells) // 2
        parts = [[(cell,) for cell in each] for each in (self._cells[:half], self._cells[half:]) if each]
        return [SqliteBlock([PackedBlock.pack(list(part))], len(part)) for part in parts]


def sort(kind: CellKind, cells: list[str | None], descending: bool = False) -> list[str | None]:
    order = Arranger(Rows((kind, cells))).arrange(Arrangement((SortKey(0, descending),)), Task())
    return [cells[row] for row in order.rows]


@pytest.fixture
def session():
    engine = get_engine("sqlite")
    profile = ConnectionProfile("Memory", "sqlite", path=":memory:")
    session = Session(profile, engine, engine.connect(profile, None, Task()))
    yield session
    session.close()


def fetched(session, sql: str, rows: int = 100_000):
    result = session.execute(sql, Task())[-1]
    result.fetch(rows, Task())
    return result


def test_integers_beyond_a_float_are_sorted_exactly():
    cells = ["9007199254740993", "9007199254740992", "-9223372036854775808", "9007199254740994"]
    assert sort(CellKind.INTEGER, cells) == sorted(cells, key=int)


def test_unsigned_integers_are_sorted_as_numbers():
    cells = ["18446744073709551615", "2", "10"]
    assert sort(CellKind.INTEGER, cells) == ["2", "10", "18446744073709551615"]


def test_decimals_are_sorted_by_every_digit():
    cells = ["0.10000000000000000000000002", "0.1", "-0.5", "0.10000000000000000000000001", "12"]
    assert sort(CellKind.DECIMAL, cells) == sorted(cells, key=Decimal)


def test_decimals_with_more_digits_than_arrow_has_are_sorted_exactly():
    long = "1" * 90
    assert sort(CellKind.DECIMAL, [f"{long}.2", f"{long}.1", "3"]) == ["3", f"{long}.1", f"{long}.2"]


@pytest.mark.parametrize("kind", [CellKind.DECIMAL, CellKind.FLOAT])
def test_nan_and_infinity_stand_where_postgresql_has_them(kind):
    cells = ["Infinity", "NaN", None, "-Infinity", "1e30"]
    assert sort(kind, cells) == ["-Infinity", "1e30", "Infinity", "NaN", None]
    assert sort(kind, cells, descending=True) == ["NaN", "Infinity", "1e30", "-Infinity", None]


@given(st.lists(st.one_of(st.none(), st.decimals(allow_nan=False, allow_infinity=False).map(str)), max_size=30))
def test_any_decimals_are_sorted_as_python_sorts_them(cells):
    numbers = [Decimal(cell) for cell in sort(CellKind.DECIMAL, cells) if cell is not None]
    assert numbers == sorted(Decimal(cell) for cell in cells if cell is not None)


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), max_size=30))
def test_any_texts_are_sorted_by_lower_case_letters_and_null_last(cells):
    found = sort(CellKind.TEXT, cells)
    texts = [cell for cell in cells if cell is not None]
    assert found[len(texts) :] == [None] * (len(cells) - len(texts))
    if "".join(texts).isascii():
        assert [text.lower() for text in found[: len(texts)]] == sorted(text.lower() for text in texts)
    assert sorted(found[: len(texts)]) == sorted(texts)


@pytest.mark.parametrize("descending", [False, True])
def test_texts_that_begin_alike_are_told_apart_by_what_follows(descending):
    cells = [f"the same beginning of all {n % 7} and {n}" for n in range(100)]
    assert sort(CellKind.TEXT, cells, descending) == sorted(cells, reverse=descending)


@pytest.mark.parametrize("descending", [False, True])
def test_texts_that_differ_only_far_behind_are_told_apart(descending):
    cells = [f"{n % 3} {'the same for long ' * 3}{n * 7919 % 1000:04}" for n in range(300)]
    assert sort(CellKind.TEXT, cells, descending) == sorted(cells, reverse=descending)


@given(st.lists(st.text("aAb", max_size=40), max_size=40), st.text("aAb", max_size=30))
def test_long_texts_are_sorted_as_python_sorts_them(texts, start):
    found = [text.lower() for text in sort(CellKind.TEXT, [start + text for text in texts])]
    assert found == sorted((start + text).lower() for text in texts)


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)), max_size=40))
def test_integers_beside_floats_are_sorted_by_their_exact_value(cells):
    order = Arranger(Numbers(cells)).arrange(Arrangement((SortKey(0),)), Task())
    found = [cells[row] for row in order.rows]
    count = sum(cell is not None for cell in cells)
    assert found[count:] == [None] * (len(cells) - count)
    assert found[:count] == sorted(cell for cell in cells if cell is not None)


def test_null_stands_last_in_both_directions():
    assert sort(CellKind.TEXT, [None, "b", "", "a"]) == ["", "a", "b", None]
    assert sort(CellKind.TEXT, [None, "b", "", "a"], descending=True) == ["b", "a", "", None]
    assert sort(CellKind.INTEGER, ["1", None, "2"], descending=True) == ["2", "1", None]


def test_rows_that_are_equal_stay_as_they_came():
    order = Arranger(Rows((CellKind.TEXT, ["b", "A", "a", "B", "a"]))).arrange(Arrangement((SortKey(0),)), Task())
    assert list(order.rows) == [1, 2, 4, 0, 3]


@pytest.mark.parametrize(
    "cells",
    [
        ["0044-03-15 12:00:00 BC", "0001-01-01 00:00:00 BC", "0001-01-01 00:00:00", "2026-01-01 00:00:00"],
        ["-infinity", "1066-10-14 00:00:00", "9999-12-31 23:59:59.999999", "20000-01-01 00:00:00", "infinity"],
        ["2026-03-29 02:30:00.000001+01", "2026-03-29 01:30:00.000002+00", "2026-03-29 01:30:01+00"],
        ["0000-00-00 00:00:00", "1000-01-01 00:00:00", "2026-02-28 00:00:00"],
        ["2026-01-01 00:00:00.000000001", "2026-01-01 00:00:00.000000002"],
    ],
)
def test_moments_are_sorted_by_when_they_were(cells):
    assert sort(CellKind.TIMESTAMP, cells[::-1]) == cells


def test_times_may_be_negative_or_longer_than_a_day():
    cells = ["-838:59:59", "-00:00:01", "00:00:00.5", "23:59:59", "24:00:00", "838:59:59"]
    assert sort(CellKind.TIME, cells[::-1]) == cells


def test_dates_before_christ_come_first():
    cells = ["4713-01-01 BC", "0001-12-31 BC", "0001-01-01", "1970-01-01", "5874897-12-31"]
    assert sort(CellKind.DATE, cells[-2::-1]) == cells[:-1]


def test_sqlite_sorts_numbers_before_texts_whatever_the_first_cell_is(session):
    result = fetched(
        session, "VALUES ('b'), (10), (9007199254740993), (2.5), (NULL), (9007199254740992.0), ('10'), (x'00')"
    )
    order = Arranger(result).arrange(Arrangement((SortKey(0),)), Task())
    assert [result.text(row, 0) for row in order.rows] == [
        "2.5", "10", "9007199254740992.0", "9007199254740993", "0x00", "10", "b", None,
    ]  # fmt: skip


def test_several_columns_are_sorted_one_after_the_other(session):
    result = fetched(session, "SELECT 'a', 1 UNION ALL SELECT 'b', 1 UNION ALL SELECT 'a', 2 UNION ALL SELECT 'b', 2")
    order = Arranger(result).arrange(Arrangement((SortKey(0, True), SortKey(1))), Task())
    assert [(result.text(row, 0), result.text(row, 1)) for row in order.rows] == [
        ("b", "1"), ("b", "2"), ("a", "1"), ("a", "2"),
    ]  # fmt: skip


def test_a_filter_finds_text_in_any_case_and_never_null():
    rows = Rows(
        (CellKind.TEXT, ["Straße", None, "STRASSE", "avenue", "%_(.*"]), (CellKind.TEXT, ["x", "y", "z", "STR", "w"])
    )
    arranger = Arranger(rows)
    assert list(arranger.arrange(Arrangement(filter=Filter("str", 0)), Task()).rows) == [0, 2]
    assert list(arranger.arrange(Arrangement(filter=Filter("str")), Task()).rows) == [0, 2, 3]
    assert list(arranger.arrange(Arrangement(filter=Filter("(.*", 0)), Task()).rows) == [4]
    assert list(arranger.arrange(Arrangement(filter=Filter("nothing")), Task()).rows) == []


def test_a_filter_finds_numbers_and_bytes_as_they_are_written(session):
    result = fetched(session, "VALUES (1234, 0.1, x'00ff'), (99, 1e20, NULL)")
    arranger = Arranger(result)
    for text, column, found in (
        ("23", 0, [0]),
        ("0.1", 1, [0]),
        ("1e+20", 1, [1]),
        ("0x00FF", 2, [0]),
        ("9", None, [1]),
    ):
        assert list(arranger.arrange(Arrangement(filter=Filter(text, column)), Task()).rows) == found, text


def test_rows_are_filtered_first_and_sorted_then():
    rows = Rows((CellKind.TEXT, ["b1", "a2", "a1", "c1"]))
    order = Arranger(rows).arrange(Arrangement((SortKey(0, True),), Filter("1", 0)), Task())
    assert (list(order.rows), order.fetched) == ([3, 0, 2], 4)


def test_moments_are_filtered_as_they_are_shown():
    rows = Rows((CellKind.TIMESTAMP, ["2026-01-01 00:30:00+02"]), type_name="timestamp with time zone")
    utc = converter(TimeZone.UTC)
    arranger = Arranger(rows)
    assert list(arranger.arrange(Arrangement(filter=Filter("2025-12-31 22:30", 0)), Task(), utc).rows) == [0]
    assert list(arranger.arrange(Arrangement(filter=Filter("2025-12-31 22:30")), Task(), utc).rows) == [0]
    assert list(arranger.arrange(Arrangement(filter=Filter("2025-12-31 22:30", 0)), Task()).rows) == []


def test_rows_that_arrived_later_are_taken_in(session):
    result = session.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) SELECT -i FROM n", Task()
    )[-1]
    arranger, by_number = Arranger(result), Arrangement((SortKey(0),))
    result.fetch(7_000, Task())
    assert list(arranger.arrange(by_number, Task()).rows) == list(range(6_999, -1, -1))
    result.fetch(40_000, Task())
    assert list(arranger.arrange(by_number, Task()).rows) == list(range(39_999, -1, -1))


def test_text_that_is_not_utf8_can_be_sorted_and_filtered(session):
    result = fetched(session, "VALUES ('b'), (CAST(x'61ff' AS TEXT)), ('c')")
    arranger = Arranger(result)
    assert list(arranger.arrange(Arrangement((SortKey(0),)), Task()).rows) == [1, 0, 2]
    assert list(arranger.arrange(Arrangement(filter=Filter("a", 0)), Task()).rows) == [1]


def test_a_cancelled_task_arranges_nothing():
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        Arranger(Rows((CellKind.TEXT, ["a"]))).arrange(Arrangement((SortKey(0),)), task)


def test_an_order_knows_where_a_row_stands_and_whether_it_goes_on_from_another():
    short = Arranger(Rows((CellKind.TEXT, ["a1", "b", "a2"]))).arrange(Arrangement(filter=Filter("a", 0)), Task())
    long = Arranger(Rows((CellKind.TEXT, ["a1", "b", "a2", "a3"]))).arrange(Arrangement(filter=Filter("a", 0)), Task())
    assert (short.place(2), short.place(1)) == (1, -1)
    assert long.begins_with(short)
    assert not short.begins_with(long)


def test_a_head_is_pressed_up_then_down_then_off():
    first = Arrangement().pressed(2, adds=False)
    second = first.pressed(2, adds=False)
    assert first.keys == (SortKey(2),)
    assert second.keys == (SortKey(2, descending=True),)
    assert second.pressed(2, adds=False).is_empty
    assert second.pressed(1, adds=True).keys == (SortKey(2, descending=True), SortKey(1))
    assert second.pressed(1, adds=True).pressed(2, adds=True).keys == (SortKey(1),)
    assert first.pressed(1, adds=True).pressed(2, adds=True).keys == (SortKey(2, descending=True), SortKey(1))
