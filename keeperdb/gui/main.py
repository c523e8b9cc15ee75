"""Starts the window: the one place that makes the application and keeps it."""

import logging
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from keeperdb import log
from keeperdb.errors import KeeperDBError
from keeperdb.gui import interrupts
from keeperdb.gui.app import RESTART, Application
from keeperdb.gui.collecting import Collecting
from keeperdb.gui.crash_file import CrashFile
from keeperdb.gui.file_open_events import FileOpenEvents
from keeperdb.gui.resources import application_icon
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import apply_theme
from keeperdb.program import own_command
from keeperdb.workspace import Options, Workspace
from keeperdb.workspace.instance import Claim, Request

if TYPE_CHECKING:
    from keeperdb.gui.single_instance import InstanceServer

_log = logging.getLogger(__name__)
_SWITCH_INTERVAL = 0.001  # seconds that a thread keeps the interpreter from the window; Python itself says 0.005
_INTERRUPTED = 130  # as a shell says it
_QT_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(
    options: Options,
    workspace: Workspace | None = None,
    *,
    claim: Claim | None = None,
    request: Request | None = None,
) -> int:
    """Show the window and return the exit code when the last one was closed.

    `workspace`, when given, is loaded already: the demo hands over the one that it attached its vault to. With a
    `claim`, later starts hand over what they are to open, as this one opens what `request` names.
    Ctrl+C, SIGTERM and SIGHUP end it as well, with the code of an interruption. Raises `StoreError`.
    """
    qt = make_qt()
    paths = options.paths()
    log.set_up(paths.logs)
    qInstallMessageHandler(log_qt)
    crashes = CrashFile(paths.logs)
    crashes.begin()
    workspace = workspace or Workspace(paths, mode=options.mode, endpoint=options.endpoint)
    app = Application(qt, workspace, Runner(qt))
    collecting = Collecting(qt)
    sys.excepthook = _excepthook(app)
    app.start()
    server = _serve(claim, app) if claim is not None else None
    if server is not None:
        server.requested.connect(app.requests.take)
    if sys.platform == "darwin":
        opened = FileOpenEvents(app)
        opened.requested.connect(app.requests.take)
        qt.installEventFilter(opened)
    if request is not None and request != Request(token=request.token):
        app.requests.take(request)
    crashes.tell(app)
    with interrupts.calling(lambda: qt.exit(_INTERRUPTED)):
        code = qt.exec()
    if not app.shut_down():  # the threads are daemons, so that even this does not keep the program from ending
        _log.warning("A driver did not end in time")
    collecting.stop()
    if server is not None:
        server.close()
    crashes.end()
    log.tear_down()
    if code == RESTART:
        _start_again(options, claim)
        return 0
    return code


def _serve(claim: Claim, app: Application) -> "InstanceServer":
    """Qt's network module is imported while the first window is read in the background."""
    from keeperdb.gui.single_instance import InstanceServer

    return InstanceServer(claim, app)


def _start_again(options: Options, claim: Claim | None) -> None:
    """Start the program once more for the same home."""
    if claim is not None:
        claim.give_up()
    home = [] if options.home is None else ["--home", str(options.home)]
    subprocess.Popen(own_command(*home, "gui"), start_new_session=True)


def make_qt() -> QApplication:
    """The one `QApplication`, with name, icon and theme; the theme of the settings follows when they are read."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("KeeperDB")
    qt.setDesktopFileName("keeperdb")
    qt.setWindowIcon(application_icon())
    qt.setQuitOnLastWindowClosed(False)  # the picker hides while windows are open
    sys.setswitchinterval(_SWITCH_INTERVAL)
    apply_theme(qt)
    return qt


def log_qt(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    """For `qInstallMessageHandler`: Qt's warnings go to the log, but what the offscreen platform lacks is no news."""
    if kind in _QT_LEVELS and not message.startswith("This plugin does not support"):
        _log.log(_QT_LEVELS[kind], "Qt: %s", message)


def _excepthook(app: Application) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeeperDBError):
            app.show_error(None, error)
            return
        _log.error("%s on the UI thread", kind.__name__, exc_info=error)
        app.show_crash(error)

    return show
