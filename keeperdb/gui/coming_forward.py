"""Brings a window to the front for a start that asked for it."""

import os

from PySide6.QtWidgets import QApplication, QWidget


def come_forward(window: QWidget, token: str, qt: QApplication) -> None:
    """Bring a window to the front; `token` is what the desktop gave the start that asked for it.

    Qt's Wayland part takes the token from the environment: https://wayland.app/protocols/xdg-activation-v1.
    """
    if token and qt.platformName().startswith("wayland"):
        os.environ["XDG_ACTIVATION_TOKEN"] = token
    if window.isMinimized():
        window.showNormal()
    window.show()
    window.raise_()
    window.activateWindow()
    qt.alert(window)
