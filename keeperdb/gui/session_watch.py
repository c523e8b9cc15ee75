"""Hears from the desktop that its session is being locked, or that the computer is about to sleep."""

import os
import sys
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

_LOGIN = "org.freedesktop.login1"  # https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html
_MANAGER = "/org/freedesktop/login1"
_SCREENSAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
)


class SessionWatch(QObject):
    """`locking` follows what logind or the screen saver say. Where there is no bus, nothing is ever heard."""

    locking = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_watching = False

    def start(self, system: QDBusConnection | None = None, session: QDBusConnection | None = None) -> None:
        """Listen from now on; on Windows and macOS there is nothing to listen to."""
        if self._is_watching or not sys.platform.startswith("linux"):
            return
        self._is_watching = True
        system = system or QDBusConnection.systemBus()
        if system.isConnected():
            sleep, lock = _slot("on_sleep(bool)"), _slot("on_lock()")
            system.connect(_LOGIN, _MANAGER, f"{_LOGIN}.Manager", "PrepareForSleep", self, sleep)
            system.connect(
                _LOGIN, own_session(os.environ.get("XDG_SESSION_ID", "")), f"{_LOGIN}.Session", "Lock", self, lock
            )
        session = session or QDBusConnection.sessionBus()
        if session.isConnected():
            for name, path in _SCREENSAVERS:
                session.connect(name, path, name, "ActiveChanged", self, _slot("on_screensaver(bool)"))

    @Slot(bool)
    def on_sleep(self, is_about_to: bool) -> None:
        """The computer is about to sleep, or awake again."""
        if is_about_to:
            self.locking.emit()

    @Slot()
    def on_lock(self) -> None:
        """The session is to be locked."""
        self.locking.emit()

    @Slot(bool)
    def on_screensaver(self, is_active: bool) -> None:
        """The screen saver, which locks, has begun or ended."""
        if is_active:
            self.locking.emit()


def own_session(number: str) -> str:
    """The path of this session among logind's objects; empty, which means any, where its number is not known.

    Characters are escaped as systemd's `bus_label_escape` does it.
    """
    if not number:
        return ""
    escaped = "".join(
        character
        if character.isascii() and (character.isalpha() or (character.isdigit() and place))
        else f"_{ord(character):02x}"
        for place, character in enumerate(number)
    )
    return f"{_MANAGER}/session/{escaped}"


def _slot(signature: str) -> Any:
    """What `QDBusConnection.connect` takes: the text, although its stub asks for bytes, which it refuses."""
    return SLOT(signature)
