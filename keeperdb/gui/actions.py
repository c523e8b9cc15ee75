"""Makes the actions that the table of actions names, each with its keys, tooltip and accessible name."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.shortcuts import shortcuts

_REASON = "reason"  # of a disabled action: what has to be done first
_NAMED = "action_id"  # of a button that does what an action does


def make_action(
    action_id: str,
    owner: QWidget,
    act: Callable[[], object],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> QAction:
    """Make the action `action_id` of the table, add it to `owner`, and call `act` when it is triggered.

    Menus and the command palette find it by its name; its keys follow the settings.

    Raises:
        KeyError: the table has no such action.
    """
    spec = ACTIONS[action_id]
    action = QAction(spec.text, owner)
    action.setObjectName(spec.id)
    action.setShortcutContext(context)
    _show_keys(action)
    action.triggered.connect(lambda _checked: act())
    owner.addAction(action)
    return action


def set_available(action: QAction, is_available: bool, reason: str = "") -> None:
    """Let an action act, or not: then menus and the palette say `reason`, what has to be done first."""
    said = "" if is_available else reason
    if action.isEnabled() != is_available or reason_of(action) != said:
        action.setProperty(_REASON, said)
        action.setEnabled(is_available)
        _show_tip(action)


def reason_of(action: QAction) -> str:
    """Why an action cannot act now; empty if it can, or nothing was said."""
    reason = action.property(_REASON)
    return reason if isinstance(reason, str) and not action.isEnabled() else ""


def describe_button(button: QAbstractButton, action_id: str) -> None:
    """Give a button without words the name and the tooltip, with the keys, of the action that it stands for.

    Raises:
        KeyError: the table has no such action.
    """
    button.setProperty(_NAMED, ACTIONS[action_id].id)
    if not button.text():
        button.setAccessibleName(ACTIONS[action_id].text.rstrip("…"))
    button.setToolTip(_tip(action_id))


def follow_keys(app: QApplication) -> None:
    """Show the keys that are in force on every action and button of every window."""
    for widget in app.allWidgets():
        for action in widget.actions():
            if action.objectName() in ACTIONS and action.parent() is widget:
                _show_keys(action)
        action_id = widget.property(_NAMED)
        if isinstance(action_id, str):
            widget.setToolTip(_tip(action_id))


def _show_keys(action: QAction) -> None:
    keys = shortcuts().keys(action.objectName())
    action.setShortcuts([QKeySequence(each) for each in keys])
    _show_tip(action)


def _show_tip(action: QAction) -> None:
    action.setToolTip(reason_of(action) or _tip(action.objectName()))


def _tip(action_id: str) -> str:
    keys = shortcuts().native(action_id)
    tip = ACTIONS[action_id].tip
    return f"{tip} ({keys})" if keys else tip
