"""What stands in the place of the tabs while none is open: what can be done then."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.actions import describe_button
from keeperdb.gui.notices import plain_label

_ACTIONS = ("file.new_tab", "file.reopen_tab", "view.go_to")


class EmptyTabs(QWidget):
    """Its buttons trigger the actions of the window that it is in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = [self._button(action_id) for action_id in _ACTIONS]
        self.setFocusProxy(self.buttons[0])
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch(2)
        column.addWidget(plain_label("No tab is open", "heading"), 0, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(row)
        column.addStretch(3)

    def _button(self, action_id: str) -> QPushButton:
        button = QPushButton(ACTIONS[action_id].text)
        describe_button(button, action_id)
        button.clicked.connect(lambda _checked: self._trigger(action_id))
        return button

    def _trigger(self, action_id: str) -> None:
        action = self.window().findChild(QAction, action_id, Qt.FindChildOption.FindDirectChildrenOnly)
        if action is not None:
            action.trigger()
