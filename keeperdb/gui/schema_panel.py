"""What is in the panel Objects: the connection switcher over the schema tree."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.gui.switcher import Switcher

_WIDTH = 280  # pixels, where no layout is remembered


class SchemaPanel(QWidget):
    """The focus goes to the tree."""

    def __init__(self, switcher: Switcher, tree: SchemaTree) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(switcher)
        column.addWidget(tree, 1)
        self.setFocusProxy(tree.view)
        self._column = column

    def add_bar(self, bar: QWidget) -> None:
        """Put `bar` between the switcher and the tree."""
        self._column.insertWidget(1, bar)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, super().sizeHint().height())
