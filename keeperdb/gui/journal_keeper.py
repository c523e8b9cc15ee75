"""Keeps the journal of all windows: notices what changes, takes it down twice a second at most, writes elsewhere."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from keeperdb.errors import KeeperDBError
from keeperdb.gui.journal_writer import Beginning, Changes, JournalWriter
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.task import Task
from keeperdb.workspace.journal import TabHead, TabState, WindowState
from keeperdb.workspace.start_guard import StartGuard

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.journal_tabs import TabSnapshot
    from keeperdb.gui.main_window import MainWindow
    from keeperdb.gui.query_tab import QueryTab

_INTERVAL = 400  # milliseconds from a change to its writing
_SHARE = 20  # of the time at most one part goes into taking snapshots, however long the texts are
_AGAIN = 5_000  # milliseconds until the next try after an error
_PATIENCE = 5.0  # seconds for the last writing when the program ends


class JournalKeeper(QObject):
    """`troubled(error)` is emitted once when the journal cannot be written any more; until that works again, what is
    not saved has to be asked about (`is_keeping`)."""

    troubled = Signal(object)

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        data = app.workspace.paths.data
        self.writer = JournalWriter(data / "journal", StartGuard(data / "start.json"))
        self.is_keeping = True
        self.is_safe_start = False
        self._runner = app.runner
        self._lane = app.runner.lane("journal")
        self._windows: list[MainWindow] = []
        self._waiting: list[WindowState] = []  # what is not shown in a window
        self._changed: dict[QueryTab, None] = {}  # in order
        self._followed: dict[str, QueryTab] = {}
        self._pending: list[TabSnapshot] = []  # of tabs that are gone
        self._closed: list[str] = []
        self._dropped: list[str] = []
        self._is_finished = False
        self._clock = QTimer(self, singleShot=True, interval=_INTERVAL)
        self._clock.timeout.connect(self._write)

    def read(self) -> Beginning:
        """In the background, before there is a window: what was open. Raises `StoreError`."""
        return self.writer.begin()

    def begin(self, beginning: Beginning) -> None:
        """Take what was read as what waits to be shown."""
        self._waiting = [*beginning.windows, *self._waiting]
        self.is_safe_start = beginning.is_safe

    def succeed(self) -> None:
        """The start has worked; the next one may restore."""
        self._on_lane(self.writer.succeed)

    @property
    def open_before(self) -> list[WindowState]:
        """Windows that were open when the program ended, and are not shown again yet."""
        return [window for window in self._waiting if window.is_open and window.tabs]

    def take_open(self) -> list[WindowState]:
        """As `open_before`; whoever calls shows them."""
        taken = self.open_before
        self._waiting = [window for window in self._waiting if window not in taken]
        return taken

    def take(self, connection_id: str) -> WindowState | None:
        """All tabs that wait for a window of this connection, for that window; None if there are none.

        After a start that shows nothing by itself none are given, unless they were closed since.
        """
        found = [window for window in self._waiting if window.connection_id == connection_id and window.tabs]
        if not found or self.is_safe_start:
            return None
        self._waiting = [window for window in self._waiting if window not in found]
        tabs = tuple(tab for window in found for tab in window.tabs)
        return replace(found[-1], tabs=tabs, is_open=True)

    def follow(self, window: "MainWindow") -> None:
        """Keep the tabs of a window from now on."""
        self._windows.append(window)
        window.tabs.changed.connect(lambda: self._look(window))
        self._look(window)

    def close_tab(self, tab: "QueryTab") -> None:
        """A person closed a tab: it can be opened again."""
        self._let_go(tab)
        if self._take(tab):
            self._closed.append(tab.journal_id)
        self._start()

    def close_page(self, page: RestoredPage) -> None:
        """As `close_tab`, for a tab that was not looked at."""
        self._closed.append(page.head.id)
        self._start()

    def close_window(self, window: "MainWindow", *, is_last: bool) -> None:
        """A window closes: its tabs wait for the next start if it is the last, for its connection otherwise."""
        if window not in self._windows:
            return
        state = replace(self._state(window), is_open=is_last)
        for tab in window.tabs.tabs:
            if tab in self._changed:
                self._take(tab)
            self._let_go(tab)
        self._windows.remove(window)
        if state.tabs:
            self._waiting.append(state)
        self._start()

    def move_tabs(self, window: "MainWindow") -> WindowState:
        """Give the tabs of a window up, for another window to show them; the window can be closed then."""
        self.close_window(window, is_last=True)
        return self._waiting.pop() if self._waiting else WindowState("", "")

    def read_tab(
        self, tab_id: str, owner: QObject, done: Callable[[TabState], None], failed: Callable[[KeeperDBError], None]
    ) -> None:
        """Read what is kept of a tab, after what is still to be written."""
        self.write_now()
        self._runner.start(
            lambda _: self.writer.read_tab(tab_id), owner=owner, done=done, failed=failed, lane=self._lane
        )

    def reopen(
        self,
        operation: Callable[[JournalWriter], TabState | None],
        owner: QObject,
        done: Callable[[TabState | None], None],
        failed: Callable[[KeeperDBError], None],
    ) -> None:
        """Take a closed tab back, after what is still to be written."""
        self.write_now()
        self._runner.start(lambda _: operation(self.writer), owner=owner, done=done, failed=failed, lane=self._lane)

    def write_now(self) -> None:
        """Write what changed without waiting for more."""
        if self._clock.isActive():
            self._clock.stop()
            self._write()

    def finish(self) -> None:
        """The program ends: write what is left, and wait for it."""
        if self._is_finished:
            return
        self._is_finished = True
        self._clock.stop()
        for window in list(self._windows):
            self.close_window(window, is_last=True)
        self._clock.stop()
        changes = self._collect()
        self._lane.submit(lambda: self._write_last(changes))
        self._lane.close()
        self._lane.join(time.monotonic() + _PATIENCE)

    def _write_last(self, changes: Changes) -> None:
        """On the lane."""
        try:
            self.writer.write(changes)
            self.writer.succeed()
        finally:
            self.writer.release()

    def _look(self, window: "MainWindow") -> None:
        """Something about the tabs of a window is new."""
        if window not in self._windows:
            return
        for tab in window.tabs.tabs:
            if self._followed.get(tab.journal_id) is not tab:
                self._follow_tab(tab)
        self._start()

    def _follow_tab(self, tab: "QueryTab") -> None:
        self._followed[tab.journal_id] = tab
        tab.editor.textChanged.connect(lambda: self._mark(tab))
        tab.editor.caret_moved.connect(lambda *_: self._mark(tab))
        tab.changed.connect(lambda: self._mark(tab))
        self._mark(tab)

    def _mark(self, tab: "QueryTab") -> None:
        if self._followed.get(tab.journal_id) is tab:
            self._changed[tab] = None
            self._start()

    def _let_go(self, tab: "QueryTab") -> None:
        self._changed.pop(tab, None)
        self._followed.pop(tab.journal_id, None)

    def _start(self) -> None:
        if not self._clock.isActive() and not self._is_finished:
            self._clock.start()

    def _state(self, window: "MainWindow") -> WindowState:
        heads = [_head_at(page, *place) for page, place in window.tabs.places()]
        current = window.tabs.current_page
        kept = tuple(head for head in heads if head is not None)
        name = "" if current is None else current.head.id if isinstance(current, RestoredPage) else current.journal_id
        profile = window.profile
        return WindowState(profile.id, profile.name, kept, name, profile.engine, profile.path)

    def _take(self, tab: "QueryTab") -> bool:
        """Take a tab down as it is now; quick. Says whether there is anything in it."""
        from keeperdb.gui.journal_tabs import is_worth_keeping, snapshot

        is_worth = is_worth_keeping(tab)
        if is_worth:
            self._pending.append(snapshot(tab, tab.profile))
        else:
            self._dropped.append(tab.journal_id)
        return is_worth

    def _collect(self) -> Changes:
        """What changed since the last time."""
        began = time.perf_counter()
        for tab in self._changed:
            self._take(tab)
        windows = (*(self._state(window) for window in self._windows), *self._waiting)
        changes = Changes(windows, tuple(self._pending), tuple(self._closed), tuple(self._dropped))
        self._changed.clear()
        self._pending, self._closed, self._dropped = [], [], []
        self._clock.setInterval(max(_INTERVAL, int((time.perf_counter() - began) * 1000 * _SHARE)))
        return changes

    def _write(self) -> None:
        changes = self._collect()

        def write(_task: Task) -> None:
            self.writer.write(changes)

        self._runner.start(
            write,
            owner=self,
            lane=self._lane,
            done=lambda _: self._written(),
            failed=lambda error: self._fail(changes, error),
        )

    def _written(self) -> None:
        self.is_keeping = True

    def _fail(self, changes: Changes, error: KeeperDBError) -> None:
        """Nothing is forgotten: it is tried again, with what changed until then."""
        self._pending = [*changes.tabs, *self._pending]
        self._closed = [*changes.closed, *self._closed]
        self._dropped = [*changes.dropped, *self._dropped]
        if not self._is_finished:
            self._clock.start(_AGAIN)
        if self.is_keeping:
            self.is_keeping = False
            self.troubled.emit(error)

    def _on_lane(self, operation: Callable[[], None]) -> None:
        self._runner.start(lambda _: operation(), owner=self, lane=self._lane, failed=lambda _: None)


def _head_at(page: "QueryTab | RestoredPage", column: int, row: int) -> TabHead | None:
    head = page.head if isinstance(page, RestoredPage) else _head(page)
    return None if head is None else replace(head, column=column, row=row)


def _head(page: "QueryTab") -> TabHead | None:
    from keeperdb.gui.journal_tabs import head_of, is_worth_keeping

    return head_of(page) if is_worth_keeping(page) else None
