"""The schema tree as a model: nodes that are loaded when they are opened, and a filter over what is loaded."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.icons import icon

Index = QModelIndex | QPersistentModelIndex

MOST_CHILDREN = 2_000  # shown below one node; the filter finds the others
DETAIL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
LOADING, NOTHING = "Loading…", "Nothing here"
_ROOT = QModelIndex()
_ICONS = {
    NodeKind.GROUP: "folder",
    NodeKind.MATERIALIZED_VIEW: "materialized-view",
}


class SchemaItem:
    """A node in its place in the tree, or a line of words (`node` None). `children` is None until they are loaded."""

    __slots__ = ("children", "is_error", "is_loading", "is_open", "node", "parent", "row", "searched", "shown", "text")

    def __init__(self, node: Node | None, parent: "SchemaItem | None", text: str = "", is_error: bool = False) -> None:
        self.node = node
        self.parent = parent
        self.text = one_line(node.name) if node is not None else text
        self.searched = "" if node is None or node.kind is NodeKind.GROUP else node.name.casefold()
        self.is_error = is_error
        self.is_loading = False
        self.is_open = False  # as the person left it, whatever the filter opens
        self.row = 0
        self.children: list[SchemaItem] | None = None
        self.shown: list[SchemaItem] = []

    @property
    def has_children(self) -> bool:
        if self.children is None:
            return self.node is None or self.node.has_children
        return bool(self.shown)


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
        return item.children is None and not item.is_loading and (item is self.root or item.has_children)

    def begin_loading(self, item: SchemaItem) -> None:
        """Show that the children of `item` are on their way."""
        item.is_loading = True
        item.children = None
        self._show(item, [SchemaItem(None, item, LOADING)])

    def set_children(self, item: SchemaItem, nodes: list[Node]) -> None:
        """The children of `item` have arrived."""
        item.is_loading = False
        item.children = [SchemaItem(node, item) for node in nodes]
        for child in item.children:
            child.children = None if child.node is not None and child.node.has_children else []
        self._show(item, self._filtered(item, self._is_found(item)))

    def set_error(self, item: SchemaItem, text: str) -> None:
        """The children of `item` could not be loaded."""
        item.is_loading = False
        item.children = None
        self._show(item, [SchemaItem(None, item, text, is_error=True)])

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
        waiting = list(self.root.shown)
        while waiting:
            item = waiting.pop()
            if item.shown and (item.is_open or (self.filter and self._leads_to_match(item))):
                yield item
                waiting += item.shown

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        shown = self.item(parent).shown
        return self.createIndex(row, column, shown[row]) if 0 <= row < len(shown) and column == 0 else QModelIndex()

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        above = self.item(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return len(self.item(parent).shown) if parent.column() <= 0 else 0

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
            return item.text
        if role == DETAIL_ROLE:
            return one_line(item.node.detail) if item.node is not None else ""
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(_icon_name(item), "danger" if item.is_error else "muted")
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(_about(item))
        if role == Qt.ItemDataRole.AccessibleTextRole and item.node is not None:
            return f"{item.text}, {item.node.kind} {one_line(item.node.detail)}".strip()
        return None

    def _show(self, item: SchemaItem, shown: list[SchemaItem]) -> None:
        """Replace the rows below `item`."""
        index = self.index_of(item)
        if item.shown:
            self.beginRemoveRows(index, 0, len(item.shown) - 1)
            item.shown = []
            self.endRemoveRows()
        if shown:
            self.beginInsertRows(index, 0, len(shown) - 1)
            _place(item, shown)
            self.endInsertRows()

    def _rebuild(self) -> None:
        self.beginResetModel()
        if self.root.children is not None:
            _place(self.root, self._filtered(self.root, False))
        self.endResetModel()

    def _filtered(self, item: SchemaItem, is_found: bool) -> list[SchemaItem]:
        """The children of `item` to be shown; all of them when `item` or one above it matches itself."""
        shown = []
        for child in item.children or ():
            if child.node is not None and child.node.is_system and not self.shows_system:
                continue
            matches = is_found or not self.filter or self.filter in child.searched
            if child.children:
                _place(child, self._filtered(child, matches if self.filter else True))
            if matches or _has_nodes(child) or self._may_hold_more(child):
                shown.append(child)
        return self._with_words(item, shown)

    def _with_words(self, item: SchemaItem, shown: list[SchemaItem]) -> list[SchemaItem]:
        if not shown and not (self.filter and item is not self.root):
            return [SchemaItem(None, item, "No object has that in its name" if self.filter else NOTHING)]
        if len(shown) > MOST_CHILDREN:
            more = f"{len(shown) - MOST_CHILDREN:,} more: type in the filter to find them"
            return [*shown[:MOST_CHILDREN], SchemaItem(None, item, more)]
        return shown

    def _may_hold_more(self, item: SchemaItem) -> bool:
        """A schema or a heading that was never opened stays, so that it can be opened and searched."""
        kinds = (NodeKind.DATABASE, NodeKind.SCHEMA, NodeKind.GROUP)
        above = item.parent.node if item.parent is not None else None
        in_object = above is not None and above.kind not in (NodeKind.DATABASE, NodeKind.SCHEMA)
        return item.children is None and item.node is not None and item.node.kind in kinds and not in_object

    def _is_found(self, item: SchemaItem) -> bool:
        above: SchemaItem | None = item
        while above is not None and self.filter:
            if self.filter in above.searched:
                return True
            above = above.parent
        return not self.filter

    def _leads_to_match(self, item: SchemaItem) -> bool:
        return any(self.filter in child.searched or self._leads_to_match(child) for child in item.shown)


def _place(item: SchemaItem, shown: list[SchemaItem]) -> None:
    item.shown = shown
    for row, child in enumerate(shown):
        child.row = row


def _has_nodes(item: SchemaItem) -> bool:
    return item.children is not None and any(child.node is not None for child in item.shown)


def _icon_name(item: SchemaItem) -> str:
    if item.node is None:
        return "error" if item.is_error else "clock" if item.text == LOADING else "info"
    return _ICONS.get(item.node.kind, item.node.kind.value)


def _about(item: SchemaItem) -> str:
    if item.node is None or item.node.kind is NodeKind.GROUP:
        return item.text
    path = " · ".join(one_line(name) for name in item.node.path) or item.text
    return "\n".join(part for part in (path, f"{item.node.kind} {item.node.detail}".strip()) if part)
