"""Goes to a table or a column in the schema tree, through what has to be loaded on the way."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from keeperdb.engines.base import NodeKind
from keeperdb.gui.schema_item import SchemaItem
from keeperdb.gui.schema_tree import SchemaTree

_LISTS = ("Tables", "Views", "Materialized views")
_LOOK = 40  # milliseconds between two looks at whether something was loaded
_LOOKS = 500
_HOLDERS = (NodeKind.DATABASE, NodeKind.SCHEMA)


class SchemaReveal(QObject):
    """Selects the node at `path`, or its column; gives up where the tree lacks it."""

    def __init__(self, tree: SchemaTree, path: tuple[str, ...], column: str = "") -> None:
        super().__init__(tree)
        self._tree = tree
        self._path = path
        self._column = column
        self._looks = 0
        self._timer = QTimer(self, interval=_LOOK)
        self._timer.timeout.connect(self._step)
        if tree.filter.text():
            tree.filter_now("")
        self._timer.start()
        self._step()

    def _step(self) -> None:
        self._looks += 1
        found = self._find(self._tree.model.root)
        if found is not None or self._looks > _LOOKS or not self._is_waiting:
            if found is not None:
                self._select(found)
            self._timer.stop()
            self.deleteLater()

    def _find(self, root: SchemaItem) -> SchemaItem | None:
        """The item, if everything on the way is loaded; else `_is_waiting` tells that something is on its way."""
        self._is_waiting = False
        table = self._below(root)
        if table is None or not self._column:
            return table
        heading = self._child(table, lambda item: item.node is not None and item.node.name == "Columns")
        parts = heading or table
        if not self._is_loaded(parts):
            return None
        column = self._child(parts, lambda item: item.node is not None and item.node.name == self._column)
        return column or table

    def _below(self, item: SchemaItem) -> SchemaItem | None:
        if not self._is_loaded(item):
            return None
        for row in self._rows(item):
            child = item.child(row)
            node = child.node if child is not None else None
            if child is None or node is None:
                continue
            if node.path == self._path and node.kind is not NodeKind.GROUP:
                return child
            leads = node.kind in _HOLDERS and node.path == self._path[: len(node.path)]
            if leads or (node.kind is NodeKind.GROUP and node.name in _LISTS and node.path == self._path[:-1]):
                found = self._below(child)
                if found is not None or self._is_waiting:
                    return found
        return None

    def _rows(self, item: SchemaItem) -> list[int]:
        """Of a long list only the row of what is looked for, which a filter brings up where it is not shown."""
        nodes = item.nodes or []
        number = next((n for n, each in enumerate(nodes) if each.path == self._path), -1)
        if number < 0 or nodes[number].kind is NodeKind.GROUP:
            return list(range(len(item.shown)))
        if number not in item.shown:
            self._tree.filter_now(self._path[-1])
        return [item.shown.index(number)] if number in item.shown else []

    def _is_loaded(self, item: SchemaItem) -> bool:
        if self._tree.model.needs_loading(item) and item.words is None:
            self._tree.load(item)
        self._is_waiting = item.is_loading
        return item.nodes is not None

    def _child(self, item: SchemaItem, fits: Callable[[SchemaItem], bool]) -> SchemaItem | None:
        if not self._is_loaded(item):
            return None
        children = (item.child(row) for row in range(len(item.shown)))
        return next((child for child in children if child is not None and fits(child)), None)

    def _select(self, item: SchemaItem) -> None:
        view, model = self._tree.view, self._tree.model
        above = item.parent
        while above is not None and above is not model.root:
            view.expand(model.index_of(above))
            above = above.parent
        view.setCurrentIndex(model.index_of(item))
        view.scrollTo(model.index_of(item))
        view.setFocus()
