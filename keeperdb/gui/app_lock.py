"""Locks the whole program: no content and no title is seen, credentials are forgotten, and one way leads back."""

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from keeperdb.errors import KeeperDBError, KeychainError, KeychainReason
from keeperdb.gui.idle_watch import IdleWatch
from keeperdb.gui.notices import show_notice
from keeperdb.gui.words import count
from keeperdb.keychain.secret import Secret
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.lock_page import LockPage
    from keeperdb.settings import Settings
    from keeperdb.workspace.chosen_keychain import ChosenKeychain

_FREE_TRIES = 3  # after which each wrong one costs twice as long as the one before
_LONGEST_WAIT = 60_000  # milliseconds
_POPUPS = (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
MASTER, PIN, NONE = "Master password", "PIN", ""  # the ways back, as the page names them
_ABOUT = {
    MASTER: "Passwords are in the encrypted file, which is locked as well.",
    PIN: "",
    NONE: "There is no PIN, so whoever is at this computer can unlock KeeperDB. A PIN is set in Settings → Privacy.",
}


class AppLock(QObject):
    """`changed` follows locking and unlocking; `page` is there while the program is locked."""

    changed = Signal()

    def __init__(self, app: "Application", qt: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._qt = qt
        self.page: LockPage | None = None
        self._way = NONE
        self._hidden: list[QWidget] = []
        self._active: QWidget | None = None
        self._kept = 0  # sessions with something that would be lost
        self._wrong = 0
        self._asked_to_quit = False
        self._listens = False
        self._idle = IdleWatch(qt)
        self._idle.idle.connect(self.lock)

    def begin(self) -> None:
        """The workspace was loaded: follow its settings, and begin locked if they say so."""
        settings = self._app.workspace.settings
        self.follow(settings)
        if settings.is_on("privacy.lock_at_start"):
            self.lock()

    def follow(self, settings: "Settings") -> None:
        """Take the settings into use."""
        self._idle.watch(settings.number("privacy.lock_minutes") * 60.0)
        if settings.is_on("privacy.lock_with_session") and not self._listens:
            from keeperdb.gui.session_watch import SessionWatch

            self._listens = True
            watch = SessionWatch(self)
            watch.locking.connect(self._lock_with_session)
            watch.start()

    def lock(self) -> None:
        """Cover everything, and forget what was typed and unlocked."""
        if self.page is not None or not self._app.workspace.is_loaded:
            return
        self._active = self._qt.activeWindow()
        self._asked_to_quit, self._wrong = False, 0
        self.page = self._make_page()
        self._cover(self.page)
        self._forget()
        self.changed.emit()
        self._find_way()

    def _lock_with_session(self) -> None:
        if self._app.workspace.settings.is_on("privacy.lock_with_session"):
            self.lock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While locked: what opens by itself, such as the window of a connection, waits unseen."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and self._is_content(watched):
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            QTimer.singleShot(0, watched, lambda: self._hide(watched))
        return False

    def _make_page(self) -> "LockPage":
        from keeperdb.gui.lock_page import LockPage

        page = LockPage()
        page.answered.connect(self._answer)
        page.quit_requested.connect(self._quit)
        return page

    def _cover(self, page: "LockPage") -> None:
        window = _main_window_of(self._active) or next((each for each in self._app.windows if each.isVisible()), None)
        if window is not None:
            page.setGeometry(window.geometry())
        page.show()
        QToolTip.hideText()
        self._qt.installEventFilter(self)
        for window in self._qt.topLevelWidgets():
            if window.isVisible() and self._is_content(window):
                self._hide(window)
        page.raise_()
        page.activateWindow()

    def _is_content(self, widget: QWidget) -> bool:
        return widget.isWindow() and widget is not self.page and widget.windowType() != Qt.WindowType.ToolTip

    def _hide(self, window: QWidget) -> None:
        if self.page is None:
            self._bring_back(window)
        elif window.windowType() in _POPUPS:
            window.close()
        else:
            window.hide()
            if window not in self._hidden:
                self._hidden.append(window)

    def _forget(self) -> None:
        from keeperdb.gui.query_session import QuerySession

        workspace = self._app.workspace
        workspace.keychain.lock()
        self._app.gate.forgotten.emit()
        clears = workspace.settings.is_on("privacy.lock_clears_rows")
        self._kept = 0
        for window in self._app.windows:
            if clears:
                window.forget_rows()
            self._kept += sum(not session.release() for session in window.findChildren(QuerySession))

    def _find_way(self) -> None:
        keychain = self._app.workspace.keychain
        page = self.page
        if page is not None:
            page.set_busy(True)
            self._app.runner.start(
                lambda _: _way_back(keychain),
                owner=page,
                done=self._show_way,
                failed=lambda error: self._show_way(NONE, str(error)),
            )

    def _show_way(self, way: str, trouble: str = "") -> None:
        self._way = way
        if self.page is not None:
            kept = f"{count(self._kept, 'session')} with something to lose stayed open." if self._kept else ""
            self.page.show_way(way, " ".join(part for part in (trouble or _ABOUT[way], kept) if part))

    def _answer(self, secret: Secret) -> None:
        page, keychain, way = self.page, self._app.workspace.keychain, self._way
        if page is not None:
            self._app.runner.start(
                lambda task: _check(keychain, way, secret, task),
                owner=page,
                done=lambda _: self._unlock(),
                failed=self._refuse,
            )

    def _refuse(self, error: KeeperDBError) -> None:
        self._wrong += 1
        wait = min(_LONGEST_WAIT, 1_000 * 2 ** (self._wrong - _FREE_TRIES)) if self._wrong > _FREE_TRIES else 0
        page = self.page
        if page is None:
            return
        if self._way == NONE:
            self._find_way()
        page.fail(f"{error} Wait {wait // 1_000} s." if wait else str(error))
        if wait:
            page.set_busy(True)
            QTimer.singleShot(wait, page, lambda: page.set_busy(False))

    def _unlock(self) -> None:
        page, self.page = self.page, None
        self._qt.removeEventFilter(self)
        hidden, self._hidden = [each for each in self._hidden if shiboken6.isValid(each)], []
        for window in hidden:
            self._bring_back(window)
        if page is not None:
            page.close_for_good()
        active, self._active = self._active, None
        if active is not None and active in hidden:
            active.raise_()
            active.activateWindow()
        self.changed.emit()
        self._go_on()

    def _bring_back(self, window: QWidget) -> None:
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
        window.show()

    def _go_on(self) -> None:
        """Vaults are read again; what was kept open is said."""
        window = self._app.windows[-1] if self._app.windows else self._app.picker
        if self._kept:
            text = (
                f"{count(self._kept, 'session')} stayed open: a transaction, rows to fetch or settings were at stake."
            )
            show_notice(window, text, "info")
        if self._app.workspace.settings.is_on("vaults.refresh_at_start"):
            self._app.refresh.start(window)
        self._app.requests.go_on()

    def _quit(self) -> None:
        page = self.page
        if page is None:
            return
        if self._kept and not self._asked_to_quit:
            self._asked_to_quit = True
            page.quit_button.setText("Quit and roll back what is open")
            return
        page.close_for_good()
        self._qt.quit()


def _main_window_of(widget: QWidget | None) -> QWidget | None:
    """The window that a dialog belongs to, or the window itself."""
    while widget is not None and widget.window().windowType() != Qt.WindowType.Window:
        widget = widget.window().parentWidget()
    return widget.window() if widget is not None else None


def _way_back(keychain: "ChosenKeychain") -> str:
    """Raises `KeychainError`."""
    from keeperdb.workspace.pin import has_pin

    if keychain.kind == "file" and not keychain.is_new:
        return MASTER
    try:
        return PIN if has_pin(keychain) else NONE
    except KeychainError as error:
        if error.reason is KeychainReason.MISSING:  # no keychain, so nobody can have set a PIN
            return NONE
        raise


def _check(keychain: "ChosenKeychain", way: str, secret: Secret, task: Task) -> None:
    """Raises `KeychainError` for the wrong answer."""
    from keeperdb.workspace.pin import check_pin

    task.check()
    if way == MASTER:
        keychain.unlock(secret)
    elif way == PIN:
        check_pin(keychain, secret)
    elif _way_back(keychain) != NONE:  # it could not be read before, and can now
        raise KeychainError(KeychainReason.LOCKED, "Enter the PIN.", "Lock and unlock the keychain if there is none.")
