"""Aggregates of selected cells: exact for whole numbers and decimals, the same from few cells and from many."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.blocks import CellKind, Column
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled
from keeperdb.query import aggregates
from keeperdb.query.aggregates import aggregate, distinct_count, merged
from keeperdb.query.arranging import Arrangement, Arranger, Condition, SortKey
from keeperdb.query.cell_finding import find_cells
from keeperdb.query.distinct_values import distinct_values
from keeperdb.query.session import Session
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.shown_rows import ShownRows
from keeperdb.task import Task


@pytest.fixture
def fetch():
    profile, engine = ConnectionProfile("m", "sqlite", path=":memory:"), get_engine("sqlite")
    session = Session(profile, engine, engine.connect(profile, None, Task()))

    def fetch(statement):
        result = session.execute(statement, Task())[-1]
        result.fetch(100_000, Task())
        return result

    yield fetch
    session.close()


def both_ways(monkeypatch, result, spans, order=None):
    """As few cells, and as many."""
    shown = ShownRows(result, order)
    few = aggregate(ShownColumns(result), shown, order, spans, Task())
    monkeypatch.setattr(aggregates, "_FEW_CELLS", 0)
    many = aggregate(ShownColumns(result), shown, order, spans, Task())
    monkeypatch.undo()
    return few, replace(many, distinct=distinct_count(ShownColumns(result), shown, order, spans, Task()))


class NumberCells:
    """Shown rows of one column of numbers."""

    def __init__(self, kind, values):
        self.columns = (Column("n", kind.value, kind),)
        self._values = values

    def text(self, row, column):
        value = self._values[row]
        return None if value is None else str(value)

    def value(self, row, column):
        return self._values[row]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40))
def test_whole_numbers_are_added_exactly(numbers):
    found = aggregate(None, NumberCells(CellKind.INTEGER, numbers), None, {0: [(0, len(numbers) - 1)]}, Task())
    assert found.total == sum(numbers)
    assert (found.minimum, found.maximum) == (min(numbers), max(numbers))


@given(st.lists(st.decimals(-(10**15), 10**15, places=4), min_size=1, max_size=40))
def test_decimals_are_added_exactly(numbers):
    found = aggregate(None, NumberCells(CellKind.DECIMAL, numbers), None, {0: [(0, len(numbers) - 1)]}, Task())
    assert found.total == sum(numbers, Decimal(0))
    middle = sorted(numbers)[len(numbers) // 2]
    assert len(numbers) % 2 == 0 or found.median == middle


def test_many_whole_numbers_do_not_overflow(monkeypatch, fetch):
    result = fetch("SELECT 9223372036854775807 AS n UNION ALL SELECT 9223372036854775806 UNION ALL SELECT NULL")
    few, many = both_ways(monkeypatch, result, {0: [(0, 2)]})
    assert few == many
    assert many.total == 18446744073709551613
    assert many.median == Decimal("9223372036854775806.5")
    assert (many.cells, many.nulls, many.distinct) == (3, 1, 2)


def test_few_and_many_cells_agree_on_floats_and_several_columns(monkeypatch, fetch):
    result = fetch(
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 500) SELECT i, i * 0.5 AS f FROM c"
    )
    few, many = both_ways(monkeypatch, result, {0: [(0, 499)], 1: [(10, 20), (100, 110)]})
    assert (few.cells, few.numbers, few.minimum, few.maximum) == (many.cells, many.numbers, many.minimum, many.maximum)
    assert math.isclose(few.total, many.total)
    assert math.isclose(few.median, many.median)


def test_short_texts_are_no_numbers(monkeypatch, fetch):
    """They are sorted by numbers made of their first bytes."""
    result = fetch("SELECT column1 AS t FROM (VALUES ('b'), ('a'), (NULL), ('12'))")
    few, many = both_ways(monkeypatch, result, {0: [(0, 3)]})
    assert few == many
    assert (many.numbers, many.total, many.minimum, many.maximum) == (0, None, "12", "b")


def test_aggregates_are_of_the_rows_as_they_are_shown(monkeypatch, fetch):
    result = fetch("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 100) SELECT i FROM c")
    order = Arranger(result).arrange(Arrangement((SortKey(0, descending=True),), Condition("i > 90")), Task())
    few, many = both_ways(monkeypatch, result, {0: [(0, 1)]}, order)
    assert few == many
    assert many.total == 199


def test_spans_that_overlap_count_once():
    assert merged([(5, 9), (0, 2), (3, 4), (8, 12)]) == [(0, 12)]
    assert merged([(0, 1), (4, 4)]) == [(0, 1), (4, 4)]


def test_cancelling_stops(fetch):
    result, task = fetch("SELECT 1"), Task()
    task.cancel()
    with pytest.raises(Cancelled):
        aggregate(ShownColumns(result), ShownRows(result), None, {0: [(0, 0)]}, task)


def test_cells_are_found_in_the_order_in_which_they_are_seen(fetch):
    result = fetch(
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 40) SELECT i, 'Row ' || i AS t FROM c"
    )
    order = Arranger(result).arrange(Arrangement((SortKey(0, descending=True),)), Task())
    found = find_cells(ShownColumns(result), ShownRows(result, order), order, "row 3", [0, 1], Task())
    assert found.count == 11  # 3 and 30 to 39
    first = found.after(-1, -1, [1, 0])
    assert first == (1, 1)  # 39 stands behind 40
    assert found.after(10, 1, [1, 0]) == (37, 1)
    assert found.after(37, 1, [1, 0]) == first
    assert found.before(1, 1, [1, 0]) == (37, 1)
    assert found.number(37, 1, [1, 0]) == 10
    assert list(found.among(range(4), 1)) == [1, 2, 3]


def test_distinct_values_are_counted_with_null_among_them(fetch):
    result = fetch("SELECT column1 AS t FROM (VALUES ('b'), ('a'), ('b'), (NULL), (''))")
    found = distinct_values(ShownColumns(result), ShownRows(result), None, 0, 2, Task())
    assert found.count == 4
    assert [(each.text, each.rows) for each in found.values] == [("b", 2), ("", 1)]
