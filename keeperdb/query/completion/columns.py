"""Which columns a source has: those of its table, or those that its subquery or CTE selects."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from keeperdb.query.completion.made import Made
from keeperdb.query.completion.names import NameIndex
from keeperdb.query.completion.scopes import Query, Scope, Source
from keeperdb.query.table_shape import TableShape

_DEEPEST = 20  # subqueries within each other; more is no text of a person's


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column as it can be named; `type_name` and `table` are empty where they are not known."""

    name: str
    type_name: str = ""
    table: str = ""


@dataclass
class Columns:
    """Finds columns, and notes in `wanted` the tables whose columns nobody has asked the server for yet."""

    names: NameIndex
    made: Made = field(default_factory=Made)  # what may have other columns than it had
    wanted: list[tuple[str, ...]] = field(default_factory=list)

    def of(self, source: Source, depth: int = 0) -> list[ColumnName] | None:
        """The columns of one source; None if they are not known."""
        if source.query is not None:
            found = self._of_query(source.query, depth + 1)
            return [ColumnName(name) for name in source.columns] if source.columns else found
        shape = self.shape(source)
        if shape is None:
            return None
        return [ColumnName(column.name, column.type_name, shape.name) for column in shape.columns]

    def shape(self, source: Source) -> TableShape | None:
        """What the table of a source is made of; None for what is no table, or is not known."""
        table = self.names.find(source.parts) if source.query is None else None
        if table is None or self.made.is_moved or table.name.casefold() in self.made.names:
            return None
        shape = self.names.shape(table.path)
        if shape is None and table.path not in self.wanted:
            self.wanted.append(table.path)
        return shape

    def _of_query(self, query: Query, depth: int) -> list[ColumnName] | None:
        if query.columns:
            return [ColumnName(name) for name in query.columns]
        if not query.scopes or not query.scopes[0].items or depth > _DEEPEST:
            return None
        found: list[ColumnName] = []
        for columns in self._selected(query.scopes[0], depth):
            if columns is None:
                return None
            found += columns
        return found

    def _selected(self, scope: Scope, depth: int) -> Iterator[list[ColumnName] | None]:
        for item in scope.items:
            if item.is_star:
                for source in scope.sources:
                    if not item.qualifier or source.alias.casefold() == item.qualifier.casefold():
                        yield self.of(source, depth)
            elif item.name:
                yield [ColumnName(item.name, self._type(scope, item.qualifier, item.column, depth))]

    def _type(self, scope: Scope, qualifier: str, column: str, depth: int) -> str:
        if not column:
            return ""
        for source in scope.sources:
            if qualifier and source.alias.casefold() != qualifier.casefold():
                continue
            for each in self.of(source, depth) or ():
                if each.name.casefold() == column.casefold():
                    return each.type_name
        return ""
