"""Reads a query for `origins`: what each of its columns is, through aliases, subqueries, WITH and joins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from keeperdb.query.origins import Columns, Origin, Origins, TableName

_COMPUTED = "This column is computed by the query."
_GROUPS = {
    "group": "Rows of a query with GROUP BY stand for several rows of the table.",
    "distinct": "Rows of a query with DISTINCT may stand for several rows of the table.",
    "having": "Rows of a query with HAVING stand for several rows of the table.",
}


@dataclass(frozen=True, slots=True)
class _Output:
    """A column of a query or subquery, by the name that others see."""

    name: str
    origin: Origin | str


@dataclass(frozen=True, slots=True)
class _Source:
    """Something in FROM, by its alias."""

    alias: str
    outputs: tuple[_Output, ...]


class _Locked(Exception):  # noqa: N818 - a reason, not a failure
    """Nothing of the query can be written back; the text says why."""


@dataclass
class _Reader:
    """Reads one query; `columns_of` knows the tables."""

    columns_of: Columns
    ignores_case: bool
    places: int = 0

    def outputs(self, query: exp.Expr, known: Mapping[str, tuple[_Output, ...]]) -> tuple[_Output, ...]:
        """The columns of a SELECT; `known` are the common table expressions it may name."""
        if isinstance(query, exp.Subquery):
            return self.outputs(query.this, known)
        if not isinstance(query, exp.Select):
            raise _Locked("Rows of UNION and the like cannot be told apart by their table.")
        for name, reason in _GROUPS.items():
            if query.args.get(name):
                raise _Locked(reason)
        known = self._with_expressions(query, known)
        sources, merged = self._sources(query, known)
        if any(self._is_aggregate(each) for each in query.expressions):
            raise _Locked("The query computes one row from several.")
        return tuple(each for projection in query.expressions for each in self._projected(projection, sources, merged))

    def _with_expressions(
        self, query: exp.Select, known: Mapping[str, tuple[_Output, ...]]
    ) -> Mapping[str, tuple[_Output, ...]]:
        clause = query.args.get("with_") or query.args.get("with")
        found = dict(known)
        if clause is None:
            return found
        for each in clause.expressions:
            if clause.args.get("recursive"):
                found[each.alias] = (_Output("*", "This column comes from a recursive query."),)
            else:
                found[each.alias] = self._renamed(each, self._or_locked(each.this, found))
        return found

    def _or_locked(self, query: exp.Expr, known: Mapping[str, tuple[_Output, ...]]) -> tuple[_Output, ...]:
        """The columns of a subquery; locked ones, with their names, where it cannot be written through."""
        try:
            return self.outputs(query, known)
        except _Locked as locked:
            named = query.named_selects if isinstance(query, exp.Query) else []
            if not named or "*" in named:
                raise
            return tuple(_Output(name, str(locked)) for name in named)

    def _sources(
        self, query: exp.Select, known: Mapping[str, tuple[_Output, ...]]
    ) -> tuple[list[_Source], dict[str, None]]:
        """What FROM and JOIN name, and the columns that USING or NATURAL makes one of two."""
        clause = query.args.get("from_") or query.args.get("from")
        if clause is None:
            raise _Locked("The query reads no table.")
        found, merged = [self._source(clause.this, known)], {}
        nested = list(clause.this.args.get("joins") or ())
        for join in [*nested, *(query.args.get("joins") or ())]:
            source = self._source(join.this, known)
            if join.args.get("method") == "NATURAL":
                mine = {each.name for other in found for each in other.outputs}
                merged.update(dict.fromkeys(each.name for each in source.outputs if each.name in mine))
            merged.update(dict.fromkeys(each.name for each in join.args.get("using") or ()))
            found.append(source)
        if query.args.get("laterals"):
            raise _Locked("The query joins rows that a function makes.")
        return found, merged

    def _source(self, source: exp.Expr, known: Mapping[str, tuple[_Output, ...]]) -> _Source:
        if isinstance(source, exp.Subquery):
            return _Source(source.alias, self._renamed(source, self._or_locked(source.this, known)))
        if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
            return _Source(source.alias, (_Output("*", "This column comes from a function."),))
        if not source.db and source.name in known:
            return _Source(source.alias or source.name, known[source.name])
        parts = tuple((part.name, bool(part.args.get("quoted"))) for part in source.parts)
        table = TableName(parts)
        columns = self.columns_of(table)
        if columns is None:
            raise _Locked(f"The table {source.name} is not known.")
        self.places += 1
        outputs = tuple(_Output(name, Origin(table, self.places, name)) for name in columns)
        return _Source(source.alias or source.name, self._renamed(source, outputs))

    def _renamed(self, source: exp.Expr, outputs: tuple[_Output, ...]) -> tuple[_Output, ...]:
        """With the names of `AS x (a, b)`."""
        alias = source.args.get("alias")
        names = [each.name for each in alias.args.get("columns") or ()] if isinstance(alias, exp.TableAlias) else []
        renamed = [_Output(name, each.origin) for name, each in zip(names, outputs, strict=False)]
        return (*renamed, *outputs[len(renamed) :])

    def _projected(
        self, projection: exp.Expr, sources: Sequence[_Source], merged: Mapping[str, None]
    ) -> Iterator[_Output]:
        is_star = isinstance(projection, exp.Star)
        if is_star or (isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)):
            if merged and is_star:
                raise _Locked("With * and USING, the columns of the result cannot be told apart.")
            star = projection if is_star else projection.this
            if any(star.args.get(name) for name in ("except_", "except", "replace", "rename")):
                raise _Locked("The columns of the result cannot be told from this kind of *.")
            chosen = sources if is_star else [self._by_alias(sources, projection.text("table"))]
            if any(each.name == "*" for source in chosen for each in source.outputs):
                raise _Locked("The query reads something else than tables.")
            for source in chosen:
                yield from source.outputs
            return
        name = projection.alias_or_name
        inner = projection.this if isinstance(projection, exp.Alias) else projection
        while isinstance(inner, exp.Paren):
            inner = inner.this
        yield _Output(name, self._origin(inner, sources, merged) if isinstance(inner, exp.Column) else _COMPUTED)

    def _origin(self, column: exp.Column, sources: Sequence[_Source], merged: Mapping[str, None]) -> Origin | str:
        quoted = bool(column.this.args.get("quoted"))
        if column.table:
            chosen: Sequence[_Source] = [self._by_alias(sources, column.table)]
        elif any(self._is_same(name, column.name, quoted=quoted) for name in merged):
            return "This column is one of two that USING makes the same."
        else:
            chosen = sources
        found = [
            each
            for source in chosen
            for each in source.outputs
            if each.name == "*" or self._is_same(each.name, column.name, quoted=quoted)
        ]
        exact = [each for each in found if each.name == column.name]
        found = exact if quoted and exact else found
        if len(found) != 1:
            return _COMPUTED if not found else "It cannot be told which table this column belongs to."
        return found[0].origin

    def _by_alias(self, sources: Sequence[_Source], alias: str) -> _Source:
        found = [each for each in sources if each.alias == alias] or [
            each for each in sources if each.alias.lower() == alias.lower()
        ]
        if len(found) != 1:
            raise _Locked(f"It cannot be told what {alias} stands for.")
        return found[0]

    def _is_same(self, real: str, written: str, *, quoted: bool) -> bool:
        return real == written or ((self.ignores_case or not quoted) and real.lower() == written.lower())

    @staticmethod
    def _is_aggregate(projection: exp.Expr) -> bool:
        """Whether it makes one row of all; window functions do not."""
        for call in projection.find_all(exp.AggFunc):
            is_window = call.parent is not None and call.find_ancestor(exp.Window) is not None
            is_inner = call.find_ancestor(exp.Subquery) is not None
            if not is_window and not is_inner:
                return True
        return False


def read_origins(statement: str, dialect: str, columns_of: Columns, names: Sequence[str]) -> Origins:
    """As `find_origins`, for a statement that begins with SELECT or WITH."""
    try:
        parsed = sqlglot.parse(statement, read=dialect)
        queries = [each for each in parsed if each is not None]
        if len(queries) != 1:
            return Origins(reason="Several statements were run together.")
        reader = _Reader(columns_of, ignores_case=dialect in ("mysql", "sqlite", "tsql"))
        outputs = reader.outputs(queries[0], {})
    except _Locked as locked:
        return Origins(reason=str(locked))
    except (SqlglotError, RecursionError):
        return Origins(reason="The query could not be read well enough to find out where its columns come from.")
    if len(outputs) != len(names) or not all(map(_agree, outputs, names)):
        return Origins(reason="The columns of the result are not those that were expected from the query.")
    return Origins(tuple(each.origin for each in outputs))


def _agree(output: _Output, name: str) -> bool:
    """Names of computed columns are the server's to choose."""
    return isinstance(output.origin, str) or output.name.lower() == name.lower()
