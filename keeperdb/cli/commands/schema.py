"""`keeperdb schema`: the objects of a database, or the parts of one object."""

from collections.abc import Iterator

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_list
from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError
from keeperdb.query.session import Session
from keeperdb.settings import did_you_mean
from keeperdb.task import Task

_COLUMNS = ("kind", "name", "detail")
_SEPARATORS = ("/", ".")
_ROOT = "/"
_DEFAULT_SCHEMA = "public"  # PostgreSQL looks there unless told otherwise


def run(context: Context) -> int:
    arguments = context.arguments
    session = context.open(context.workspace.find(arguments.name))
    try:
        nodes = context.run(lambda task: _look_up(session, arguments.path, task))
    finally:
        context.run(lambda task: session.close())
    rows = [
        {"kind": str(node.kind), "name": node.name, "path": "/".join(node.path), "detail": node.detail}
        for node in nodes
    ]
    write_list(context.out, arguments.format, rows, _COLUMNS)
    return exit_codes.OK


def _look_up(session: Session, path: str, task: Task) -> list[Node]:
    """The nodes below `path`, which begins at the root, in the current database, or in its default schema.

    Raises `NotFoundError` with the nearest name.
    """
    names: list[str] = []
    for nodes in _starts(session, path, task):
        if path in ("", _ROOT):
            return nodes
        found = _descend(session, nodes, path, names, task)
        if found is not None:
            return found
    first = path.split("/")[0].split(".")[0]
    hint = did_you_mean(first, names) or did_you_mean(path, names)
    raise NotFoundError(f"There is no “{path}” in the database.", hint or "Leave the path out to see what there is.")


def find_object(session: Session, path: str, task: Task) -> Node:
    """The object that `path` leads to; it begins where the paths of the command do.

    Raises `NotFoundError` with the nearest name.
    """
    names: list[str] = []
    for nodes in _starts(session, path, task):
        found = _go_to(session, nodes, path, names, task)
        if found is not None:
            return found
    raise NotFoundError(f"There is no “{path}” in the database.", did_you_mean(path, names))


def _go_to(session: Session, nodes: list[Node], path: str, names: list[str], task: Task) -> Node | None:
    """The node at the end of `path`, which begins in `nodes`."""
    rest = path
    while (node := _match(nodes, rest)) is not None:
        rest = rest[len(node.name) + 1 :]
        if not rest:
            return node
        nodes = _below(session, node, task)
    names += [each.name for each in nodes]
    return None


def _starts(session: Session, path: str, task: Task) -> Iterator[list[Node]]:
    """Where a path may begin. Without a path only the current database counts, if there is one."""
    root = _below(session, None, task)
    current = next((node for node in root if node.kind is NodeKind.DATABASE and node.name == session.database), None)
    if path or current is None:
        yield root
    if current is not None:
        inside = _below(session, current, task)
        yield inside
        default = next((node for node in inside if node.name == _DEFAULT_SCHEMA), None)
        if default is not None:
            yield _below(session, default, task)


def _descend(session: Session, nodes: list[Node], path: str, names: list[str], task: Task) -> list[Node] | None:
    """The nodes below `path` in `nodes`, or None; `names` gets what stood at the place that did not match."""
    rest = path
    while rest:
        node = _match(nodes, rest)
        if node is None:
            names += [node.name for node in nodes]
            return None
        rest = rest[len(node.name) + 1 :]
        nodes = _below(session, node, task) if node.has_children else [node]
    return nodes


def _below(session: Session, node: Node | None, task: Task) -> list[Node]:
    """The nodes below `node`, with headings replaced by what is below them."""
    found: list[Node] = []
    for child in session.children(node, task):
        found += _below(session, child, task) if child.kind is NodeKind.GROUP else [child]
    return found


def _match(nodes: list[Node], text: str) -> Node | None:
    """The node with the longest name that `text` begins with; upper and lower case differ only where they must."""
    for fold in (str, str.casefold):
        fitting = [node for node in nodes if _begins_with(fold(text), fold(node.name))]
        if fitting:
            return max(fitting, key=lambda each: len(each.name))
    return None


def _begins_with(text: str, name: str) -> bool:
    return text == name or any(text.startswith(name + separator) for separator in _SEPARATORS)
