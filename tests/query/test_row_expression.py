"""Conditions on fetched rows: what is understood, what is refused, and which rows meet them."""

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.blocks import CellKind, Column
from keeperdb.engines.registry import get_engine
from keeperdb.errors import KeeperDBError
from keeperdb.query.arranging import Arrangement, Arranger, Condition
from keeperdb.query.column_names import unique_names, written_name
from keeperdb.query.row_expression import ExpressionError, read_expression
from keeperdb.query.session import Session
from keeperdb.task import Task

COLUMNS = (Column("id", "int", CellKind.INTEGER), Column("name", "text"), Column("Total amount", "numeric"))
ROWS = """SELECT column1 AS id, column2 AS name, column3 AS amount, column4 AS "order" FROM (VALUES
    (1, 'Ann', 1.5, 'x'), (2, 'bob', NULL, 'y'), (3, NULL, 2.25, 'x'), (9223372036854775807, 'it''s', -7, NULL),
    (5, '', 0.1, '100%'))"""


@pytest.fixture(scope="module")
def result():
    profile, engine = ConnectionProfile("m", "sqlite", path=":memory:"), get_engine("sqlite")
    session = Session(profile, engine, engine.connect(profile, None, Task()))
    result = session.execute(ROWS, Task())[-1]
    result.fetch(100, Task())
    yield result
    session.close()


def met(result, text):
    return [row + 1 for row in Arranger(result).arrange(Arrangement(filter=Condition(text)), Task()).rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id = 1", [1]),
        ("id = 9223372036854775807", [4]),
        ("id = 9223372036854775806", []),
        ("id > 9223372036854775808", []),
        ("id < 2.5", [1, 2]),
        ("id <> 1", [2, 3, 4, 5]),
        ("3 <= id and amount > 0", [3, 5]),
        ("id in (1, 2, 3) and not name = 'Ann'", [2]),
        ("id not in (1, 2)", [3, 4, 5]),
        ("id not in (1, null)", []),
        ("name is null", [3]),
        ("name is not null", [1, 2, 4, 5]),
        ("name = ''", [5]),
        ("name = 'it''s'", [4]),
        ("name like 'A%'", [1]),
        ("name ilike 'B_B'", [2]),
        ("name not like '%n%'", [2, 4, 5]),
        ("amount between 0 and 1.5", [1, 5]),
        ("amount not between 0 and 1.5", [3, 4]),
        ("amount = -7 or name = 'bob'", [2, 4]),
        ("\"order\" = 'x'", [1, 3]),
        ("\"order\" like '100\\%'", [5]),
        ("anywhere('BO')", [2]),
        ("anywhere('2.2') and id > 1", [3]),
        ('name = "order"', []),
        ("not (id = 1 or name is null)", [2, 4, 5]),
    ],
)
def test_rows_meet_a_condition(result, text, rows):
    assert met(result, text) == rows


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id =",
        "id = (select 1)",
        "id in (select 1)",
        "1 = 1",
        "lower(name) = 'x'",
        "id + 1 = 2",
        "drop table x",
        "id = 1; delete from x",
        "x.id = 1",
        "name similar to 'x'",
        "name ~ '(a+)+$'",
        "id::text = '1'",
        "exists (select 1)",
        "case when id = 1 then true end",
        "name like null",
        "anywhere(name)",
        "pg_sleep(10)",
        "(" * 500 + "id = 1" + ")" * 500,
        "nam = 'x'",
    ],
)
def test_what_is_no_plain_condition_is_refused_with_a_sentence(text):
    with pytest.raises(ExpressionError) as refused:
        read_expression(text, COLUMNS)
    assert refused.value.message.endswith(".")


def test_an_unknown_column_gets_the_nearest_name():
    with pytest.raises(ExpressionError, match="Did you mean “name”"):
        read_expression("nme = 'x'", COLUMNS)


def test_a_text_is_not_compared_with_a_column_of_numbers(result):
    with pytest.raises(KeeperDBError, match="not a number"):
        met(result, "id = 'many'")


def test_each_column_has_one_name_and_written_names_read_back():
    columns = [Column(name, "text") for name in ("id", "id", "id_2", "", 'a "b"', "select", "Id")]
    names = unique_names(columns)
    assert names[:4] == ["id", "id_3", "id_2", "column 4"]
    for number, name in enumerate(names):
        assert read_expression(f"{written_name(name)} is null", columns).columns == (number,)
