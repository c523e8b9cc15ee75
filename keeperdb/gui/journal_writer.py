"""What the journal does in the background, on one lane: it writes only what changed since it wrote last."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keeperdb.workspace.journal import Journal, TabState, WindowState
from keeperdb.workspace.journal_folders import JournalClaim
from keeperdb.workspace.start_guard import StartGuard

if TYPE_CHECKING:
    from keeperdb.gui.journal_tabs import TabSnapshot


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the last writing: tabs as they are now, tabs that were closed, tabs that became empty."""

    windows: tuple[WindowState, ...]
    tabs: "tuple[TabSnapshot, ...]" = ()
    closed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was open before, and whether nothing of it may be shown by itself, because two starts failed."""

    windows: tuple[WindowState, ...]
    is_safe: bool


class JournalWriter:
    """All of it blocks and raises `StoreError`; one call at a time, on whatever thread."""

    def __init__(self, folder: Path, guard: StartGuard) -> None:
        self._folder = folder
        self._guard = guard
        self._claim: JournalClaim | None = None
        self._tabs: dict[str, TabSnapshot] = {}  # as they were written
        self._windows: tuple[WindowState, ...] | None = None
        self._lock = threading.Lock()

    def begin(self) -> Beginning:
        """Read what was open, and count this start if there is something that could make it fail."""
        with self._lock:
            if not self._folder.exists():
                return Beginning((), is_safe=False)
            is_safe = self._guard.begin()
            return Beginning(tuple(self._journal().windows()), is_safe)

    def succeed(self) -> None:
        """The start has worked."""
        with self._lock:
            self._guard.succeeded()

    def write(self, changes: Changes) -> None:
        """Write down what changed."""
        with self._lock:
            for each in changes.tabs:
                self._write_tab(each)
            for tab_id in changes.closed:
                self._journal().close_tab(tab_id)
                self._tabs.pop(tab_id, None)
            for tab_id in changes.dropped:
                self._journal().drop_tab(tab_id)
                self._tabs.pop(tab_id, None)
            if changes.windows != self._windows:
                self._journal().write_windows(changes.windows)
                self._windows = changes.windows

    def read_tab(self, tab_id: str) -> TabState:
        """Raises `NotFoundError` too."""
        with self._lock:
            return self._journal().read_tab(tab_id)

    def closed_tabs(self) -> list[TabState]:
        """Without their texts, the last closed first."""
        with self._lock:
            return self._journal().closed_tabs()

    def reopen(self, tab_id: str) -> TabState:
        """Raises `NotFoundError` too."""
        with self._lock:
            return self._journal().reopen_tab(tab_id)

    def reopen_last(self, connection_id: str) -> TabState | None:
        """The tab of a connection that was closed last; None if there is none."""
        with self._lock:
            journal = self._journal()
            found = next((each for each in journal.closed_tabs() if each.connection_id == connection_id), None)
            return None if found is None else journal.reopen_tab(found.id)

    def release(self) -> None:
        """The program ends."""
        with self._lock:
            if self._claim is not None:
                self._claim.release()
                self._claim = None

    def _journal(self) -> Journal:
        if self._claim is None:
            self._claim = JournalClaim(self._folder)
        return self._claim.journal

    def _write_tab(self, tab: "TabSnapshot") -> None:
        before = self._tabs.get(tab.state.id)
        if not tab.is_same(before):
            has_new_text = before is None or before.state.text != tab.state.text
            self._journal().write_tab(tab.complete(), has_new_text=has_new_text)
            self._tabs[tab.state.id] = tab
