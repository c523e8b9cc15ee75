"""How long completion takes for one key, with 30,000 tables, over every place of a corpus of statements."""

import time
from collections.abc import Iterator, Sequence
from statistics import quantiles

from benchmarks.figures import Figure
from keeperdb.engines.registry import get_engine
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.completion.propose import Language, complete
from keeperdb.query.snippets import BUILT_IN
from keeperdb.query.table_shape import ForeignKey, ShapeColumn, TableShape

TABLES = 30_000
_DESCRIBED = 300
_SCHEMA = ("shop", "public")
_CORPUS = (
    (
        "select l.name, l.at, count(*) from sales_order_line_17 l join sales_order_line_18 m on m.id = l.parent_id "
        "where l.name like 'x%' and m.at > now() group by l.name, l.at having count(*) > 1 order by l.name desc"
    ),
    (
        "with best as (select name n, max(at) latest from sales_order_line_1 group by name), rest as (select * from "
        "sales_order_line_2) select b.n, r.id from best b join rest r on r.name = b.n where exists (select 1 from "
        "sales_order_line_3 x where x.name = b.n)"
    ),
    "update sales_order_line_9 set name = 'x', at = now() where id in (select parent_id from sales_order_line_10)",
    "insert into sales_order_line_7 (id, name) select id, name from sales_order_line_8 where name is not null",
    "select * from (select id, name from sales_order_line_5 union all select id, name from sales_order_line_6) u",
    "delete from sales_order_line_4 where at < current_date",
)


def measure() -> Iterator[Figure]:
    names, language = _names(), Language("postgres", get_engine("postgresql").quote, _snippets())
    seconds = [each for statement in _CORPUS for each in _of(statement, names, language)]
    yield Figure("completion of one key, 30,000 tables, 95th percentile", _late(seconds), "ms", 30)
    yield Figure("the longest of them", max(seconds) * 1e3, "ms")
    begun = time.perf_counter()
    _names()
    yield Figure("an index of 30,000 tables, in the background", (time.perf_counter() - begun) * 1e3, "ms")


def _of(statement: str, names: NameIndex, language: Language) -> Iterator[float]:
    """Seconds for each place of a statement: as it is typed, and with the rest of it behind the caret."""
    for caret in range(1, len(statement) + 1):
        for text in (statement[:caret], statement):
            begun = time.perf_counter()
            complete(text, caret, names, language)
            yield time.perf_counter() - begun


def _late(seconds: Sequence[float]) -> float:
    """The 95th percentile in milliseconds."""
    return quantiles(seconds, n=20)[-1] * 1e3


def _names() -> NameIndex:
    names = NameIndex((TableName((*_SCHEMA, f"sales_order_line_{number}")) for number in range(TABLES)), [_SCHEMA])
    columns = tuple(ShapeColumn(name, "text") for name in ("id", "parent_id", "name", "at", "note"))
    for number in range(_DESCRIBED):
        target = (*_SCHEMA, f"sales_order_line_{number // 2}")
        keys = (ForeignKey(("parent_id",), target, ("id",)),)
        names.add_shape(TableShape((*_SCHEMA, f"sales_order_line_{number}"), columns, foreign_keys=keys))
    return names


def _snippets() -> list[tuple[str, str, str]]:
    return [(each.abbreviation, each.text, each.description) for each in BUILT_IN]
