"""The statements that make an object of MySQL or MariaDB: what SHOW CREATE says, and parts cut from it."""

import re
from collections.abc import Callable

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError, UnsupportedError

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

# SHOW CREATE names these, and what they are made of, without their database, or as they were typed.
_NAMED_BARELY = {
    *(NodeKind.TABLE, NodeKind.VIEW, NodeKind.SEQUENCE),
    *(NodeKind.ROUTINE, NodeKind.TRIGGER, NodeKind.EVENT),
}
_DELIMITERS = ("$$", "//", "%%", "&&", "$$$$")
_ROUTINE_TYPE = """
SELECT ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = %s AND ROUTINE_NAME = %s
    AND CONCAT(LOWER(ROUTINE_TYPE), COALESCE(CONCAT(' → ', NULLIF(DTD_IDENTIFIER, '')), '')) = %s
"""
_TRIGGERS_OF = """
SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = %s AND EVENT_OBJECT_TABLE = %s
ORDER BY ACTION_TIMING DESC, EVENT_MANIPULATION, ACTION_ORDER
"""
_KEY_LINE = re.compile(r"(?:UNIQUE |FULLTEXT |SPATIAL |VECTOR )?(?:KEY|INDEX) (?P<name>`(?:[^`]|``)*`)")
_PRIMARY_LINE = re.compile(r"PRIMARY KEY ")
_CONSTRAINT_LINE = re.compile(r"CONSTRAINT (?P<name>`(?:[^`]|``)*`) ")
_COLUMN_LINE = re.compile(r"(?P<name>`(?:[^`]|``)*`) ")
_PIECES = re.compile(r"`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|[(),]|[^`'(),]+", re.DOTALL)
# The hash of a password in every form that SHOW CREATE USER writes it
_SECRET = re.compile(r"(?P<before>\b(?:AS|PASSWORD|USING)\s+)(?:'(?:[^'\\]|''|\\.)*'|0x[0-9A-Fa-f]+)")


def ddl(query: Query, node: Node) -> str:
    """The statements that make `node`. Raises `NotFoundError` when it is gone, `UnsupportedError` for a heading."""
    make = _MAKERS.get(node.kind)
    if make is None:
        raise UnsupportedError(f"A {node.kind} has no statement that makes it.")
    text = make(query, node).rstrip("\n") + "\n"
    return f"USE {quote(node.path[0])};\n\n{text}" if node.kind in _NAMED_BARELY else text


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _database(query: Query, node: Node) -> str:
    return f"{_shown(query, node, 'DATABASE', 1)};"


def _table(query: Query, node: Node) -> str:
    """With the triggers, which SHOW CREATE TABLE leaves out."""
    parts = [f"{_shown(query, node, 'TABLE', 1)};"]
    for (name,) in query(_TRIGGERS_OF, node.path):
        parts.append(_trigger(query, Node(NodeKind.TRIGGER, name or "", (*node.path, name or ""))))
    return "\n\n".join(parts)


def _view(query: Query, node: Node) -> str:
    return f"{_shown(query, node, 'VIEW', 1)};"


def _sequence(query: Query, node: Node) -> str:
    return f"{_shown(query, node, 'SEQUENCE', 1)};"


def _routine(query: Query, node: Node) -> str:
    rows = query(_ROUTINE_TYPE, (*node.path, node.detail))
    if not rows:
        raise _gone(node)
    return _program(query, node, (rows[0][0] or "").upper(), 2)


def _trigger(query: Query, node: Node) -> str:
    own = Node(node.kind, node.name, (node.path[0], node.name))
    return _program(query, own, "TRIGGER", 2)


def _event(query: Query, node: Node) -> str:
    return _program(query, node, "EVENT", 3)


def _user(query: Query, node: Node) -> str:
    """The account, or the role, and its grants. Hashes of passwords are left out."""
    user, _, host = node.name.rpartition("@")
    account = f"{quote(user)}@{quote(host)}" if user else quote(host)
    created = (query(f"SHOW CREATE USER {account}")[0][0] or "") if user else f"CREATE ROLE {account}"
    grants = [text or "" for (text,) in query(f"SHOW GRANTS FOR {account}")]
    return "\n".join(f"{_SECRET.sub(_without_secret, text)};" for text in (created, *grants))


