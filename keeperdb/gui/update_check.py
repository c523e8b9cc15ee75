"""Looks for a newer version when the person asks for it, or at the start if they allowed that."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from keeperdb import __version__
from keeperdb.errors import KeeperDBError
from keeperdb.gui.notices import show_notice
from keeperdb.workspace.updates import newer_version

if TYPE_CHECKING:
    from keeperdb.gui.app import Application


class UpdateCheck(QObject):
    """Nothing is asked of any server before `check`, unless the settings allow it."""

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        self._app = app

    def look_if_allowed(self) -> None:
        """At the start: quietly, and only if it is allowed; a failure stays in nobody's way."""
        settings = self._app.workspace.settings
        address = settings.text("privacy.update_address")
        if settings.is_on("privacy.check_updates") and address:
            self._app.runner.start(
                lambda task: newer_version(address, task),
                owner=self,
                done=lambda version: self._tell(self._app.picker, version) if version else None,
                failed=_ignore,
            )

    def check(self, window: QWidget) -> None:
        """Now, because the person asked; what comes of it is told at `window`."""
        address = self._app.workspace.settings.text("privacy.update_address")
        if not address:
            open_it = ("Settings", lambda: self._app.show_settings("privacy"))
            show_notice(window, "There is no address of a version file yet. Enter it first.", "info", open_it)
            return
        show_notice(window, "Looking for a newer version…", seconds=0)
        self._app.runner.start(
            lambda task: newer_version(address, task),
            owner=window,
            done=lambda version: self._tell(window, version),
            failed=lambda error: show_notice(window, str(error), "warning"),
        )

    def _tell(self, window: QWidget, version: str) -> None:
        if version:
            text = f"KeeperDB {version} is there; this is {__version__}. Get it from where this one came from."
            show_notice(window, text, "info", seconds=0)
        else:
            show_notice(window, f"KeeperDB {__version__} is the newest version.", "success")


def _ignore(_: KeeperDBError) -> None:
    """Without a network the program starts as well."""
