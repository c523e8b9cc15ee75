"""Makes the actions that the table of actions names, each with its keys, tooltip and accessible name."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from keeperdb.gui.action_table import ACTIONS


def make_action(
    action_id: str,
    owner: QWidget,
    act: Callable[[], object],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> QAction:
    """Make the action `action_id` of the table, add it to `owner`, and call `act` when it is triggered.

    Raises:
        KeyError: the table has no such action.
    """
    spec = ACTIONS[action_id]
    action = QAction(spec.text, owner)
    action.setObjectName(spec.id)
    action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
    action.setShortcutContext(context)
    action.setToolTip(f"{spec.tip} ({spec.keys[0]})" if spec.keys else spec.tip)
    action.triggered.connect(lambda _checked: act())
    owner.addAction(action)
    return action
