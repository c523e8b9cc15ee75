"""Finds objects of a database by the path that a person types."""

from collections.abc import Iterator

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError
from keeperdb.query.session import Session
from keeperdb.settings import did_you_mean
from keeperdb.task import Task

ROOT = "/"
_SEPARATORS = ("/", ".")
_DEFAULT_SCHEMA = "public"  # PostgreSQL looks there unless told otherwise


def look_up(session: Session, path: str, task: Task) -> list[Node]:
    """The nodes below `path`, which begins at the root, in the current database, or in its default schema.

    Raises `NotFoundError` with the nearest name.
    """
    if path == ROOT:
        return _below(session, None, task)
    if not path:
        return next(_starts(session, path, task))
    node = find_object(session, path, task)
    return _below(session, node, task) if node.has_children else [node]


def find_object(session: Session, path: str, task: Task) -> Node:
    """The node at `path`. Raises `NotFoundError` with the nearest name."""
    names: list[str] = []
    for nodes in _starts(session, path, task):
        found = _descend(session, nodes, path, names, task)
        if found is not None:
            return found
    first = path.split("/")[0].split(".")[0]
    hint = did_you_mean(first, names) or did_you_mean(path, names)
    raise NotFoundError(f"There is no “{path}” in the database.", hint or "Leave the path out to see what there is.")


def _starts(session: Session, path: str, task: Task) -> Iterator[list[Node]]:
    """Where a path may begin. Without a path only the current database counts, if there is one.

    Users come last: a table of the same name is meant more often.
    """
    root = session.children(None, task)
    databases = [node for node in root if node.kind is NodeKind.DATABASE]
    if not databases:
        yield _below(session, None, task)
        return
    current = next((node for node in databases if node.name == session.database), None)
    if path or current is None:
        yield databases
    if current is not None:
        inside = _below(session, current, task)
        yield inside
        default = next((node for node in inside if node.name == _DEFAULT_SCHEMA), None)
        if default is not None:
            yield _below(session, default, task)
    yield [node for heading in root if heading.kind is NodeKind.GROUP for node in session.children(heading, task)]


def _descend(session: Session, nodes: list[Node], path: str, names: list[str], task: Task) -> Node | None:
    """The node at `path` in `nodes`, or None; `names` gets what stood at the place that did not match."""
    node, rest = None, path
    while rest:
        node = _match(nodes, rest)
        if node is None:
            names += [each.name for each in nodes]
            return None
        rest = rest[len(node.name) + 1 :]
        nodes = _below(session, node, task) if rest and node.has_children else []
    return node


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
