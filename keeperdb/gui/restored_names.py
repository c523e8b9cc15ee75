"""The objects of a window that is not connected: tables and views by the names that were read the last time."""

from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.query.completion.kept import KeptNames
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.task import Task


def kept_nodes(kept: KeptNames, task: Task) -> list[Node]:
    """In the background: a flat list, since nothing is known of what else there is. Empty if nothing was kept."""
    index = kept.read(task)
    return [] if index is None else _nodes(index)


def show_kept(tree: SchemaTree, nodes: list[Node]) -> None:
    """Put them into a tree that has not been connected; connecting replaces them."""
    if nodes and tree.model.root.nodes is None and not tree.model.root.is_loading:
        tree.model.set_children(tree.model.root, nodes)


def _nodes(index: NameIndex) -> list[Node]:
    has_schemas = len({table.schema for table in index.tables}) > 1
    return [_node(table, has_schemas) for table in index.tables]


def _node(table: TableName, has_schemas: bool) -> Node:
    kind = NodeKind.VIEW if table.is_view else NodeKind.TABLE
    detail = ".".join(table.schema) if has_schemas else ""
    return Node(kind, table.name, table.path, detail, comment=table.comment)
