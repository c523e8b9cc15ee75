"""The statements that make an object of Redshift, as its SHOW commands write them."""

from collections.abc import Callable

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError, UnsupportedError

Query = Callable[..., list[tuple[str | None, ...]]]

_IS_EXTERNAL = "SELECT 1 FROM svv_external_tables t WHERE t.schemaname = $1 AND t.tablename = $2"
_IS_PROCEDURE = """
SELECT 1 FROM pg_proc_info p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1 AND p.proname || '(' || oidvectortypes(p.proargtypes) || ')' = $2 AND p.prokind = 'p'
"""


def ddl(query: Query, node: Node) -> str:
    """The statement that makes `node`. Raises `NotFoundError`, `UnsupportedError`, `QueryError`."""
    text = "\n".join(row[0] or "" for row in query(_show(query, node))).strip()
    if not text:
        raise NotFoundError(f"There is no {node.kind} “{node.name}” any more.", "Refresh the objects.")
    return text.rstrip(";") + ";\n"


def _show(query: Query, node: Node) -> str:
    """The SHOW command (https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW.html)."""
    if node.kind is NodeKind.TABLE:
        is_external = bool(query(_IS_EXTERNAL, node.path[1:]))
        return f"SHOW {'EXTERNAL ' if is_external else ''}TABLE {_full(node.path)}"
    if node.kind in (NodeKind.VIEW, NodeKind.MATERIALIZED_VIEW):
        return f"SHOW VIEW {_full(node.path)}"
    if node.kind is NodeKind.ROUTINE and query(_IS_PROCEDURE, node.path[1:]):
        name, _, arguments = node.path[-1].rpartition("(")
        return f"SHOW PROCEDURE {_full((*node.path[:-1], name))}({arguments}"
    raise UnsupportedError(f"Redshift does not tell the statement that makes {node.name}.")


def _full(path: tuple[str, ...]) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in path[1:])
