"""The statements that make a table or view of Redshift: what SHOW TABLE and SHOW VIEW say.

https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLE.html and r_SHOW_VIEW.html; other kinds have no such command.
"""

from collections.abc import Callable

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError, UnsupportedError

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

_SHOWN = {NodeKind.TABLE: "TABLE", NodeKind.VIEW: "VIEW", NodeKind.MATERIALIZED_VIEW: "VIEW"}


def ddl(query: Query, node: Node) -> str:
    """The statement that makes `node`. Raises `UnsupportedError` for what Redshift does not show, `NotFoundError`."""
    word = _SHOWN.get(node.kind)
    if word is None:
        raise UnsupportedError(f"Redshift does not tell the statement that makes a {node.kind}.")
    name = ".".join('"' + part.replace('"', '""') + '"' for part in node.path)
    text = "\n".join(row[0] or "" for row in query(f"SHOW {word} {name}")).strip()
    if not text:
        raise NotFoundError(f"There is no {node.kind} “{node.name}” any more.", "Refresh the objects.")
    return text.rstrip(";") + ";\n"
