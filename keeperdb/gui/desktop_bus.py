"""Sends a notification to the desktop over the session bus, as freedesktop.org's specification 1.2 has it."""

import html
import sys
import time
from enum import Enum, auto
from typing import TYPE_CHECKING

from keeperdb.task import Task

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_SECONDS = 3.0  # that each answer of the desktop may take
_WAIT = 600.0  # seconds that a click is waited for
_LOOK = 0.5  # seconds between two looks at whether anybody still waits
_APP = "KeeperDB"
_DESKTOP_ENTRY = "keeperdb"  # whose icon stands beside it
_BY_THE_DESKTOP = -1  # how long it is shown
_CLICK = "default"  # the action of the notification itself


class Answer(Enum):
    """What became of a notification."""

    NOT_SHOWN = auto()
    SHOWN = auto()
    CLICKED = auto()


def notify(title: str, text: str, task: Task | None = None) -> Answer:
    """Show a notification. Blocks; what it cannot do is no error.

    With a `task` it waits for a click until the notification is closed, the task is cancelled, or ten minutes are
    over. A desktop that reads markup in `text` is given it escaped.
    """
    if sys.platform != "linux":
        return Answer.NOT_SHOWN
    try:
        from jeepney import DBusErrorResponse
        from jeepney.io.blocking import open_dbus_connection
    except ImportError:
        return Answer.NOT_SHOWN
    try:
        with open_dbus_connection(bus="SESSION") as connection:
            return _show(connection, title, text, task)
    except (OSError, KeyError, ValueError, IndexError, TypeError, TimeoutError, DBusErrorResponse):
        return Answer.NOT_SHOWN  # no bus, nobody on it that shows notifications, or one that answers something else


def _show(connection: "DBusConnection", title: str, text: str, task: Task | None) -> Answer:
    from jeepney import DBusAddress, MatchRule, new_method_call
    from jeepney.bus_messages import message_bus
    from jeepney.wrappers import unwrap_msg

    address = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
    asked = connection.send_and_get_reply(new_method_call(address, "GetCapabilities"), timeout=_SECONDS)
    abilities = asked.body[0]
    body = html.escape(text, quote=False) if "body-markup" in abilities else text
    can_click = task is not None and "actions" in abilities
    actions = [_CLICK, "Show"] if can_click else []
    hints = {"desktop-entry": ("s", _DESKTOP_ENTRY)}
    values: tuple[object, ...] = (_APP, 0, _DESKTOP_ENTRY, title, body, actions, hints, _BY_THE_DESKTOP)
    sent = new_method_call(address, "Notify", "susssasa{sv}i", values)
    rule = MatchRule(type="signal", interface=_NAME, path=_PATH)
    if not can_click or task is None:
        unwrap_msg(connection.send_and_get_reply(sent, timeout=_SECONDS))
        return Answer.SHOWN
    unwrap_msg(connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=_SECONDS))
    with connection.filter(rule) as signals:
        number = unwrap_msg(connection.send_and_get_reply(sent, timeout=_SECONDS))[0]
        end = time.monotonic() + _WAIT
        while time.monotonic() < end and not task.is_cancelled:
            try:
                signal = connection.recv_until_filtered(signals, timeout=_LOOK)
            except TimeoutError:
                continue
            if signal.body[0] == number:
                return Answer.CLICKED if signal.body[1] == _CLICK else Answer.SHOWN  # or closed, for a reason
    return Answer.SHOWN
