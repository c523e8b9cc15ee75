"""`keeperdb schema`: the objects of a database, or the parts of one object."""

from collections.abc import Iterable

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
    """The nodes below `path`. Raises `NotFoundError` with the nearest name."""
    nodes = _below(session, None, task)
    rest = path
    while rest:
        node, rest = _match(nodes, rest, path)
        nodes = _below(session, node, task)
    return nodes


def _below(session: Session, node: Node | None, task: Task) -> list[Node]:
    """The nodes below `node`, with headings replaced by what is below them."""
    found: list[Node] = []
    for child in session.children(node, task):
        found += _below(session, child, task) if child.kind is NodeKind.GROUP else [child]
    return found


def _match(nodes: Iterable[Node], text: str, path: str) -> tuple[Node, str]:
    """The node with the longest name that `text` begins with, and what comes behind it."""
    candidates = list(nodes)
    for fold in (str, str.casefold):
        fitting = [node for node in candidates if _begins_with(fold(text), fold(node.name))]
        if fitting:
            node = max(fitting, key=lambda each: len(each.name))
            return node, text[len(node.name) + 1 :]
    first = text.split("/")[0].split(".")[0]
    hint = did_you_mean(first, [node.name for node in candidates]) or did_you_mean(
        text, [node.name for node in candidates]
    )
    raise NotFoundError(f"There is no “{path}” in the database.", hint or "Leave the path out to see what there is.")


def _begins_with(text: str, name: str) -> bool:
    return text == name or any(text.startswith(name + separator) for separator in _SEPARATORS)
