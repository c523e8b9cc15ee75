"""Tabs that were open before, in one main window: they stand in their places, and are made when looked at."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from keeperdb.data.staged import StagedChanges
from keeperdb.data.table_state import TableState
from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.gui.journal_tabs import TABLE, fill, staged_of, table_of
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.workspace.journal import TabState, WindowState

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_NUMBERED = re.compile(r"query (\d{1,6})")


class RestoredTabs(QObject):
    """`opened(tab)` follows each tab that was made from what was kept. Nothing is run and nothing connected to."""

    opened = Signal(object)

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        window.tabs.changed.connect(self._look)

    def show(self, state: WindowState) -> None:
        """Put all tabs of a window in their places, the one that was looked at in front."""
        pages = [RestoredPage(head) for head in state.tabs]
        current = next((page for page in pages if page.head.id == state.current), pages[0])
        self._fill_panes(pages, current)
        for page in pages:
            page.asked.connect(self._look)

    def _fill_panes(self, pages: list[RestoredPage], current: RestoredPage) -> None:
        """Split the window as it was."""
        tabs, column = self._window.tabs, -1
        places = sorted({(page.head.column, page.head.row) for page in pages})
        for number, place in enumerate(places):
            there = [page for page in pages if (page.head.column, page.head.row) == place]
            if number:
                tabs.split(is_below=place[0] == column)
            column = place[0]
            tabs.add_restored(there, current if current in there else there[0])
        tabs.go_to_page(current)

    def highest_number(self, state: WindowState) -> int:
        """The highest number that an untitled tab has."""
        matches = (_NUMBERED.fullmatch(head.title) for head in state.tabs)
        return max((int(match[1]) for match in matches if match is not None), default=0)

    @property
    def is_settled(self) -> bool:
        """Whether the tab that is looked at is there with its text, or says why it is not."""
        page = self._window.tabs.current_page
        if isinstance(page, RestoredPage):
            return page.has_said
        return page is None or not page.editor.is_loading

    def close(self, page: RestoredPage) -> None:
        """Close a tab that was not looked at; it can be opened again."""
        if self._window.tabs.remove_page(page):
            self._app.journal.close_page(page)
            page.deleteLater()

    def close_others(self) -> None:
        """Close the tabs of the active pane that were not looked at."""
        for page in self._window.tabs.active.restored_pages:
            self.close(page)

    def reopen_last(self) -> None:
        """Bring back the tab of this connection that was closed last, in whatever run of the program that was."""
        connection_id = self._window.profile.id
        self._app.journal.reopen(
            lambda writer: writer.reopen_last(connection_id), self, self._reopened, self._show_error
        )

    def reopen(self, tab_id: str) -> None:
        """Bring back a closed tab."""
        self._app.journal.reopen(lambda writer: writer.reopen(tab_id), self, self._reopened, self._show_error)

    def open_state(self, state: TabState, page: RestoredPage | None = None) -> QueryTab | None:
        """Make a tab of what was kept, in the place of `page` or behind the others."""
        try:
            tab = self._make(state)
        except StoreError as error:
            if page is not None:
                page.show_error(error)
            else:
                self._show_error(error)
            return None
        if page is not None:
            self._window.tabs.replace(page, tab)
            page.deleteLater()
        else:
            self._window.tabs.add(tab)
        self._open_staged(state)
        self.opened.emit(tab)
        return tab

    def _make(self, state: TabState) -> QueryTab:
        """Raises `StoreError`."""
        if state.kind == TABLE:
            table = table_of(state)
            opened = self._window.make_table_tab(table.path)
            opened.journal_id = state.id
            opened.restore(table)
            return opened
        tab = self._window.make_tab(state.title or "query")
        fill(tab, state)
        return tab

    def _open_staged(self, state: TabState) -> None:
        """What was staged in results of a query goes on in tabs of its tables: the results themselves are gone."""
        try:
            found = staged_of(state) if state.kind != TABLE else []
        except StoreError as error:
            self._show_error(error)
            return
        for staged in found:
            self._open_table(staged)

    def _open_table(self, staged: StagedChanges) -> None:
        tab = self._window.make_table_tab(staged.path)
        size = self._app.workspace.settings.number("results.page_size")
        tab.restore(TableState(staged.path, size, staged=staged))
        self._window.tabs.add(tab)

    def _reopened(self, state: TabState | None) -> None:
        if state is None:
            show_notice(self._window, "No tab of this connection was closed.", seconds=4)
        else:
            self.open_state(state)

    def _look(self) -> None:
        """Open the tabs that are seen, if they were only in their places."""
        for pane in self._window.tabs.panes:
            page = pane.currentWidget()
            if isinstance(page, RestoredPage) and not page.is_opening:
                self._open(page)

    def _open(self, page: RestoredPage) -> None:
        if not page.may_open:
            page.show_huge()
            return
        page.is_opening = True
        QTimer.singleShot(0, page, lambda: self._read(page))  # it may be about to be closed

    def _read(self, page: RestoredPage) -> None:
        self._app.journal.read_tab(
            page.head.id, page, lambda state: self._place(state, page), lambda error: self._refuse(page, error)
        )

    def _place(self, state: TabState, page: RestoredPage) -> None:
        if self._window.tabs.has_page(page):
            self.open_state(state, page)

    def _refuse(self, page: RestoredPage, error: KeeperDBError) -> None:
        page.show_error(error)

    def _show_error(self, error: KeeperDBError) -> None:
        show_error(self._window, error)
