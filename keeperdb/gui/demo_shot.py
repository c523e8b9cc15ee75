"""The main job without a screen: opens a vault connection, runs SQL in the real window, and keeps a picture of it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QEventLoop, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.errors import KeeperDBError, NotFoundError, StoreError
from keeperdb.gui import interrupts
from keeperdb.gui.app import Application
from keeperdb.gui.main import log_qt, make_qt
from keeperdb.gui.runner import Runner
from keeperdb.workspace import Workspace

_ROWS = 10
_SECONDS = 60.0
_SIZE = (1280, 800)
_SQL = """select artist.name as artist, count(*) as tracks, round(avg(track.milliseconds) / 60000.0, 2) as minutes
from artist
join album on album.artist_id = artist.artist_id
join track on track.album_id = album.album_id
group by artist.name
order by tracks desc, artist
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """What was done: the connections in the list, the one that was opened, the SQL and its first rows as text."""

    connections: tuple[ConnectionProfile, ...]
    opened: ConnectionProfile
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    pictures: tuple[Path, ...]


def shoot(workspace: Workspace, picture: Path, sql: str = _SQL) -> Shot:
    """Show the picker, open a vault connection, run `sql`, save a picture of the window.

    `workspace` is loaded and has a vault attached. A picture of the picker is saved beside `picture`. Uses the
    offscreen platform unless `QT_QPA_PLATFORM` names another. Raises `KeeperDBError` for what a person would see, and
    `KeyboardInterrupt` for Ctrl+C and its like.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = make_qt()
    qInstallMessageHandler(log_qt)
    app = Application(qt, workspace, Runner(qt))
    flow = _Flow(qt, app, sql)
    try:
        with interrupts.calling(flow.interrupt):
            return flow.run(picture)
    finally:
        app.shut_down()


class _Flow:
    """The steps of a person, one after the other, with the first error kept."""

    def __init__(self, qt: QApplication, app: Application, sql: str) -> None:
        self._qt = qt
        self._app = app
        self._sql = sql
        self._error: BaseException | None = None
        app.error_shown.connect(self._keep_error)
        app.runner.crashed.connect(self._keep_error)

    def run(self, picture: Path) -> Shot:
        app = self._app
        app.start()
        app.picker.resize(*_SIZE)
        self._wait(lambda: app.picker.model.shown > 0 and not app.refresh.is_running)
        profile = self._choose()
        app.picker.view.select_profile(profile.id)
        self._settle()
        list_picture = picture.with_name(f"{picture.stem}-connections{picture.suffix}")
        _save(app.picker.grab().save(str(list_picture)), list_picture)
        app.open_window(profile)
        self._wait(lambda: bool(app.windows))
        window = app.windows[0]
        window.resize(*_SIZE)
        window.open_sql(self._sql, "artists", True)
        tab = window.tabs.current
        if tab is None:
            raise NotFoundError("The window has no tab.")
        self._wait(lambda: tab.results.current is not None and not tab.is_running)
        self._settle()
        _save(window.grab().save(str(picture)), picture)
        view = tab.results.current
        if view is None:
            raise NotFoundError("The statement returned no rows.")
        result = view.result
        columns = tuple(column.name for column in result.columns or ())
        rows = tuple(
            tuple(result.text(row, column) for column in range(len(columns)))
            for row in range(min(_ROWS, result.row_count))
        )
        return Shot(tuple(app.workspace.profiles()), profile, self._sql, columns, rows, (list_picture, picture))

    def interrupt(self) -> None:
        self._keep_error(KeyboardInterrupt())

    def _choose(self) -> ConnectionProfile:
        """A vault connection that can be opened; the file database needs no server."""
        usable = [profile for profile in self._app.workspace.profiles(Source.VAULT) if profile.is_usable]
        if not usable:
            raise NotFoundError("No vault connection can be opened.", "Attach a vault first.")
        files = [profile for profile in usable if profile.engine == "sqlite"] or usable
        return next((profile for profile in files if profile.name == "Chinook"), files[0])

    def _wait(self, is_done: Callable[[], bool]) -> None:
        """Let the window live until `is_done`. Raises what went wrong in it meanwhile."""
        loop, timer = QEventLoop(), QTimer()
        deadline = monotonic() + _SECONDS
        timer.timeout.connect(lambda: loop.quit() if is_done() or self._error or monotonic() > deadline else None)
        timer.start(20)
        loop.exec()
        if self._error is not None:
            raise self._error
        if not is_done():
            raise KeeperDBError("The window did not get ready in time.", "Look into the log, then try again.")

    def _settle(self) -> None:
        """Let what was just shown be laid out and painted; the tree opens its first level meanwhile."""
        end = monotonic() + 0.5
        self._wait(lambda: monotonic() > end and self._app.runner.is_idle)

    def _keep_error(self, error: BaseException) -> None:
        self._error = self._error or error


def _save(is_saved: bool, path: Path) -> None:
    if not is_saved:
        raise StoreError(f"The picture could not be saved as {path}.", "Choose another place.")