def _without_secret(match: re.Match[str]) -> str:
    return f"{match['before']}'<left out>'"


def _column(query: Query, node: Node) -> str:
    return _part(query, node, "ADD COLUMN", _COLUMN_LINE)


def _key(query: Query, node: Node) -> str:
    patterns = (_PRIMARY_LINE,) if node.name == "PRIMARY" else (_CONSTRAINT_LINE, _KEY_LINE)
    return _part(query, node, "ADD", *patterns)


def _index(query: Query, node: Node) -> str:
    return _part(query, node, "ADD", *((_PRIMARY_LINE,) if node.name == "PRIMARY" else (_KEY_LINE,)))


def _part(query: Query, node: Node, verb: str, *patterns: re.Pattern[str]) -> str:
    """ALTER TABLE with what CREATE TABLE says of one of its parts."""
    table = Node(NodeKind.TABLE, node.path[1], node.path[:2])
    try:
        shown = _shown(query, table, "TABLE", 1)
    except IndexError as error:
        raise _gone(node) from error
    for line in _lines(shown):
        for pattern in patterns:
            match = pattern.match(line)
            if match and (not match.groupdict() or match["name"] == quote(node.name)):
                return f"ALTER TABLE {_qualified(table)} {verb} {line};"
    raise UnsupportedError(
        f"The {node.kind} “{node.name}” has no statement of its own.", "It is part of the DDL of its table or view."
    )


def _lines(create: str) -> list[str]:
    """What stands between the brackets of CREATE TABLE, part by part."""
    parts: list[str] = []
    current, depth = "", 0
    for piece in _PIECES.findall(create):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth == 0 and piece == ")":
            return [*parts, current.strip()]
        if depth == 1 and piece == ",":
            parts.append(current.strip())
            current = ""
        elif depth > 1 or (depth == 1 and piece != "("):
            current += piece
    return parts


def _program(query: Query, node: Node, kind: str, place: int) -> str:
    """CREATE of what has statements inside, between DELIMITER lines, under the SQL mode that it was made with."""
    row = _show(query, kind, _qualified(node), node)
    body, mode = row[place], row[1] or ""
    if body is None:
        raise UnsupportedError(
            f"The server does not show the {node.kind} “{node.name}” to this user.",
            "Ask for the SHOW_ROUTINE privilege.",
        )
    delimiter = next(each for each in _DELIMITERS if each not in body)
    text = f"DELIMITER {delimiter}\n{body}{delimiter}\nDELIMITER ;"
    current = query("SELECT @@sql_mode")[0][0] or ""
    if mode == current:
        return text
    return f"SET SESSION sql_mode = '{mode}';\n{text}\nSET SESSION sql_mode = '{current}';"


def _shown(query: Query, node: Node, kind: str, place: int) -> str:
    return _show(query, kind, _qualified(node), node)[place] or ""


def _show(query: Query, kind: str, name: str, node: Node) -> tuple[str | None, ...]:
    rows = query(f"SHOW CREATE {kind} {name}")
    if not rows:
        raise _gone(node)
    return rows[0]


def _qualified(node: Node) -> str:
    return ".".join(quote(name) for name in node.path)


def _gone(node: Node) -> NotFoundError:
    return NotFoundError(f"There is no {node.kind} “{node.name}” any more.", "Refresh the objects.")


_MAKERS: dict[NodeKind, Callable[[Query, Node], str]] = {
    NodeKind.DATABASE: _database,
    NodeKind.TABLE: _table,
    NodeKind.VIEW: _view,
    NodeKind.SEQUENCE: _sequence,
    NodeKind.ROUTINE: _routine,
    NodeKind.TRIGGER: _trigger,
    NodeKind.EVENT: _event,
    NodeKind.USER: _user,
    NodeKind.COLUMN: _column,
    NodeKind.KEY: _key,
    NodeKind.INDEX: _index,
}
