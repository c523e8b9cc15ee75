"""Starts the window: the one place that makes the application and keeps it."""

import logging
import sys
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from keeperdb import log
from keeperdb.errors import KeeperDBError
from keeperdb.gui import interrupts
from keeperdb.gui.app import Application
from keeperdb.gui.collecting import Collecting
from keeperdb.gui.resources import application_icon
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import apply_theme
from keeperdb.workspace import Options, Workspace

_log = logging.getLogger(__name__)
_SWITCH_INTERVAL = 0.001  # seconds that a thread keeps the interpreter from the window; Python itself says 0.005
_INTERRUPTED = 130  # as a shell says it
_QT_LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(options: Options, workspace: Workspace | None = None) -> int:
    """Show the window and return the exit code when the last one was closed.

    `workspace`, when given, is loaded already: the demo hands over the one that it attached its vault to.
    Ctrl+C, SIGTERM and SIGHUP end it as well, with the code of an interruption. Raises `StoreError`.
    """
    qt = make_qt()
    paths = options.paths()
    log.set_up(paths.logs)
    qInstallMessageHandler(log_qt)
    workspace = workspace or Workspace(paths, mode=options.mode, endpoint=options.endpoint)
    app = Application(qt, workspace, Runner(qt))
    collecting = Collecting(qt)
    sys.excepthook = _excepthook(app)
    app.start(options.files)
    with interrupts.calling(lambda: qt.exit(_INTERRUPTED)):
        code = qt.exec()
    if not app.shut_down():  # the threads are daemons, so that even this does not keep the program from ending
        _log.warning("A driver did not end in time")
    collecting.stop()
    log.tear_down()
    return code


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
