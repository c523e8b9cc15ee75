"""The panel with the schema tree: a filter over it, nodes loaded as they are opened, and what can be done with them."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QPainter
from PySide6.QtWidgets import QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QVBoxLayout, QWidget

from keeperdb.engines.base import Engine, Node, NodeKind
from keeperdb.errors import KeeperDBError
from keeperdb.gui.actions import make_action, set_available
from keeperdb.gui.notices import show_error
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.schema_item import SchemaItem
from keeperdb.gui.schema_model import DETAIL_ROLE, SchemaModel
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.strips import ProgressStrip
from keeperdb.gui.theme import font
from keeperdb.gui.tokens import SMALL, color
from keeperdb.query.catalog import Catalog
from keeperdb.query.session import Session
from keeperdb.query.table_shape import TableShape, describe_table
from keeperdb.query.table_templates import delete_template, insert_template, update_template
from keeperdb.task import Task

_TYPING = 60  # milliseconds after the last key until the filter acts
_DETAILS_AFTER = 150  # milliseconds in which the names are painted; threads take turns in Python
_MOST_DEFAULTS = 500  # children that are looked at for those that open by themselves
_WITH_DATA = (NodeKind.TABLE, NodeKind.VIEW, NodeKind.MATERIALIZED_VIEW)
_ON_DATA = (
    "objects.open_data",
    "objects.export",
    "objects.select",
    "objects.insert",
    "objects.update",
    "objects.delete",
)
_ON_OBJECT = ("objects.show_ddl", "objects.copy_ddl", "objects.copy_name", "objects.copy_qualified")
_SERVER_WIDE = ("Roles", "Users")
_DEFAULT_SCHEMAS = ("public", "main")

Index = QModelIndex | QPersistentModelIndex


class TreeView(QTreeView):
    """`activated_node` follows Enter and double click, which Qt's own signal leaves to the platform."""

    activated_node = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated_node.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class SchemaTree(QWidget):
    """Browses one session of its own. `open_requested(sql, title, is_run)` asks for a tab with that text."""

    open_requested = Signal(str, str, bool)
    export_requested = Signal(object)  # Node of the table or view that is to be written to a file
    refreshed = Signal()  # everything, or a part, is read anew
    table_requested = Signal(object)  # Node of the table or view whose rows are asked for

    def __init__(
        self,
        session: QuerySession,
        engine: Engine,
        database: str,
        parent: QWidget | None = None,
        *,
        catalog: Catalog | None = None,
        begins: bool = True,
    ) -> None:
        """`begins` false leaves the tree empty until `begin`, so that nothing connects by itself."""
        super().__init__(parent)
        self.catalog = self._catalog = catalog or Catalog()
        self.session = session
        self._engine = engine
        self._database = database
        self._opens_defaults = True
        self._is_refreshing = False  # what is opened from now on is asked of the server
        self.model = SchemaModel(self)
        self.filter = SearchField("Filter objects")
        self.view = TreeView()
        self.progress_strip = ProgressStrip(self)
        self._configure_view()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self.apply_filter)
        self.filter.textChanged.connect(self._typing.start)
        self.filter.moved.connect(lambda _: self.view.setFocus())
        self.filter.entered.connect(lambda _: self.view.setFocus())
        self._actions = self._make_actions()
        self._show_available()
        self.view.selectionModel().currentChanged.connect(self._show_available)
        self._lay_out()
        if begins:
            self.load(self.model.root)

    def begin(self, database: str) -> None:
        """Load what is in the database that the session is connected to."""
        self._database = database
        self.load(self.model.root)

    def load(self, item: SchemaItem, *, anew: bool = False) -> None:
        """Load the children of `item`, in the background; `anew` from the server whatever is kept of them."""
        self.model.begin_loading(item)
        node, catalog = item.node, self._catalog
        self.session.run(
            lambda session, task: catalog.children(session, node, task, anew=anew),
            done=lambda nodes: self._loaded(item, nodes, anew=anew),
            failed=partial(self._failed, item),
            cancelled=lambda: self._failed(item, None),
        )

    def load_names(self) -> None:
        """Load the names of all objects of the schemas that are open, so that they can be found."""
        for item in self.model.unknown_groups():
            if item.node is not None and item.node.name not in _SERVER_WIDE:
                self.load(item)

    def refresh(self) -> None:
        """Load what is below the current node anew; everything when none is current."""
        self._is_refreshing = True
        self.refreshed.emit()
        item = self.model.item(self.view.currentIndex())
        while item.node is not None and not item.node.has_children and item.parent is not None:
            item = item.parent
        self.load(item if item.node is not None else item.parent or self.model.root, anew=True)

    def refresh_all(self) -> None:
        """Load everything anew."""
        self._opens_defaults = self._is_refreshing = True
        self.refreshed.emit()
        self.load(self.model.root, anew=True)

    def activate(self, index: Index) -> None:
        """What Enter and a double click do: open data, try again after an error, or open and close a node."""
        item = self.model.item(index)
        if item.node is None:
            if item.is_error and item.parent is not None:
                self.load(item.parent)
            elif item.parent is not None and item.parent.hides_some:
                self._show_more(item.parent)
        elif item.node.kind in _WITH_DATA:
            self.open_data(item.node)
        else:
            self.view.setExpanded(self.model.index_of(item), not self.view.isExpanded(self.model.index_of(item)))

    def open_data(self, node: Node) -> None:
        """Ask for a tab that shows the rows of a table or view."""
        self.table_requested.emit(node)

    def generate_select(self, node: Node) -> None:
        """Ask for a tab with a SELECT that names every column; it is not run."""
        self.session.run(
            lambda session, task: _columns(session, node, task),
            done=lambda columns: self.open_requested.emit(self._select(node, columns), node.name, False),
            failed=lambda error: self.open_requested.emit(f"-- {error.message}", node.name, False),
            cancelled=lambda: None,
        )

    def generate(self, template: Callable[[Engine, TableShape], str], node: Node) -> None:
        """Ask for a tab with a statement on a table that is to be filled in; it is not run."""
        self.session.run(
            lambda session, task: template(self._engine, describe_table(session, node.path, task)),
            done=lambda text: self.open_requested.emit(text, node.name, False),
            failed=self._refuse,
            cancelled=lambda: None,
        )

    def show_ddl(self, node: Node) -> None:
        """Ask for a tab with the statements that make `node`; they are not run."""
        self._make_ddl(node, lambda text: self.open_requested.emit(text, f"{node.name} DDL", False))

    def copy_ddl(self, node: Node) -> None:
        """Copy the statements that make `node`."""
        self._make_ddl(node, _copy)

    def _make_ddl(self, node: Node, done: Callable[[str], None]) -> None:
        self.session.run(
            lambda session, task: session.ddl(node, task),
            done=done,
            failed=self._refuse,
            cancelled=lambda: None,
        )

    def _refuse(self, error: KeeperDBError) -> None:
        show_error(self.window(), error)

    def qualified_name(self, node: Node) -> str:
        """The name as SQL needs it."""
        return ".".join(self._engine.quote(name) for name in node.path)

    def _loaded(self, item: SchemaItem, nodes: list[Node], *, anew: bool) -> None:
        self.model.set_children(item, nodes)
        if self.model.filter:
            self.model.set_filter(self.filter.text())  # what holds no match goes
        self._restore_open()
        if self._opens_defaults:
            siblings = sum(node.kind is not NodeKind.GROUP for node in nodes)
            for row in range(min(len(item.shown), _MOST_DEFAULTS)):
                child = item.child(row)
                if child is not None and child.node is not None and self._is_default(child.node, siblings):
                    self.view.expand(self.model.index_of(child))
        QTimer.singleShot(_DETAILS_AFTER, self, lambda: self._load_details(item, anew=anew))

    def _load_details(self, item: SchemaItem, *, anew: bool) -> None:
        """Ask for what takes the server long to tell, once the names can be seen."""
        node, catalog = item.node, self._catalog
        if node is not None and node.kind is NodeKind.GROUP and item.nodes:
            self.session.run(
                lambda session, task: catalog.details(session, node, task, anew=anew),
                done=lambda nodes: self.model.set_details(item, nodes) if nodes else None,
                failed=lambda _: None,  # the names are there, and what can be done with them
                cancelled=lambda: None,
            )

    def _show_more(self, item: SchemaItem) -> None:
        place, row = self.view.verticalScrollBar().value(), len(item.shown)
        self.model.show_more(item)
        self._restore_open()
        self.view.setCurrentIndex(self.model.index(row, 0, self.model.index_of(item)))
        self.view.verticalScrollBar().setValue(place)

    def _failed(self, item: SchemaItem, error: KeeperDBError | None) -> None:
        words = "Stopped" if error is None else error.message
        self.model.set_error(item, f"{words} Press Enter to try again.")

    def _is_default(self, node: Node, siblings: int) -> bool:
        """Whether a node is opened by itself at the start: the database and schema in use, and its tables."""
        if node.kind is NodeKind.GROUP:
            return node.name == "Tables"
        if node.kind is NodeKind.DATABASE:
            return node.name == self._database or siblings == 1
        return node.kind is NodeKind.SCHEMA and (node.name in (*_DEFAULT_SCHEMAS, self._database) or siblings == 1)

    def _expanded(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if not self.model.filter:
            item.is_open = True
        if self.model.needs_loading(item):
            self.load(item, anew=self._is_refreshing)

    def _collapsed(self, index: QModelIndex) -> None:
        self.model.item(index).is_open = False

    def filter_now(self, text: str) -> None:
        """Have the filter ask for `text`, and show that at once."""
        self.filter.setText(text)
        self._typing.stop()
        self.apply_filter()

    def apply_filter(self) -> None:
        """Show what the filter asks for."""
        self._opens_defaults = False
        self.model.set_filter(self.filter.text())
        self._restore_open()
        root = self.model.root
        for child in (root.child(row) for row in range(len(root.shown))):
            if self.model.filter and child is not None and child.node is not None and _is_searched(child.node):
                self.view.expand(self.model.index_of(child))

    def _restore_open(self) -> None:
        for item in list(self.model.to_open()):
            self.view.expand(self.model.index_of(item))

    def _select(self, node: Node, columns: list[str]) -> str:
        names = ",\n       ".join(self._engine.quote(column) for column in columns) or "*"
        return f"SELECT {names}\nFROM {self.qualified_name(node)};\n"

    def _configure_view(self) -> None:
        self.view.setModel(self.model)
        self.view.setHeaderHidden(True)
        self.view.setUniformRowHeights(True)
        self.view.setProperty("role", "pane")
        self.view.setAccessibleName("Database objects")
        self.view.setItemDelegate(SchemaDelegate(self.view))
        self.view.setExpandsOnDoubleClick(False)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.doubleClicked.connect(self.activate)
        self.view.activated_node.connect(self.activate)
        self.view.expanded.connect(self._expanded)
        self.view.collapsed.connect(self._collapsed)

    def _make_actions(self) -> dict[str, QAction]:
        acts: dict[str, Callable[[Node], object]] = {
            "objects.open_data": self.open_data,
            "objects.export": self.export_requested.emit,
            "objects.select": self.generate_select,
            "objects.insert": partial(self.generate, insert_template),
            "objects.update": partial(self.generate, update_template),
            "objects.delete": partial(self.generate, delete_template),
            "objects.show_ddl": self.show_ddl,
            "objects.copy_ddl": self.copy_ddl,
            "objects.copy_name": lambda node: _copy(node.name),
            "objects.copy_qualified": lambda node: _copy(self.qualified_name(node)),
        }
        scope = Qt.ShortcutContext.WidgetShortcut
        actions = {
            name: make_action(name, self.view, partial(self._on_current, act), scope) for name, act in acts.items()
        }
        actions["objects.refresh"] = make_action("objects.refresh", self.view, self.refresh, scope)
        actions["objects.refresh_all"] = make_action("objects.refresh_all", self.view, self.refresh_all, scope)
        actions["objects.system"] = make_action("objects.system", self.view, self._toggle_system, scope)
        actions["objects.system"].setCheckable(True)
        return actions

    def _toggle_system(self) -> None:
        self.model.set_shows_system(not self.model.shows_system)
        self._restore_open()

    def _on_current(self, act: Callable[[Node], object]) -> None:
        node = self.model.item(self.view.currentIndex()).node
        if node is not None:
            act(node)

    def _open_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([action for action in self._actions.values() if action.isEnabled()])
        menu.popup(self.view.viewport().mapToGlobal(point))

    def _show_available(self) -> None:
        node = self.model.item(self.view.currentIndex()).node
        has_data = node is not None and node.kind in _WITH_DATA
        is_object = node is not None and node.kind is not NodeKind.GROUP
        for name in _ON_DATA:
            set_available(self._actions[name], has_data, "Go to a table or a view in the tree first.")
        for name in _ON_OBJECT:
            set_available(self._actions[name], is_object, "Go to an object in the tree first.")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        box = QVBoxLayout()
        box.setContentsMargins(8, 0, 8, 0)
        box.addWidget(self.filter)
        column.addLayout(box)
        column.addWidget(self.view, 1)
        column.addWidget(self.progress_strip)
        self.progress_strip.hide()


class SchemaDelegate(QStyledItemDelegate):
    """The name, and muted beside it what the node says about itself."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        detail = index.data(DETAIL_ROLE)
        if not detail:
            return
        style = option.widget.style()
        self.initStyleOption(option, index)
        place = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, option.widget)
        left = place.left() + option.fontMetrics.horizontalAdvance(str(index.data())) + 14
        room = option.rect.right() - left - 4
        painter.save()
        painter.setFont(font(SMALL))
        painter.setPen(color("muted"))
        text = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, room)
        if room > 20:
            painter.drawText(place.adjusted(left - place.left(), 0, room, 0), Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


def _columns(session: Session, node: Node, task: Task) -> list[str]:
    """On the lane: the names of a table's columns."""
    for child in session.children(node, task):
        if child.kind is NodeKind.GROUP and child.name == "Columns":
            return [each.name for each in session.children(child, task)]
        if child.kind is NodeKind.COLUMN:
            return [each.name for each in session.children(node, task) if each.kind is NodeKind.COLUMN]
    return []


def _is_searched(node: Node) -> bool:
    """Whether a heading at the root is opened by a filter: where a database has no schemas, its tables are below."""
    return node.kind is NodeKind.GROUP and not node.path and node.name not in _SERVER_WIDE


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
