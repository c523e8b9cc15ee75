"""Where each column of a result comes from: a column of a table, or why it cannot be told or written back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keeperdb.engines.sql_text import leading_words

_MOST_CHARACTERS = 200_000  # of a query that is parsed


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as the query names it, each part with whether it stood in quotes, the last being the table's own."""

    parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """`place` tells apart the uses of one table in a query, such as in a join with itself."""

    table: TableName
    place: int
    column: str


@dataclass(frozen=True, slots=True)
class Origins:
    """For each column of the result an origin, or the reason why it is locked; `reason` if that goes for all."""

    columns: tuple[Origin | str, ...] = ()
    reason: str = ""


Columns = Callable[[TableName], Sequence[str] | None]  # of a table; None if there is no such table


def find_origins(statement: str, dialect: str, columns_of: Columns, names: Sequence[str]) -> Origins:
    """The origins of the columns of a result, whose `names` are checked against what was understood of the query."""
    if leading_words(statement.lstrip("( \t\r\n"), dialect, 1)[:1] not in (["SELECT"], ["WITH"]):
        return Origins(reason="Only rows of a SELECT can be edited.")
    if len(statement) > _MOST_CHARACTERS:
        return Origins(reason="The query is too long to find out where its columns come from.")
    from keeperdb.query.origin_reader import read_origins  # the parser takes long to import

    return read_origins(statement, dialect, columns_of, names)
