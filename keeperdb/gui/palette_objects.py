"""What the palette finds of a database: its objects, by the names that the tree has read; 30,000 of them and more."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.fuzzy import Needle
from keeperdb.gui.palette_sources import Entry
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.task import Task

_WITH_DATA = (NodeKind.TABLE, NodeKind.VIEW, NodeKind.MATERIALIZED_VIEW)
_ICONS = {
    NodeKind.TABLE: "table",
    NodeKind.VIEW: "view",
    NodeKind.MATERIALIZED_VIEW: "materialized-view",
    NodeKind.ROUTINE: "routine",
    NodeKind.SEQUENCE: "sequence",
    NodeKind.TYPE: "type",
    NodeKind.EVENT: "event",
}
_MOST = 100  # of one list from the server
_CHECK_EVERY = 2_000
_NUMBERS = 1 << 32  # more than a list has nodes


class _Names:
    """The names of one list in small letters. Plain strings and numbers: the collector does not walk through them."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes  # kept, so that the list's identity stays its own
        self._lowered = [one_line(node.name).lower() if node.kind in _ICONS else "" for node in nodes]

    def best(self, needle: Needle, task: Task) -> list[Node]:
        """The nodes that fit best. Raises `Cancelled`."""
        ranks: list[int] = []
        for number, lowered in enumerate(self._lowered):
            if number % _CHECK_EVERY == 0:
                task.check()
            rank = needle.rank(lowered) if lowered else None
            if rank is not None:
                ranks.append(rank * _NUMBERS + number)
        if not ranks:
            ranks = self._with_schema(needle, task)
        return [self.nodes[rank % _NUMBERS] for rank in heapq.nsmallest(_MOST, ranks)]

    def _with_schema(self, needle: Needle, task: Task) -> list[int]:
        """Ranks by name and schema together, where a name alone does not have all that was typed."""
        ranks: list[int] = []
        for number, lowered in enumerate(self._lowered):
            if number % _CHECK_EVERY == 0:
                task.check()
            if lowered:
                rank = needle.rank(f"{lowered} {_place(self.nodes[number])}".lower(), scattered=False)
                if rank is not None:
                    ranks.append(rank * _NUMBERS + number)
        return ranks


class ObjectsSource:
    """Tables and views open with their rows, everything else with the statements that make it."""

    prefix = ""

    def __init__(self, tree: SchemaTree) -> None:
        self._tree = tree
        self._lists: list[list[Node]] = []
        self._names: dict[int, _Names] = {}

    def prepare(self) -> None:
        self._tree.load_names()
        self._lists = self._tree.model.node_lists()

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        needle, lists = Needle(text), self._lists
        known = {id(nodes): self._names.get(id(nodes)) or _Names(nodes) for nodes in lists}
        self._names = known
        for names in known.values():
            for node in names.best(needle, task):
                yield self._entry(node)

    def _entry(self, node: Node) -> Entry:
        act: Callable[[Node], None] = self._tree.open_data if node.kind in _WITH_DATA else self._tree.show_ddl
        return Entry(
            one_line(node.name),
            partial(act, node),
            id="object:" + "\0".join((node.kind, *node.path)),
            detail=_place(node),
            kind=node.kind.capitalize(),
            icon=_ICONS[node.kind],
        )


def _place(node: Node) -> str:
    return one_line(".".join(node.path[:-1]))
