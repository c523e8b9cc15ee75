"""Conditions and aggregates on what real servers send: booleans, moments with zones, decimals, JSON, NaN."""

from decimal import Decimal, localcontext

import pytest

from keeperdb.engines.registry import get_engine
from keeperdb.query import aggregates
from keeperdb.query.aggregates import aggregate
from keeperdb.query.arranging import Arrangement, Arranger, Condition
from keeperdb.query.session import Session
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.shown_rows import ShownRows
from keeperdb.task import Task

ROWS = """
SELECT * FROM (VALUES
    (1, true, timestamptz '2026-07-01 12:00:00+02', 12345678901234567890.1234::numeric, '{"a": 1}'::jsonb, 1.5::float8),
    (2, false, timestamptz '2026-07-01 12:00:00+00', 0.0001, 'null', 'NaN'),
    (3, NULL, NULL, NULL, NULL, NULL),
    (4, true, timestamptz '2027-01-01 00:00:00+00', 'NaN', '[]', 'Infinity'))
v(id, flag, at, amount, doc, ratio) ORDER BY id
"""


@pytest.fixture(scope="module")
def session(postgresql_server):
    profile = postgresql_server.profile()
    engine = get_engine(profile.engine)
    session = Session(profile, engine, engine.connect(profile, postgresql_server.credential, Task()))
    session.execute("SET TimeZone = 'UTC'", Task())
    yield session
    session.close()


@pytest.fixture(scope="module")
def result(session):
    result = session.execute(ROWS, Task())[-1]
    result.fetch(100, Task())
    return result


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("flag", [1, 4]),
        ("not flag", [2]),
        ("flag = false", [2]),
        ("flag = 't'", [1, 4]),
        ("flag is not true", [2, 3]),
        ("at = '2026-07-01 10:00:00+00'", [1]),
        ("at > '2026-07-01 10:30:00+00'", [2, 4]),
        ("at < '2026-07-02'", [1, 2]),
        ("at between '2026-07-01' and '2026-12-31'", [1, 2]),
        ("amount = 12345678901234567890.1234", [1]),
        ("amount = 12345678901234567890.1235", []),
        ("amount < 0.00011", [2]),
        ("amount <> 0.0001", [1, 4]),
        ("doc = 'null'", [2]),
        ("doc is null", [3]),
        ("doc like '%\"a\"%'", [1]),
        ("ratio > 1", [1, 4]),
    ],
)
def test_rows_meet_a_condition(result, text, rows):
    order = Arranger(result).arrange(Arrangement(filter=Condition(text)), Task())
    assert [row + 1 for row in order.rows] == rows


def test_decimals_of_a_server_are_added_exactly(result):
    found = aggregate(ShownColumns(result), ShownRows(result), None, {3: [(0, 1)]}, Task())
    assert found.total == Decimal("12345678901234567890.1235")
    assert found.minimum == Decimal("0.0001")


def test_moments_have_extremes_and_no_sum(result):
    found = aggregate(ShownColumns(result), ShownRows(result), None, {2: [(0, 3)]}, Task())
    assert (found.total, found.nulls) == (None, 1)
    assert found.minimum.startswith("2026-07-01 10:00:00")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("numeric", ["99999999999999999999.99", "0.01", "-5", "99999999999999999999.99"]),
        ("numeric", ["1" + "0" * 40, "0." + "0" * 29 + "1", "7", "7"]),
        ("bigint", ["9223372036854775807", "9223372036854775807", "-1", "3"]),
        ("smallint", ["1", "2", "3", "4"]),
    ],
)
def test_many_cells_of_a_server_are_added_as_exactly_as_few(session, monkeypatch, kind, values):
    rows = ", ".join(f"('{value}'::{kind})" for value in values)
    result = session.execute(f"SELECT * FROM (VALUES {rows}, (NULL)) v(x)", Task())[-1]
    result.fetch(100, Task())
    numbers = sorted(Decimal(value) for value in values)
    found = []
    for few in (aggregates._FEW_CELLS, 0):
        monkeypatch.setattr(aggregates, "_FEW_CELLS", few)
        found.append(aggregate(ShownColumns(result), ShownRows(result), None, {0: [(0, 4)]}, Task()))
    with localcontext(prec=90):
        for each in found:
            assert (each.cells, each.nulls, each.numbers) == (5, 1, 4)
            assert Decimal(each.total) == sum(numbers)
            assert (each.minimum, each.maximum) == (numbers[0], numbers[-1])
            assert Decimal(each.median) == (numbers[1] + numbers[2]) / 2
