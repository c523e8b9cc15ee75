"""The main window: one connection with its schema tree, its SQL tabs and what they say."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu

from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.engines.registry import get_engine
from keeperdb.gui.action_finder import ActionFinder
from keeperdb.gui.actions import make_action
from keeperdb.gui.app_actions import AppActions
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.closing import close_tabs
from keeperdb.gui.docks import Content, Dock, Docks
from keeperdb.gui.editor_assist import WindowAssist
from keeperdb.gui.history_panel import HistoryPanel
from keeperdb.gui.history_sources import CLOSED_PREFIX, ClosedTabsSource, HistorySource, SavedSource
from keeperdb.gui.icons import engine_icon
from keeperdb.gui.menus import ActionMenus
from keeperdb.gui.notices import show_notice
from keeperdb.gui.opening import SessionOpener
from keeperdb.gui.outline_panel import OutlinePanel
from keeperdb.gui.palette_host import PaletteHost
from keeperdb.gui.palette_sources import ACTIONS_PREFIX, Source
from keeperdb.gui.privacy import privacy
from keeperdb.gui.privacy_indicator import PrivacyIndicator
from keeperdb.gui.query_session import QuerySession, SessionState
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.query_tabs import QueryTabs
from keeperdb.gui.reopen_bar import ReopenBar
from keeperdb.gui.restored_missing import MissingBar, MissingOpener
from keeperdb.gui.restored_names import kept_nodes, show_kept
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.gui.restored_tabs import RestoredTabs
from keeperdb.gui.run_watch import RunWatch
from keeperdb.gui.runner import Lane
from keeperdb.gui.saved_query_panel import SavedQueryPanel, save_tab
from keeperdb.gui.schema_panel import SchemaPanel
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.gui.script_files import ScriptFiles
from keeperdb.gui.service_indicator import ServiceIndicator
from keeperdb.gui.status_bar import StatusBar
from keeperdb.gui.storage_indicator import StorageIndicator
from keeperdb.gui.switcher import Switcher
from keeperdb.gui.tab_moves import TabMoves
from keeperdb.gui.table_export import TableExport
from keeperdb.gui.table_tab import TableTab
from keeperdb.gui.window_places import Sizes
from keeperdb.gui.zone_chip import ZoneChip
from keeperdb.query.catalog import Catalog
from keeperdb.query.completion.kept import KeptNames
from keeperdb.query.session import Session
from keeperdb.workspace import Change
from keeperdb.workspace.journal import WindowState

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_SIZE = (1280, 800)
_PLACE = "main"  # its name among the windows' places
_STAGGER = 24  # pixels between windows that would cover each other


class MainWindow(QMainWindow):
    """Shows `session`, which lives on `lane`, in the tree; each tab opens a session of its own when it first runs.

    Without a session nothing is connected to until the person wants it. `state` are tabs that were open before.
    """

    def __init__(
        self,
        app: "Application",
        profile: ConnectionProfile,
        session: Session | None = None,
        lane: Lane | None = None,
        opener: SessionOpener | MissingOpener | None = None,
        state: WindowState | None = None,
    ) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.profile = profile
        self._app = app
        self._engine = get_engine(profile.engine)
        self._opener = opener or app.opener(profile)
        self._opener.window = self
        self._number = 0
        self._may_close = False
        self._is_closing = False
        self.files = ScriptFiles(app.runner, self)
        self.tree = self._make_tree(session, lane)
        self.assist = WindowAssist(
            self.tree,
            self._engine,
            app.snippets,
            app.workspace.settings,
            is_read_only=profile.read_only,
            kept=KeptNames(app.workspace.paths.cache / "catalog", profile),
        )
        self.outline = OutlinePanel()
        self.table_export = TableExport(self.tree, app.workspace.settings)
        self.switcher = Switcher(app.workspace, profile, self)
        self.tabs = QueryTabs(profile, self)
        self.restored = RestoredTabs(app, self)
        self.status = StatusBar(profile, self)
        self.status.addPermanentWidget(PrivacyIndicator(app))
        self.status.addPermanentWidget(StorageIndicator(app))
        self.status.addPermanentWidget(ServiceIndicator(app))
        self.zone_chip = ZoneChip(app.runner, app.workspace.settings)
        self.status.addPermanentWidget(self.zone_chip)
        self._sizes = app.places.of(_PLACE).sizes
        self.docks = Docks(self)
        self.palettes = PaletteHost(app, self)
        self._watch = RunWatch(app, self)
        self._add_actions()
        self._lay_out()
        self._connect()
        self._begin_tabs(state)
        self.status.version.setText(one_line(session.server_version) if session is not None else "")
        self._take_place()

    def new_tab(self, text: str = "", title: str = "") -> QueryTab:
        """Open a tab, with `text` in its editor."""
        tab = self.make_tab(title)
        tab.editor.setPlainText(text)
        self.tabs.add(tab)
        return tab

    def make_tab(self, title: str = "") -> QueryTab:
        """A SQL tab that is in no pane yet."""
        self._number += not title
        name = title or f"query {self._number}"
        tab = QueryTab(self._app.runner, self._app.workspace.settings, self.profile, self._engine, self._opener, name)
        self._give_context(tab)
        self._watch.follow(tab)
        self._app.history.follow(tab)
        self.assist.attach(tab)
        if len(self._sizes.get("rows", ())) == tab.splitter.count():
            tab.splitter.setSizes(list(self._sizes["rows"]))
        return tab

    def make_table_tab(self, path: Sequence[str]) -> TableTab:
        """A tab for the rows of a table, which is in no pane yet and has read nothing."""
        settings = self._app.workspace.settings
        tab = TableTab(self._app.runner, settings, self.profile, self._engine, self._opener, path)
        self._give_context(tab)
        self._app.history.follow_commits(tab)
        return tab

    @property
    def dialect(self) -> str:
        """sqlglot's name for the SQL of this window."""
        return self._engine.dialect

    def _begin_tabs(self, state: WindowState | None) -> None:
        self._app.journal.follow(self)
        if state is None or not state.tabs:
            self.new_tab()
        else:
            self._number = self.restored.highest_number(state)
            self.restored.show(state)

    def _new_empty_tab(self) -> None:
        self.new_tab()

    def open_sql(self, sql: str, title: str, is_run: bool) -> None:
        """Open a tab with `sql`, in the untouched tab if that is current, and run it if `is_run`."""
        current = self.tabs.current
        if current is not None and not current.is_busy and not current.editor.script().strip():
            tab = current
            tab.title = title
            tab.editor.setPlainText(sql)
        else:
            tab = self.new_tab(sql, title)
        if is_run:
            tab.run_all()
            tab.editor.setFocus()

    def open_table(self, path: tuple[str, ...]) -> TableTab:
        """Open a tab with the rows of a table or view, or go to the one that is there."""
        for tab in self.tabs.tabs:
            if isinstance(tab, TableTab) and tab.path == path:
                self.tabs.go_to(tab)
                return tab
        opened = self.make_table_tab(path)
        self.tabs.add(opened)
        opened.load()
        return opened

    def _give_context(self, tab: QueryTab) -> None:
        """Results of a tab remember their columns, and ask about keys through the session of the tree."""
        tab.results.context.layouts = self._app.column_layouts
        tab.results.context.catalog = self.tree.session
        tab.results.context.places = self._app.places

    def close_tab(self, tab: QueryTab | RestoredPage | None = None) -> None:
        """Close a tab, or the current one; asks only what cannot be undone."""
        closing = tab or self.tabs.current_page
        if isinstance(closing, QueryTab):
            query_tab = closing
            keeps = self._app.journal.is_keeping  # then it can be opened again, with what is staged
            close_tabs(self, [query_tab], lambda: self._drop(query_tab), asks_about_text=not keeps, keeps_staged=keeps)
        elif closing is not None:
            self.restored.close(closing)

    def reopen_tab(self) -> None:
        """Bring back the tab that was closed last."""
        self.restored.reopen_last()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close:
            self._is_closing = True
            keeps = self._app.journal.is_keeping  # then all of it is there again the next time
            close_tabs(self, self.tabs.tabs, self._close_now, asks_about_text=not keeps, keeps_staged=keeps)
            self._is_closing = False
        event.setAccepted(self._may_close)
        if self._may_close:
            self._app.journal.close_window(self, is_last=self._app.is_last(self))
            for tab in self.tabs.tabs:
                tab.close_session()
            self.table_export.close()
            self.tree.session.close()

    def _close_now(self) -> None:
        """Nothing is left to ask; Qt takes no second `close` while it is in the first."""
        self._may_close = True
        if not self._is_closing:
            self.close()

    def close_quietly(self) -> None:
        """Close the window without asking: its tabs are in another one now."""
        self._may_close = True
        self.close()

    @property
    def is_missing(self) -> bool:
        """Whether its tabs came back without their connection."""
        return isinstance(self._opener, MissingOpener)

    def drop_tabs(self, tabs: Sequence[QueryTab]) -> None:
        """Close tabs about which nothing is left to ask."""
        for tab in tabs:
            self._drop(tab)

    def _drop(self, tab: QueryTab) -> None:
        if not self.tabs.remove(tab):
            return
        self._app.journal.close_tab(tab)
        tab.close_session()
        if tab.has_unsaved_text or tab.staged_count:
            show_notice(self, f"“{one_line(tab.title)}” closed", action=("Reopen", self.reopen_tab))
        tab.deleteLater()
        self._show_tab()

    def _make_tree(self, session: Session | None, lane: Lane | None) -> SchemaTree:
        browsing = QuerySession(self._app.runner, self._opener, CommitMode.AUTO, self, session=session, lane=lane)
        if session is not None and session.commit_mode is not CommitMode.AUTO:
            # reading the catalogue must not hold a transaction open
            browsing.set_commit_mode(CommitMode.AUTO, lambda _: None)
        catalog = Catalog(self._app.workspace.paths.cache / "catalog")
        database = session.database if session is not None else self.profile.database
        return SchemaTree(browsing, self._engine, database, self, catalog=catalog, begins=session is not None)

    def _connect(self) -> None:
        self.tree.open_requested.connect(self.open_sql)
        self.tree.table_requested.connect(lambda node: self.open_table(node.path))
        self.switcher.chosen.connect(self._switch)
        self.tabs.close_requested.connect(self.close_tab)
        self.tabs.new_requested.connect(self._new_empty_tab)
        self.tabs.changed.connect(self._show_tab)
        self._app.changed.connect(self._on_change)
        privacy().changed.connect(self._show_tab)

    def _switch(self, profile: ConnectionProfile) -> None:
        if profile.id != self.profile.id:
            self._app.open_window(profile, self)

    def _on_change(self, change: Change) -> None:
        if change is Change.SETTINGS:
            for tab in self.tabs.tabs:
                tab.apply_settings()
            self.zone_chip.refresh()

    def _show_tab(self) -> None:
        tab = self.tabs.current
        self.status.show_tab(tab.session if tab is not None else None, tab.status() if tab is not None else "")
        self.status.show_selection(tab.results.selection_text if tab is not None else "")
        editor = tab.editor if tab is not None and tab.editor.isVisibleTo(tab) else None
        self.status.follow_caret(editor)
        self.outline.follow(editor)
        view = tab.results.current if tab is not None else None
        self.zone_chip.show_session_zone(view.result.time_zone if view is not None else "")
        title = f"{one_line(tab.title)} — " if tab is not None else ""
        self.setWindowTitle(f"{title}{privacy().sentence(one_line(self.profile.name))} — KeeperDB")

    def add_dock(
        self,
        dock_id: str,
        title: str,
        content: Content,
        area: Qt.DockWidgetArea = Qt.DockWidgetArea.RightDockWidgetArea,
        *,
        is_visible: bool = False,
    ) -> Dock:
        """Add a panel; `content` is a widget, or makes one when the panel is first seen.

        The View menu lists it. Where the table has an action `view.<dock_id>`, that leads to it.
        """
        return self.docks.add(dock_id, title, content, area, is_visible)

    def forget_rows(self) -> None:
        """Take the rows of results out of memory; those with staged changes stay."""
        for tab in self.tabs.tabs:
            if isinstance(tab, QueryTab) and not tab.is_busy and not tab.staged_count:
                tab.results.clear()

    def open_file(self) -> None:
        """Ask for a script and open it in a tab."""
        self.files.open(self.open_script)

    def save(self) -> None:
        """Write the script of the current tab to its file."""
        if self.tabs.current is not None:
            self.files.save(self.tabs.current)

    def _take_place(self) -> None:
        self._app.places.follow(_PLACE, self, self._current_sizes, self.docks.save)
        self.docks.restore(self._app.places.of(_PLACE).layout)
        if any(window.pos() == self.pos() for window in self._app.windows):
            self.move(self.pos() + QPoint(_STAGGER, _STAGGER))

    def _current_sizes(self) -> Sizes:
        tab = self.tabs.current
        return {"rows": tuple(tab.splitter.sizes()) if tab is not None else self._sizes.get("rows", ())}

    def _lay_out(self) -> None:
        self.resize(*_SIZE)
        self.setWindowIcon(engine_icon(self.profile.engine))
        self.setCentralWidget(self.tabs)
        self.setStatusBar(self.status)
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        panel = SchemaPanel(self.switcher, self.tree)
        self.add_dock("objects", "Objects", panel, left, is_visible=True)
        self.add_dock("outline", "Outline", self.outline)
        self.assist.on_reveal(lambda: self.docks.show("objects"))
        right = Qt.DockWidgetArea.RightDockWidgetArea
        self.add_dock("history", "History", lambda: HistoryPanel(self._app, self), right)
        self.add_dock("saved", "Saved queries", lambda: SavedQueryPanel(self._app, self), right)
        for source in (SavedSource(self._app, self), HistorySource(self._app, self), ClosedTabsSource(self._app, self)):
            self.add_palette_source(source)
        if isinstance(self._opener, MissingOpener):
            missing = MissingBar(self._opener, self._app.workspace, self.profile)
            missing.chosen.connect(lambda profile: self._app.restoring.move(self, profile))
            panel.add_bar(missing)
        elif self.tree.session.state is SessionState.CLOSED:
            self.reopen_bar = ReopenBar(self.tree, self.tabs)
            self.reopen_bar.connected.connect(lambda version: self.status.version.setText(one_line(version)))
            panel.add_bar(self.reopen_bar)
            kept = KeptNames(self._app.workspace.paths.cache / "catalog", self.profile)
            self._app.runner.start(
                lambda task: kept_nodes(kept, task), owner=self, done=lambda nodes: show_kept(self.tree, nodes)
            )

    def _add_actions(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "file.new_tab": self.new_tab,
            "file.open": self.open_file,
            "file.save": self.save,
            "file.save_query": lambda: save_tab(self, self._app),
            "file.closed_tabs": lambda: self.open_palette(CLOSED_PREFIX),
            "file.close_tab": self.close_tab,
            "file.reopen_tab": self.reopen_tab,
            "file.close_window": self.close,
            "view.palette": lambda: self.open_palette(ACTIONS_PREFIX),
            "view.go_to": lambda: self.open_palette(""),
            "view.switch_connection": self._switch_connection,
            "view.connections": self._app.show_picker,
            "view.next_tab": lambda: self.tabs.step(1),
            "view.previous_tab": lambda: self.tabs.step(-1),
            "view.settings": lambda: self._app.show_settings("appearance"),
            "view.reset_panels": self.docks.reset,
            "objects.filter": self._filter_objects,
        }
        for action_id, act in acts.items():
            make_action(action_id, self, act, Qt.ShortcutContext.WindowShortcut)
        AppActions(self._app, self)
        self.moves = TabMoves(self._app, self)
        self.finder = ActionFinder(self, lambda: self.tabs.current)
        self.menus = ActionMenus(self.menuBar(), self.finder, {"View": self._list_docks})

    def _list_docks(self, menu: QMenu) -> None:
        menu.addActions(self.docks.toggles())

    def add_palette_source(self, source: Source) -> None:
        """Have the command palette find the entries of `source` too."""
        self.palettes.add_source(source)

    def open_palette(self, prefix: str, window: QMainWindow | None = None) -> None:
        """Open the command palette over this window, or over one that was detached from it."""
        self.palettes.open(prefix, window or self)

    def _switch_connection(self) -> None:
        self.docks.show("objects")
        self.switcher.open()

    def _filter_objects(self) -> None:
        self.docks.show("objects")
        self.tree.filter.setFocus()

    def open_script(self, text: str, path: str) -> None:
        """Open a tab with the text of a file, which Save writes back to; one that is open already is gone to."""
        for tab in self.tabs.tabs:
            if tab.file_path == path:  # two tabs would write over each other
                self.tabs.go_to(tab)
                return
        self.new_tab(text).set_file(path, is_same=True)
