"""The different values of a column of the shown rows, the most frequent first."""

from dataclasses import dataclass

from keeperdb.query.arranging import Order
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter
from keeperdb.task import Task

_MOST_CHARACTERS = 1_000  # of a value that can be chosen: longer ones differ where nobody looks


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value as it is shown, None for NULL, and how many rows have it."""

    text: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class DistinctValues:
    """The first values, and how many there are in all, NULL among them."""

    values: tuple[ValueCount, ...]
    count: int


def distinct_values(
    columns: ShownColumns,
    shown: ShownRows,
    order: Order | None,
    column: int,
    most: int,
    task: Task,
    zone: Converter | None = None,
) -> DistinctValues:
    """The `most` frequent values of `column`, then by their letters. Raises `Cancelled`."""
    import pyarrow.compute as pc

    texts = columns.texts(column, order, len(shown), task, zone)
    counts = pc.value_counts(texts)
    task.check()
    order_of_counts = pc.sort_indices(counts, sort_keys=[("counts", "descending"), ("values", "ascending")])
    first = counts.take(order_of_counts.slice(0, most)).to_pylist()
    kept = [ValueCount(each["values"], each["counts"]) for each in first if _is_short(each["values"])]
    return DistinctValues(tuple(kept), len(counts))


def _is_short(text: str | None) -> bool:
    return text is None or len(text) <= _MOST_CHARACTERS
