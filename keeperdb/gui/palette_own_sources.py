"""What the palette finds of the window itself: actions, tabs, objects, connections and settings."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.base import Node, NodeKind
from keeperdb.gui.action_finder import ActionFinder
from keeperdb.gui.action_groups import group_of
from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.actions import reason_of
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.connection_list import place_of
from keeperdb.gui.palette_sources import ACTIONS_PREFIX, Entry
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.query_tabs import QueryTabs
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.gui.shortcuts import shortcuts
from keeperdb.settings import SCHEMA
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_WITH_DATA = (NodeKind.TABLE, NodeKind.VIEW, NodeKind.MATERIALIZED_VIEW)
_OBJECTS = {
    NodeKind.TABLE: "table",
    NodeKind.VIEW: "view",
    NodeKind.MATERIALIZED_VIEW: "materialized-view",
    NodeKind.ROUTINE: "routine",
    NodeKind.SEQUENCE: "sequence",
    NodeKind.TYPE: "type",
    NodeKind.EVENT: "event",
}
_OWN = ("view.palette", "view.go_to")  # what opened the palette


class ActionsSource:
    """Every action of the table; those that cannot act now say why."""

    prefix = ACTIONS_PREFIX

    def __init__(self, finder: ActionFinder) -> None:
        self._finder = finder
        self._entries: list[Entry] = []

    def prepare(self) -> None:
        found = self._finder.actions()
        ids = [each for each in ACTIONS if group_of(ACTIONS[each]).menu and each not in _OWN]
        self._entries = [_action_entry(each, found.get(each)) for each in ids]

    def entries(self, text: str, task: Task) -> Iterable[Entry]:
        return self._entries


class TabsSource:
    """The tabs of the window, the current one last: that is where one is."""

    prefix = ""

    def __init__(self, tabs: QueryTabs) -> None:
        self._tabs = tabs
        self._entries: list[Entry] = []

    def prepare(self) -> None:
        current = self._tabs.current
        tabs = sorted(self._tabs.tabs, key=lambda tab: tab is current)
        self._entries = [self._entry(tab) for tab in tabs]

    def entries(self, text: str, task: Task) -> Iterable[Entry]:
        return self._entries

    def _entry(self, tab: QueryTab) -> Entry:
        name = one_line(tab.title)
        return Entry(name, partial(self._tabs.go_to, tab), detail=one_line(tab.file_path), kind="Tab", icon="text")


class ObjectsSource:
    """The objects that the tree knows by name; entries are made once for each list that came from the server."""

    prefix = ""

    def __init__(self, tree: SchemaTree) -> None:
        self._tree = tree
        self._lists: list[list[Node]] = []
        self._made: dict[int, tuple[list[Node], list[Entry]]] = {}

    def prepare(self) -> None:
        self._tree.load_names()
        self._lists = self._tree.model.node_lists()
        known = {id(nodes) for nodes in self._lists}
        self._made = {key: made for key, made in self._made.items() if key in known}

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        for nodes in self._lists:
            if id(nodes) not in self._made:
                self._made[id(nodes)] = (nodes, [self._entry(node) for node in nodes if node.kind in _OBJECTS])
            yield from self._made[id(nodes)][1]

    def _entry(self, node: Node) -> Entry:
        act: Callable[[Node], None] = self._tree.open_data if node.kind in _WITH_DATA else self._tree.show_ddl
        return Entry(
            one_line(node.name),
            partial(act, node),
            id="object:" + "\0".join((node.kind, *node.path)),
            detail=one_line(".".join(node.path[:-1])),
            kind=node.kind.capitalize(),
            icon=_OBJECTS[node.kind],
        )


class ConnectionsSource:
    """Every connection that can be opened; one that is open comes to the front."""

    prefix = ""

    def __init__(self, app: "Application") -> None:
        self._app = app
        self._profiles: list[ConnectionProfile] = []

    def prepare(self) -> None:
        self._profiles = self._app.workspace.profiles()

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        for profile in self._profiles:
            yield Entry(
                one_line(profile.name),
                partial(self._open, profile),
                id=f"connection:{profile.id}",
                detail=one_line(place_of(profile)),
                kind=f"{profile.environment.value} connection".strip().capitalize(),
                icon="server",
                reason="" if profile.is_usable else one_line(profile.problem),
            )

    def _open(self, profile: ConnectionProfile) -> None:
        if not self._app.show_window(profile):
            self._app.open_window(profile)


class SettingsSource:
    """Every option of the settings."""

    prefix = ""

    def __init__(self, app: "Application") -> None:
        self._app = app

    def prepare(self) -> None:
        """The settings that there are do not change."""

    def entries(self, text: str, task: Task) -> Iterator[Entry]:
        for page in SCHEMA:
            for setting in page.settings:
                show = partial(self._app.show_settings, page.name, setting.label)
                name = f"setting:{setting.name}"
                yield Entry(setting.label, show, id=name, detail=page.title, kind="Setting", icon="settings")


def _action_entry(action_id: str, action: QAction | None) -> Entry:
    spec = ACTIONS[action_id]
    reason = group_of(spec).needs if action is None else reason_of(action)
    if action is not None and not action.isEnabled() and not reason:
        reason = "This cannot be done now."
    act = action.trigger if action is not None else _nothing
    group = group_of(spec).title
    keys = shortcuts().native(action_id)
    return Entry(spec.text.rstrip("…"), act, f"action:{action_id}", detail=group, keys=keys, reason=reason)


def _nothing() -> None:
    """What cannot be done does nothing; the palette does not offer to choose it."""
