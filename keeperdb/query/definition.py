"""Where the name at the caret comes from: a table of the database, or a place in the statement."""

from dataclasses import dataclass

from keeperdb.query.completion.columns import Columns
from keeperdb.query.completion.names import NameIndex
from keeperdb.query.completion.scopes import Analysis, Scope, Source, analyse, bare


@dataclass(frozen=True, slots=True)
class Definition:
    """`table` is the path of a table or view, and `column` one of its columns; or `start` and `end` are the place in
    the statement where an alias or a CTE is defined."""

    table: tuple[str, ...] = ()
    column: str = ""
    start: int = -1
    end: int = -1


def definition_at(statement: str, position: int, dialect: str, names: NameIndex) -> Definition | None:
    """What the name at `position` stands for; None for no name, or one that is not known."""
    analysis = analyse(statement, dialect)
    index = next(
        (i for i, piece in enumerate(analysis.code) if piece.start <= position <= piece.end and piece.is_name), -1
    )
    if index < 0:
        return None
    piece, scope = analysis.code[index], analysis.scope_at(position)
    if scope is None:
        return None
    for source in scope.sources:
        if source.alias_place is not None and source.alias_place[0] <= position <= source.alias_place[1]:
            return _of_source(source, analysis, names)
        if source.start <= position <= source.end and bare(piece.text) in source.parts:
            return _of_source(source, analysis, names)
    name = bare(piece.text).casefold()
    is_qualified = index >= 2 and analysis.code[index - 1].text == "."
    if is_qualified:
        qualifier = bare(analysis.code[index - 2].text).casefold()
        found = [source for source in scope.visible(position) if source.alias.casefold() == qualifier]
        return _of_column(found, name, names) or (_of_source(found[0], analysis, names) if found else None)
    for source in scope.visible(position):
        if source.alias.casefold() == name:
            if source.alias_place is None:
                return _of_source(source, analysis, names)
            return Definition(start=source.alias_place[0], end=source.alias_place[1])
    return _of_column(scope.visible(position), name, names)


def _of_source(source: Source, analysis: Analysis, names: NameIndex) -> Definition | None:
    if source.query is not None:
        scope: Scope | None = source.query.scopes[0] if source.query.scopes else None
        return Definition(start=scope.start, end=scope.end) if scope is not None else None
    table = names.find(source.parts)
    return Definition(table=table.path) if table is not None else None


def _of_column(sources: list[Source], name: str, names: NameIndex) -> Definition | None:
    columns = Columns(names)
    for source in sources:
        for column in columns.of(source) or ():
            if column.name.casefold() == name:
                table = names.find(source.parts) if source.query is None else None
                if table is not None:
                    return Definition(table=table.path, column=column.name)
                return Definition(start=source.start, end=source.end)
    return None
