"""The panel Saved queries: files in folders, found by name, tag and text, opened, renamed, moved and removed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError
from keeperdb.gui.actions import describe_button, make_action, set_available
from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.icons import icon
from keeperdb.gui.notices import plain_label, show_error, show_notice
from keeperdb.gui.saved_query_dialog import SavedQueryDialog
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.tokens import color
from keeperdb.query.saved_queries import SavedQueries, SavedQuery

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_TYPING = 120  # milliseconds after the last key until the texts are searched
_WATCH = 2_000  # milliseconds between two looks at the files, while the panel is seen
_WIDTH = 300
_TAGS = 84  # pixels
_ROLE = Qt.ItemDataRole.UserRole


class SavedQueryPanel(QWidget):
    """Of one main window."""

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        super().__init__()
        self._app, self._window, self._shelf = app, window, app.saved_queries
        self._found: list[SavedQuery] | None = None  # by the search; None for all
        self._search_number = 0
        self._closed: set[tuple[str, ...]] = set()  # folders that a person closed
        self.search = SearchField("Search queries")
        self.search.setToolTip("Finds by name, folder, tag and text")
        self.save_button = QPushButton("Save tab…")
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.nothing = plain_label("", "muted", wrap=True)
        self._actions = self._make_actions()
        self._lay_out()
        self._connect()
        self._show()
        self._shelf.look()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, super().sizeHint().height())

    @property
    def current(self) -> SavedQuery | None:
        """The query that is chosen; None for a folder."""
        item = self.tree.currentItem()
        return item.data(0, _ROLE) if item is not None else None

    def open_current(self) -> None:
        """Open the chosen query in a tab that Save writes back to, or go to the one that is open."""
        if self.current is not None:
            open_saved(self._window, self._app, self.current)

    def insert(self) -> None:
        """Write the chosen query at the caret of the current tab."""
        query, tab = self.current, self._window.tabs.current
        if query is None:
            return
        if tab is None or tab.editor.isReadOnly() or not tab.editor.isVisible():
            self.open_current()
            return
        editor = tab.editor
        self._shelf.run(
            lambda saved: saved.read(query), editor, lambda text: editor.textCursor().insertText(text), self._fail
        )

    def rename(self) -> None:
        """Ask for another name and folder."""
        query = self.current
        if query is None:
            return
        dialog = SavedQueryDialog(
            self._window, "Rename or move", "Rename", self._shelf.folders, query.name, query.folder, None
        )
        dialog.answered.connect(lambda name, folder, _: self._move(dialog, query, name, folder))
        dialog.open()

    def delete(self) -> None:
        """Take the chosen query away; it can be undone."""
        query = self.current
        if query is None:
            return

        def removed(kept: Path) -> None:
            undo = partial(self._shelf.run, lambda saved: saved.restore(query, kept), self, _ignore, self._fail)
            show_notice(self._window, f"“{one_line(query.name)}” deleted", action=("Undo", undo))

        self._shelf.run(lambda saved: saved.remove(query), self, removed, self._fail)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._shelf.look()
        self._watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._watch.stop()

    def _move(self, dialog: SavedQueryDialog, query: SavedQuery, name: str, folder: tuple[str, ...]) -> None:
        def moved(there: SavedQuery) -> None:
            dialog.accept()
            for tab in self._window.tabs.tabs:
                if tab.file_path == str(query.path):
                    tab.set_file(str(there.path), is_same=not tab.editor.document().isModified())
            back = partial(
                self._shelf.run, lambda saved: saved.move(there, query.name, query.folder), self, _ignore, self._fail
            )
            show_notice(self._window, f"Now “{'/'.join((*there.folder, there.name))}”", action=("Undo", back))

        self._shelf.run(
            lambda saved: saved.move(query, name, folder), dialog, moved, lambda error: dialog.fail(str(error))
        )

    def _search(self) -> None:
        words = self.search.text()
        self._search_number += 1
        number = self._search_number
        if not words.strip():
            self._found = None
            self._show()
            return

        def found(queries: list[SavedQuery]) -> None:
            if number == self._search_number:
                self._found = queries
                self._show()

        saved = self._shelf.saved
        self._app.runner.start(lambda _: saved.search(words), owner=self, done=found, failed=self._fail)

    def _show(self) -> None:
        """Build the tree; what was open and chosen stays so."""
        shown = self._shelf.queries if self._found is None else self._found
        chosen = self.current
        self.tree.clear()
        folders: dict[tuple[str, ...], QTreeWidgetItem] = {}
        for folder in self._shelf.folders if self._found is None else []:
            self._folder(folder, folders)
        for query in shown:
            item = self._item(query)
            parent = self._folder(query.folder, folders)
            parent.addChild(item)
            if chosen is not None and query.path == chosen.path:
                self.tree.setCurrentItem(item)
        for folder, each in folders.items():
            each.setExpanded(self._found is not None or folder not in self._closed)
        self.nothing.setText(self._why_empty() if not shown else "")
        self.nothing.setVisible(not shown)
        self.tree.setVisible(bool(shown) or bool(folders))
        self._show_available()

    def _folder(self, folder: tuple[str, ...], made: dict[tuple[str, ...], QTreeWidgetItem]) -> QTreeWidgetItem:
        if not folder:
            return self.tree.invisibleRootItem()
        if folder not in made:
            item = QTreeWidgetItem([one_line(folder[-1])])
            item.setIcon(0, icon("folder", "muted"))
            item.setData(1, _ROLE, folder)
            self._folder(folder[:-1], made).addChild(item)
            made[folder] = item
        return made[folder]

    def _item(self, query: SavedQuery) -> QTreeWidgetItem:
        item = QTreeWidgetItem([one_line(query.name), " ".join(f"#{one_line(tag)}" for tag in query.tags)])
        item.setIcon(0, icon("text", "muted"))
        item.setData(0, _ROLE, query)
        item.setForeground(1, color("muted"))
        item.setToolTip(0, tooltip(str(query.path)))
        return item

    def _why_empty(self) -> str:
        if self._found is not None:
            return "No saved query matches."
        return f"Nothing is saved yet. “Save tab…” keeps the current tab as a file in {self._shelf.saved.root}."

    def _show_available(self) -> None:
        for action in self._actions.values():
            set_available(action, self.current is not None, "Choose a saved query first.")

    def _remember_open(self, item: QTreeWidgetItem, is_open: bool) -> None:
        folder = item.data(1, _ROLE)
        if folder is not None and self._found is None:
            (self._closed.discard if is_open else self._closed.add)(tuple(folder))

    def _fail(self, error: KeeperDBError) -> None:
        show_error(self._window, error)

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self._search)
        self._watch = QTimer(self, interval=_WATCH)
        self._watch.timeout.connect(self._shelf.look)
        self.search.textChanged.connect(self._typing.start)
        self.search.moved.connect(lambda _: self._enter_tree())
        self.search.entered.connect(lambda _: self._enter_tree())
        self.tree.itemActivated.connect(lambda *_: self.open_current())
        self.tree.itemExpanded.connect(lambda item: self._remember_open(item, True))
        self.tree.itemCollapsed.connect(lambda item: self._remember_open(item, False))
        self.tree.currentItemChanged.connect(lambda *_: self._show_available())
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self._shelf.changed.connect(lambda: self._search() if self._found is not None else self._show())

    def _enter_tree(self) -> None:
        item = self.tree.topLevelItem(0)
        while item is not None and item.data(0, _ROLE) is None and item.childCount():
            item = item.child(0)
        if item is not None:
            self.tree.setFocus()
            self.tree.setCurrentItem(item)

    def _open_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self._actions.values()))
        menu.popup(self.tree.viewport().mapToGlobal(point))

    def _make_actions(self) -> dict[str, QAction]:
        acts: dict[str, Callable[[], object]] = {
            "saved.open": self.open_current,
            "saved.insert": self.insert,
            "saved.rename": self.rename,
            "saved.delete": self.delete,
        }
        scope = Qt.ShortcutContext.WidgetShortcut
        return {name: make_action(name, self.tree, act, scope) for name, act in acts.items()}

    def _lay_out(self) -> None:
        self.tree.setAccessibleName("Saved queries")
        self.tree.setProperty("role", "pane")
        self.tree.setUniformRowHeights(True)
        self.tree.setIconSize(QSize(16, 16))
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_TAGS)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.tree.setColumnWidth(1, _TAGS)
        self.nothing.setContentsMargins(12, 12, 12, 12)
        describe_button(self.save_button, "file.save_query")
        self.save_button.clicked.connect(lambda _checked: save_tab(self._window, self._app))
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        row.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.nothing)
        column.addWidget(self.tree, 1)
        column.addStretch(0)
        self.setFocusProxy(self.search)


def open_saved(window: "MainWindow", app: "Application", query: SavedQuery) -> None:
    """Open a saved query in a tab of `window` that Save writes back to; tags are a comment in its first line."""
    from keeperdb.gui.script_files import read_script

    path = str(query.path)
    for tab in window.tabs.tabs:
        if tab.file_path == path:
            window.tabs.go_to(tab)
            return
    app.runner.start(
        lambda _: read_script(query.path),
        owner=window,
        done=lambda text: window.open_script(text, path),
        failed=lambda error: show_error(window, error),
    )


def save_tab(window: "MainWindow", app: "Application") -> None:
    """Ask for name, folder and tags, and keep the current tab as a saved query; it is linked to the file then."""
    tab, shelf = window.tabs.current, app.saved_queries
    if tab is None or not tab.editor.script().strip():
        show_notice(window, "There is no SQL in this tab to be saved.", seconds=4)
        return
    known = next((each for each in shelf.queries if str(each.path) == tab.file_path), None)
    name = known.name if known is not None else tab.title.removesuffix(".sql")
    folder, tags = (known.folder, known.tags) if known is not None else ((), ())
    dialog = SavedQueryDialog(window, "Save as a saved query", "Save", shelf.folders, name, folder, tags)
    text = tab.editor.script()

    def keep(name: str, folder: tuple[str, ...], tags: list[str]) -> None:
        def write(saved: SavedQueries) -> tuple[SavedQuery, str]:
            is_own = known is not None and (name, folder) == (known.name, known.folder)
            query = saved.save_new(name, text, folder, tags, replaces=is_own)
            return query, saved.whole(query)

        def written(result: tuple[SavedQuery, str]) -> None:
            query, whole = result
            dialog.accept()
            if whole != tab.editor.script():
                tab.editor.setPlainText(whole)
            tab.set_file(str(query.path), is_same=True)
            show_notice(window, f"Saved as “{'/'.join((*query.folder, query.name))}”", "success", seconds=4)

        shelf.run(write, dialog, written, lambda error: dialog.fail(str(error)))

    dialog.answered.connect(keep)
    dialog.open()


def _ignore(_: object) -> None:
    """The list shows it."""
