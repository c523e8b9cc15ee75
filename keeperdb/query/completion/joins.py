"""Whole joins and join conditions, from the foreign keys of the tables that a query names."""

from collections.abc import Callable, Iterator, Sequence

from keeperdb.query.completion.columns import Columns
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.completion.place import Place
from keeperdb.query.completion.scopes import Source
from keeperdb.query.table_shape import ForeignKey, TableShape

Quoted = Callable[[str], str]


def joins(place: Place, names: NameIndex, columns: Columns, quoted: Quoted) -> Iterator[str]:
    """`artist ON artist.id = album.artist_id` for each table that a key leads to, from either side."""
    sources = [source for source in place.scope_sources if not source.start <= place.start <= source.end]
    on = "on" if place.is_lower else "ON"
    land = " and " if place.is_lower else " AND "
    for source in sources:
        shape = columns.shape(source)
        if shape is None:
            continue
        for key in shape.foreign_keys:
            target = names.find(key.target)
            if target is not None:
                yield _join(target, source, key, names, quoted, on, land, is_forward=True)
        for other in _referring(shape, names):
            for key in other.foreign_keys:
                table = names.find(other.path)
                if key.target == shape.path and table is not None:
                    yield _join(table, source, key, names, quoted, on, land, is_forward=False)


def conditions(sources: Sequence[Source], columns: Columns, quoted: Quoted) -> Iterator[str]:
    """`album.artist_id = artist.id` for each key between the last source and those before it."""
    if len(sources) < 2:
        return
    last, last_shape = sources[-1], columns.shape(sources[-1])
    for source in sources[:-1]:
        shape = columns.shape(source)
        if shape is None or last_shape is None:
            continue
        for key in last_shape.foreign_keys:
            if key.target == shape.path:
                yield _condition(last.alias, source.alias, key, quoted, " and ")
        for key in shape.foreign_keys:
            if key.target == last_shape.path:
                yield _condition(source.alias, last.alias, key, quoted, " and ")


def _referring(shape: TableShape, names: NameIndex) -> Iterator[TableShape]:
    """Tables whose keys are known and lead to `shape`."""
    for other in names.known_shapes():
        if other.path != shape.path and any(key.target == shape.path for key in other.foreign_keys):
            yield other


def _join(
    table: TableName,
    source: Source,
    key: ForeignKey,
    names: NameIndex,
    quoted: Quoted,
    on: str,
    land: str,
    *,
    is_forward: bool,
) -> str:
    parts = [table.name] if names.is_default(table) else list(table.path[-2:])
    name = ".".join(quoted(part) for part in parts)
    from_alias, to_alias = (source.alias, table.name) if is_forward else (table.name, source.alias)
    return f"{name} {on} {_condition(from_alias, to_alias, key, quoted, land)}"


def _condition(from_alias: str, to_alias: str, key: ForeignKey, quoted: Quoted, land: str) -> str:
    return land.join(
        f"{quoted(from_alias)}.{quoted(own)} = {quoted(to_alias)}.{quoted(other)}"
        for own, other in zip(key.columns, key.target_columns, strict=False)
    )
