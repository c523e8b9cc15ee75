"""The names of a database that are known without asking: all tables, and the columns of those that were asked for."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from keeperdb.query.table_shape import TableShape

_AFTER_ALL = chr(0x10FFFF)  # sorts after everything that a name goes on with


@dataclass(frozen=True, slots=True)
class TableName:
    """A table or a view. `path` is that of its node in the schema tree: database, schema and name, where there are."""

    path: tuple[str, ...]
    is_view: bool = False
    comment: str = ""

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def schema(self) -> tuple[str, ...]:
        return self.path[:-1]


class NameIndex:
    """Tables by name. Made whole and then only added to, so that several threads may read it."""

    def __init__(
        self,
        tables: Iterable[TableName] = (),
        defaults: Sequence[tuple[str, ...]] = (),
        others: Iterable[str] = (),
        *,
        is_whole: bool = True,
    ) -> None:
        """`defaults` are the schemas whose tables need no qualification, the first looked at first.

        `others` are folded names of what a query can name and is no table, such as a sequence. An index that is not
        `is_whole` lacks tables, so that none can be said to be missing.
        """
        self.others = frozenset(others)
        self.is_whole = is_whole
        self.defaults = tuple(defaults)
        self.tables = sorted(tables, key=lambda table: (table.name.casefold(), self._rank(table), table.path))
        self._folded = [table.name.casefold() for table in self.tables]
        self._shapes: dict[tuple[str, ...], TableShape] = {}
        self._of_schema: dict[tuple[str, ...], list[TableName]] = {}
        for table in self.tables:
            self._of_schema.setdefault(table.schema, []).append(table)
        self._schemas = {table.schema[-1].casefold(): table.schema for table in self.tables if table.schema}

    @property
    def is_empty(self) -> bool:
        return not self.tables

    @property
    def schemas(self) -> list[tuple[str, ...]]:
        """The paths of all schemas that hold tables."""
        return sorted(self._schemas.values())

    def tables_of(self, schema: tuple[str, ...]) -> Sequence[TableName]:
        """The tables of one schema by name."""
        return self._of_schema.get(schema, [])

    def is_default(self, table: TableName) -> bool:
        """Whether the table can be named without its schema."""
        return not self.defaults or table.schema in self.defaults

    def add_shape(self, shape: TableShape) -> None:
        """Know the columns and keys of one more table."""
        self._shapes[tuple(shape.path)] = shape

    def shape(self, path: Sequence[str]) -> TableShape | None:
        """None as long as nobody asked the server."""
        return self._shapes.get(tuple(path))

    def known_shapes(self) -> list[TableShape]:
        """Those that were asked for."""
        return list(self._shapes.values())

    def find(self, parts: Sequence[str]) -> TableName | None:
        """The table that a statement calls `parts`, such as `(schema, table)`; upper and lower case are the same."""
        if not parts:
            return None
        wanted = [part.casefold() for part in parts]
        fallback = None
        for table in self._named(wanted[-1]):
            own = [part.casefold() for part in table.path]
            if own[-len(wanted) :] != wanted:
                continue
            if len(wanted) > 1 or self.is_default(table):
                return table
            fallback = fallback or table
        return None if self.defaults else fallback

    def schema(self, parts: Sequence[str]) -> tuple[str, ...] | None:
        """The schema that a statement calls `parts`."""
        found = self._schemas.get(parts[-1].casefold()) if parts else None
        if found is None or [part.casefold() for part in found[-len(parts) :]] != [part.casefold() for part in parts]:
            return None
        return found

    def matching(self, prefix: str, schema: tuple[str, ...] | None = None, limit: int = 200) -> list[TableName]:
        """Tables whose names begin with `prefix`, then those that hold it, of one schema or of all."""
        tables = self.tables if schema is None else self._of_schema.get(schema, [])
        names = self._folded if schema is None else [table.name.casefold() for table in tables]
        folded = prefix.casefold()
        start = bisect_left(names, folded)
        end = bisect_left(names, folded + _AFTER_ALL) if folded else len(names)
        found = tables[start:end][:limit]
        if folded and len(found) < limit:
            within = (place for place, name in enumerate(names) if folded in name and not start <= place < end)
            found += [tables[place] for place in islice(within, limit - len(found))]
        return found

    def _named(self, folded: str) -> Iterable[TableName]:
        index = bisect_left(self._folded, folded)
        while index < len(self._folded) and self._folded[index] == folded:
            yield self.tables[index]
            index += 1

    def _rank(self, table: TableName) -> int:
        return self.defaults.index(table.schema) if table.schema in self.defaults else len(self.defaults)
