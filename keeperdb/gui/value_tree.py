"""A tree of JSON in a widget, each branch filled when it is opened."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.value_content import TreeNode

_NODE = Qt.ItemDataRole.UserRole
_MOST_CHILDREN = 2_000  # that a branch shows at once
_GAP = 16  # pixels between the names and the values
_OPEN_FIRST = 50  # members of the root up to which branches below it are opened


def fill_tree(tree: QTreeWidget, root: TreeNode) -> None:
    """Show `root` alone in `tree`; its text is never markup."""
    tree.clear()
    if not tree.property("fills"):
        tree.setProperty("fills", True)
        tree.itemExpanded.connect(_fill)
    top = _item(root, "JSON")
    tree.addTopLevelItem(top)
    top.setExpanded(True)
    if top.childCount() <= _OPEN_FIRST:
        for index in range(top.childCount()):
            child = top.child(index)
            if child is not None and _count(child) <= _OPEN_FIRST:
                child.setExpanded(True)
    tree.resizeColumnToContents(0)
    tree.setColumnWidth(0, tree.columnWidth(0) + _GAP)


def _item(node: TreeNode, name: str = "") -> QTreeWidgetItem:
    item = QTreeWidgetItem([one_line(name or node.name) or "(empty name)", one_line(node.value, 2_000)])
    item.setData(0, _NODE, node)
    if node.children:
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
    return item


def _fill(item: QTreeWidgetItem) -> None:
    node = item.data(0, _NODE)
    if not isinstance(node, TreeNode) or item.childCount():
        return
    item.addChildren([_item(child) for child in node.children[:_MOST_CHILDREN]])
    left = len(node.children) - _MOST_CHILDREN
    if left > 0:
        item.addChild(QTreeWidgetItem([f"{left:,} more", "Look at it as indented JSON"]))


def _count(item: QTreeWidgetItem) -> int:
    node = item.data(0, _NODE)
    return len(node.children) if isinstance(node, TreeNode) else 0
