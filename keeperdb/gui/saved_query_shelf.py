"""The saved queries as the windows know them: listed in the background, and again when another program changed them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from keeperdb.errors import KeeperDBError
from keeperdb.query.saved_queries import SavedQueries, SavedQuery
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

T = TypeVar("T")

_FOLDER = "queries"  # below the data folder, unless the settings name another


class SavedQueryShelf(QObject):
    """`changed` follows when there are other queries than before; `queries` and `folders` are what is there."""

    changed = Signal()

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        self._app = app
        self._lane = app.runner.lane("saved queries")
        self.queries: list[SavedQuery] = []
        self.folders: list[tuple[str, ...]] = []
        self._is_looking = False

    @property
    def saved(self) -> SavedQueries:
        """Those in the folder of the settings."""
        chosen = self._app.workspace.settings.text("tabs.queries_folder").strip()
        return SavedQueries(Path(chosen).expanduser() if chosen else self._app.workspace.paths.data / _FOLDER)

    def look(self) -> None:
        """Look whether there is something new."""
        if self._is_looking:
            return
        self._is_looking = True
        saved = self.saved

        def ended() -> None:
            self._is_looking = False

        self._app.runner.start(
            lambda _: (saved.all(), saved.folders()),
            owner=self,
            lane=self._lane,
            done=self._take,
            failed=lambda _: self._take(([], [])),
            finished=ended,
        )

    def run(
        self,
        operation: Callable[[SavedQueries], T],
        owner: QObject,
        done: Callable[[T], object],
        failed: Callable[[KeeperDBError], object],
    ) -> None:
        """Do something with the files in the background; then look what there is."""
        saved = self.saved

        def act(_task: Task) -> T:
            return operation(saved)

        self._app.runner.start(act, owner=owner, lane=self._lane, done=done, failed=failed, finished=self.look)

    def _take(self, found: tuple[list[SavedQuery], list[tuple[str, ...]]]) -> None:
        if (self.queries, self.folders) != found:
            self.queries, self.folders = found
            self.changed.emit()
