"""What the palette finds of the past: statements that were run, saved queries, and tabs that were closed."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from keeperdb.errors import StoreError
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.history_list import described, statement_line
from keeperdb.gui.journal_tabs import TABLE
from keeperdb.gui.palette_sources import Entry
from keeperdb.gui.saved_query_panel import open_saved
from keeperdb.query.history import HistoryEntry
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

CLOSED_PREFIX = "closed: "
_SHORTEST = 2  # letters after which the history is searched
_MOST = 30
_NAME = 24


class HistorySource:
    """Statements that were run, by their words; they are opened in a tab and not run."""

    prefix = ""

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        self._app, self._window = app, window

    def prepare(self) -> None:
        """The history is searched as it is."""

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        if len(text) < _SHORTEST:
            return
        task.check()
        try:
            found = self._app.history.history.search(text, limit=_MOST)
        except StoreError:  # the panel says so
            return
        yield from (self._entry(each) for each in found)

    def _entry(self, entry: HistoryEntry) -> Entry:
        line = statement_line(entry)
        act = partial(self._window.new_tab, entry.sql, line[:_NAME])
        return Entry(line, act, detail=described(entry), kind="History", icon="history")


class SavedSource:
    """Saved queries, by name, folder and tags."""

    prefix = ""

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        self._app, self._window = app, window
        self._entries: list[Entry] = []

    def prepare(self) -> None:
        self._entries = [
            Entry(
                one_line(query.name),
                partial(open_saved, self._window, self._app, query),
                f"saved:{query.path}",
                detail=one_line(" ".join(("/".join(query.folder), *(f"#{tag}" for tag in query.tags))).strip()),
                kind="Saved query",
                icon="save",
            )
            for query in self._app.saved_queries.queries
        ]
        self._app.saved_queries.look()

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        yield from self._entries


class ClosedTabsSource:
    """Tabs that were closed, the last first."""

    prefix = CLOSED_PREFIX

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        self._app, self._window = app, window

    def prepare(self) -> None:
        self._app.journal.write_now()

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        task.check()
        try:
            found = self._app.journal.writer.closed_tabs()
        except StoreError:  # the window said so
            return
        for state in found:
            is_elsewhere = state.kind == TABLE and state.connection_id != self._window.profile.id
            yield Entry(
                one_line(state.title),
                partial(self._window.restored.reopen, state.id),
                detail=one_line(" · ".join(part for part in (state.connection, state.file) if part)),
                kind="Closed tab",
                icon="undo",
                reason=f"A table of {one_line(state.connection)}: open it there." if is_elsewhere else "",
            )
