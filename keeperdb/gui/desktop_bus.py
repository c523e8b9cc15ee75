"""Sends a notification to the desktop over the session bus, as freedesktop.org's specification 1.2 has it."""

import html
import sys

_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_SECONDS = 3.0  # that each answer of the desktop may take
_APP = "KeeperDB"
_DESKTOP_ENTRY = "keeperdb"  # whose icon stands beside it
_BY_THE_DESKTOP = -1  # how long it is shown


def notify(title: str, text: str) -> bool:
    """Show a notification; say whether the desktop took it. Blocks; what it cannot do is no error.

    A desktop that reads markup in `text` is given it escaped.
    """
    if sys.platform != "linux":
        return False
    try:
        from jeepney import DBusAddress, DBusErrorResponse, new_method_call
        from jeepney.io.blocking import open_dbus_connection
        from jeepney.wrappers import unwrap_msg
    except ImportError:
        return False
    address = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
    try:
        with open_dbus_connection(bus="SESSION") as connection:
            asked = connection.send_and_get_reply(new_method_call(address, "GetCapabilities"), timeout=_SECONDS)
            body = html.escape(text, quote=False) if "body-markup" in asked.body[0] else text
            hints = {"desktop-entry": ("s", _DESKTOP_ENTRY)}
            values: tuple[object, ...] = (_APP, 0, _DESKTOP_ENTRY, title, body, [], hints, _BY_THE_DESKTOP)
            sent = new_method_call(address, "Notify", "susssasa{sv}i", values)
            unwrap_msg(connection.send_and_get_reply(sent, timeout=_SECONDS))
    except (OSError, KeyError, ValueError, IndexError, TypeError, TimeoutError, DBusErrorResponse):
        return False  # no bus, nobody on it that shows notifications, or one that answers something else
    return True
