"""`connections`, `query` and `schema`: the databases of the vault, without their passwords."""

import json
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.tables import report
from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.errors import CommandError, CommandKind

if TYPE_CHECKING:
    from keeperdb.engines.base import Node
    from keeperdb.query.results import ResultSet
    from keeperdb.query.session import Session

_COLUMNS = {"name": "Name", "source": "Source", "engine": "Type", "address": "Address", "database": "Database"}
_NODE_COLUMNS = {"kind": "Kind", "name": "Name", "detail": "Detail"}
_MOST_ROWS = 10_000
_MOST_CHARACTERS = 10 << 20  # of all cells of an answer
_STEP = 500  # rows


def connections(context: Context, arguments: Namespace) -> Output:
    """Those that the caller may use."""
    profiles = [each for each in context.vault.workspace.profiles() if context.may_query(each)]
    return report(arguments, _COLUMNS, [_connection_row(each) for each in profiles], nothing="No connections are found")


def query(context: Context, arguments: Namespace) -> Output:
    """One statement that reads, on a session that the server itself keeps from writing where it can."""
    from keeperdb.query.parameters import parse_assignments

    if not 0 < arguments.limit <= _MOST_ROWS:
        raise CommandError(CommandKind.BAD_ARGUMENTS, f"--limit is a number of rows from 1 to {_MOST_ROWS}.")
    parameters = parse_assignments(arguments.parameters)
    profile = _profile(context, arguments.connection)
    with _session(context, profile) as session:
        statement = _reading_statement(arguments.sql, session)
        result = session.execute(statement, context.task, parameters=parameters, confirmed=True)[-1]
        if result.columns is None:
            return Output()
        return _result(result, arguments, context)


def schema(context: Context, arguments: Namespace) -> Output:
    """The objects at a path of one connection; without one, the connections."""
    if not arguments.connection:
        return connections(context, arguments)
    from keeperdb.query.schema_paths import look_up

    with _session(context, _profile(context, arguments.connection)) as session:
        rows = [_node_row(node) for node in look_up(session, arguments.path, context.task)]
    return report(arguments, _NODE_COLUMNS, rows, nothing="Nothing is there")


def _profile(context: Context, name: str) -> ConnectionProfile:
    """A connection that the caller may not use is one that does not exist: its name is nobody else's to know."""
    from keeperdb.workspace.names import find_profile

    allowed = [each for each in context.vault.workspace.profiles() if context.may_query(each)]
    profile = find_profile(name, allowed)
    if not profile.is_usable:
        raise CommandError(CommandKind.BAD_ARGUMENTS, profile.problem, profile.problem_hint)
    return profile


@contextmanager
def _session(context: Context, profile: ConnectionProfile) -> "Iterator[Session]":
    reading = profile.with_(read_only=True, commit_mode=CommitMode.AUTO)
    session = context.vault.workspace.open(reading, context.task)
    try:
        yield session
    finally:
        session.close()


def _reading_statement(sql: str, session: "Session") -> Any:
    """The one statement of `sql`. Raises `CommandError` if there are more, or it may do anything but read."""
    from keeperdb.query.safety import Kind, check
    from keeperdb.query.statements import split

    statements = split(sql, session.engine.dialect)
    if len(statements) != 1:
        raise CommandError(CommandKind.BAD_ARGUMENTS, f"query takes one statement; these are {len(statements)}.")
    verdict = check(statements[0].text, session.engine.dialect)
    if verdict.kind is not Kind.READ or verdict.operations:
        raise CommandError(
            CommandKind.FORBIDDEN,
            "query only reads, and this statement may do something else.",
            "Use SELECT with functions that only compute, or KeeperDB itself.",
        )
    return statements[0]


def _result(result: "ResultSet", arguments: Namespace, context: Context) -> Output:
    names, rows, is_whole = _fetched(result, arguments.limit, context)
    if arguments.format == "table":
        said = report(arguments, {name: name for name in names}, rows, nothing="No rows").text
        columns = [
            {"name": name, "type": each.type_name} for name, each in zip(names, result.columns or (), strict=True)
        ]
        data = {
            "columns": columns,
            "rows": [[row[name] for name in names] for row in rows],
            "row_count": len(rows),
            "is_complete": is_whole,
        }
        return Output(data, said if is_whole else f"{said}\nStopped after {len(rows)} rows; there are more.")
    return report(arguments, {name: name for name in names}, rows)


def _fetched(result: "ResultSet", limit: int, context: Context) -> tuple[list[str], list[dict[str, Any]], bool]:
    """Names, rows, and whether these are all. The connection gives out one row more than the limit to tell."""
    from keeperdb.data.json_rows import json_value, numbered

    columns = result.columns or ()
    names = numbered([column.name for column in columns])
    rows: list[dict[str, Any]] = []
    size = 0
    for block in _blocks(result, limit + 1, context):
        for row in range(len(block)):
            if len(rows) == limit or size > _MOST_CHARACTERS:
                return names, rows, False
            cells = [json_value(block, row, index, column.kind.is_number) for index, column in enumerate(columns)]
            size += sum(map(len, cells))
            rows.append({name: json.loads(cell, parse_float=_exact) for name, cell in zip(names, cells, strict=True)})
    return names, rows, True


def _blocks(result: "ResultSet", rows: int, context: Context) -> Iterator[Any]:
    seen = 0
    for block in result.blocks():
        seen += len(block)
        yield block
    while result.is_open and seen < rows:
        for block in result.drain(context.task, min(_STEP, rows - seen)):
            seen += len(block)
            yield block


def _exact(text: str) -> float | str:
    """A number that a float cannot hold digit by digit stays text."""
    number = float(text)
    return number if repr(number) == text or f"{number}" == text.rstrip("0") else text


def _connection_row(profile: ConnectionProfile) -> dict[str, object]:
    return {
        "name": profile.full_name,
        "source": profile.source.value,
        "engine": profile.engine,
        "address": profile.address,
        "database": profile.database,
        "environment": profile.environment.value,
        "is_usable": profile.is_usable,
        "problem": profile.problem,
    }


def _node_row(node: "Node") -> dict[str, object]:
    return {
        "kind": str(node.kind),
        "name": node.name,
        "path": "/".join(node.path),
        "detail": node.detail,
        "comment": node.comment,
        "row_estimate": node.row_estimate,
        "size_bytes": node.size_bytes,
    }
