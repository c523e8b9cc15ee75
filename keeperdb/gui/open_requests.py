"""Opens what a start was asked to open: files, connections by name, and links once the person agrees."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.coming_forward import come_forward
from keeperdb.gui.links import LinkQuestions
from keeperdb.gui.start_files import StartFiles
from keeperdb.workspace.instance import Request

if TYPE_CHECKING:
    from keeperdb.gui.app import Application


class OpenRequests(QObject):
    """Takes requests at any time, and acts on them once the workspace is loaded and nothing is locked."""

    def __init__(self, app: "Application", qt: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._qt = qt
        self._waiting: list[Request] = []
        self.links = LinkQuestions(app, self)

    def take(self, request: Request) -> None:
        """Open what `request` names, now or when the program is ready; come to the front."""
        page = self._app.lock.page
        if page is not None:
            come_forward(page, request.token, self._qt)
        if page is not None or not self._app.workspace.is_loaded:
            self._waiting.append(request)
            return
        if not self._opens_windows(request):
            come_forward(self._front(), request.token, self._qt)
        self._open(request)

    def go_on(self) -> None:
        """Open what has been waiting."""
        waiting, self._waiting = self._waiting, []
        for request in waiting:
            self.take(request)

    def _opens_windows(self, request: Request) -> bool:
        return bool(request.names) and not (request.files or request.links)

    def _open(self, request: Request) -> None:
        if request.files:
            StartFiles(self._app, [Path(each) for each in request.files])
        for name in request.names:
            self._open_name(name, request.token)
        for link in request.links:
            self.links.ask(link)

    def _open_name(self, name: str, token: str) -> None:
        try:
            profile = self._app.workspace.find(name)
        except KeeperDBError as error:
            come_forward(self._front(), token, self._qt)
            self._app.show_error(self._front(), error)
            return
        if not self._app.show_window(profile):
            come_forward(self._front(), token, self._qt)
            self._app.open_window(profile, self._front())

    def _front(self) -> QWidget:
        """The window that stands for the program: the one in use, else the last connection's, else the picker."""
        active = self._qt.activeWindow()
        if active is not None and active in self._app.windows:
            return active
        return self._app.windows[-1] if self._app.windows else self._app.picker
