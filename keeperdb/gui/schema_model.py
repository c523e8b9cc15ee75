"""The schema tree as a model: nodes that are loaded when they are opened, and a filter over what is loaded."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.cell_text import tooltip
from keeperdb.gui.icons import icon
from keeperdb.gui.node_text import about, beside
from keeperdb.gui.schema_item import MOST_CHILDREN, SchemaItem

Index = QModelIndex | QPersistentModelIndex

DETAIL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_HOLDERS = (NodeKind.DATABASE, NodeKind.SCHEMA, NodeKind.GROUP)
LOADING, NOTHING = "Loading…", "Nothing here"
_ROOT = QModelIndex()
_ICONS = {
    NodeKind.GROUP: "folder",
    NodeKind.MATERIALIZED_VIEW: "materialized-view",
}

_HOLDERS = (NodeKind.GROUP, NodeKind.DATABASE, NodeKind.SCHEMA)
_MOST_GROUPS = 20  # headings below a schema, and more


class SchemaModel(QAbstractItemModel):
    """Whoever shows it calls `begin_loading`, then `set_children` or `set_error`, when a node is opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = SchemaItem(None, None)
        self.filter = ""
        self.shows_system = False

    def item(self, index: Index) -> SchemaItem:
        """The item of an index; the root for an invalid one."""
        found = index.internalPointer() if index.isValid() else self.root
        return found if isinstance(found, SchemaItem) else self.root

    def index_of(self, item: SchemaItem) -> QModelIndex:
        return QModelIndex() if item is self.root else self.createIndex(item.row, 0, item)

    def needs_loading(self, item: SchemaItem) -> bool:
        return item.nodes is None and not item.is_loading and (item is self.root or item.has_children)

    def node_lists(self) -> list[list[Node]]:
        """The nodes that are known by name, as the lists that came from the server; quick however long they are."""
        return [item.nodes for item in self._walk() if item.nodes]

    def unknown_groups(self) -> list[SchemaItem]:
        """The headings below databases and schemas that were not opened yet, but for those that could not be read."""
        groups = []
        for item in self._walk():
            children = (item.child(row) for row in range(min(len(item.shown), _MOST_GROUPS)))
            groups += [each for each in children if each is not None and self._is_unknown_group(each)]
        return groups

    def _is_unknown_group(self, item: SchemaItem) -> bool:
        is_group = item.node is not None and item.node.kind is NodeKind.GROUP
        return is_group and item.words is None and self.needs_loading(item)

    def _walk(self) -> Iterator[SchemaItem]:
        """What was opened, down to the headings below schemas; not what is below a table."""
        waiting = [self.root]
        while waiting:
            item = waiting.pop()
            yield item
            waiting += [each for _, each in item.opened if each.node is not None and each.node.kind in _HOLDERS]

    def begin_loading(self, item: SchemaItem) -> None:
        """Show that the children of `item` are on their way."""
        item.is_loading = True
        self._say(item, LOADING)

    def set_children(self, item: SchemaItem, nodes: list[Node]) -> None:
        """The children of `item` have arrived."""
        item.is_loading = False
        self._remove_rows(item)
        item.set_nodes(nodes)
        self._find_shown(item, self._is_found(item))
        self._insert_rows(item)

    def set_details(self, item: SchemaItem, nodes: list[Node]) -> None:
        """More is known of the children of `item`."""
        item.replace_nodes(nodes)
        self._redraw(item)

    def set_error(self, item: SchemaItem, text: str) -> None:
        """The children of `item` could not be loaded."""
        item.is_loading = False
        self._say(item, text, is_error=True)

    def show_more(self, item: SchemaItem) -> None:
        """Show the next thousands of an item that has more children than are shown."""
        item.limit += MOST_CHILDREN
        self.beginResetModel()
        self._find_shown(item, self._is_found(item))
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Show only what has `text` in its name, and what leads there. The view has to open items anew."""
        self.filter = text.strip().casefold()
        self._rebuild()

    def set_shows_system(self, shows: bool) -> None:
        """Show objects of the system too, or leave them out."""
        self.shows_system = shows
        self._rebuild()

    def to_open(self) -> Iterator[SchemaItem]:
        """The items that are to stand open: those the person opened, and with a filter those that lead to a match."""
        waiting = [self.root]
        while waiting:
            item = waiting.pop()
            for _, child in item.opened:
                if item.is_shown(child) and child.row_count and (child.is_open or self._leads_to_match(child)):
                    yield child
                    waiting.append(child)

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        child = self.item(parent).child(row) if column == 0 else None
        return QModelIndex() if child is None else self.createIndex(row, 0, child)

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        above = self.item(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return self.item(parent).row_count if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 1

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        item = self.item(parent)
        return item is self.root or (item.node is not None and item.has_children)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        node = self.item(index).node
        return flags if node is not None and node.has_children else flags | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.item(index)
        if item is self.root:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.label
        if role == DETAIL_ROLE:
            return _beside(item)
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(_icon_name(item), "danger" if item.is_error else "muted")
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(_about(item))
        if role == Qt.ItemDataRole.AccessibleTextRole and item.node is not None:
            return f"{item.label}, {item.node.kind} {_beside(item)}".strip()
        return None

    def _say(self, item: SchemaItem, text: str, *, is_error: bool = False) -> None:
        """Show a line of words below `item`, and nothing else."""
        self._remove_rows(item)
        item.set_nodes(None)
        item.set_words(text, is_error=is_error)
        self._insert_rows(item)

    def _remove_rows(self, item: SchemaItem) -> None:
        if not item.row_count or not self._is_in_place(item):
            item.shown, item.words = [], None
            return
        self.beginRemoveRows(self.index_of(item), 0, item.row_count - 1)
        item.shown, item.words = [], None
        self.endRemoveRows()

    def _insert_rows(self, item: SchemaItem) -> None:
        """Tell of the rows that `item` has now; they must not be seen before."""
        if not item.row_count or not self._is_in_place(item):
            return
        shown, words = item.shown, item.words
        item.shown, item.words = [], None
        self.beginInsertRows(self.index_of(item), 0, len(shown) + (words is not None) - 1)
        item.shown, item.words = shown, words
        self.endInsertRows()
        if item is not self.root:
            self.dataChanged.emit(self.index_of(item), self.index_of(item))  # how many there are stands beside it

    def _redraw(self, item: SchemaItem) -> None:
        if item.shown and self._is_in_place(item):
            index = self.index_of(item)
            self.dataChanged.emit(self.index(0, 0, index), self.index(len(item.shown) - 1, 0, index))

    def _is_in_place(self, item: SchemaItem) -> bool:
        """Whether `item` can be seen once everything above it is open."""
        above: SchemaItem | None = item.parent
        while above is not None and above.is_shown(item):
            item, above = above, above.parent
        return item is self.root

    def _rebuild(self) -> None:
        self.beginResetModel()
        if self.root.nodes is not None:
            self._find_shown(self.root, is_found=not self.filter)
        self.endResetModel()

    def _find_shown(self, item: SchemaItem, is_found: bool) -> None:
        """Choose what is shown below `item`: everything if it, or one above it, matches itself."""
        if item.nodes is None:
            return
        item.visible = [n for n, node in enumerate(item.nodes) if self.shows_system or not node.is_system]
        numbers = item.visible if is_found else item.matching(self.filter)
        leading = []
        for number, child in item.opened:
            self._find_shown(child, is_found or child.matches(self.filter))
            if child.shown or child.is_loading or child.nodes is None:
                leading.append(number)
        if not is_found:
            numbers = self._with_leading(item, numbers, leading)
        item.set_shown(numbers, self._words(item, numbers), are_matches=bool(self.filter))

    def _with_leading(self, item: SchemaItem, numbers: list[int], leading: list[int]) -> list[int]:
        """With what leads to matches, and headings that were never opened, so that they can be opened and searched."""
        nodes = item.nodes or []
        above = item.node.kind if item.node is not None else NodeKind.DATABASE
        if above in (NodeKind.DATABASE, NodeKind.SCHEMA):
            loaded = {n for n, child in item.opened if child.nodes is not None}
            leading = [*leading, *(n for n in item.visible if nodes[n].kind in _HOLDERS and n not in loaded)]
            leading = [n for n in leading if nodes[n].has_children]
        if not leading:
            return numbers
        return sorted({*numbers, *leading}.intersection(item.visible))

    def _words(self, item: SchemaItem, numbers: list[int]) -> str:
        if numbers or (self.filter and item is not self.root):
            return ""
        return "No object has that in its name" if self.filter else NOTHING

    def _is_found(self, item: SchemaItem) -> bool:
        above: SchemaItem | None = item
        while above is not None and self.filter:
            if above.matches(self.filter):
                return True
            above = above.parent
        return not self.filter

    def _leads_to_match(self, item: SchemaItem) -> bool:
        if not self.filter:
            return False
        return item.has_match(self.filter) or any(
            item.is_shown(child) and self._leads_to_match(child) for _, child in item.opened
        )


def _icon_name(item: SchemaItem) -> str:
    if item.node is None:
        return "error" if item.is_error else "clock" if item.text == LOADING else "info"
    return _ICONS.get(item.node.kind, item.node.kind.value)


def _beside(item: SchemaItem) -> str:
    """Of a heading that was opened, how many objects it has."""
    if item.node is None:
        return ""
    if item.node.kind is NodeKind.GROUP:
        return f"{len(item.visible):,}" if item.visible else ""
    return beside(item.node)


def _about(item: SchemaItem) -> str:
    return item.label if item.node is None or item.node.kind is NodeKind.GROUP else about(item.node)
