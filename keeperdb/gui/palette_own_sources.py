"""What the palette finds of the window itself: actions, tabs, connections and settings."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.action_finder import ActionFinder
from keeperdb.gui.action_groups import group_of
from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.actions import reason_of
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.connection_list import place_of
from keeperdb.gui.palette_sources import ACTIONS_PREFIX, Entry
from keeperdb.gui.privacy import privacy
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.query_tabs import QueryTabs
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.gui.shortcuts import shortcuts
from keeperdb.settings import SCHEMA
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

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
        current = self._tabs.current_page
        pages = sorted(self._tabs.pages, key=lambda page: page is current)
        self._entries = [self._entry(page) for page in pages]

    def entries(self, text: str, task: Task) -> Iterable[Entry]:
        return self._entries

    def _entry(self, tab: QueryTab | RestoredPage) -> Entry:
        if isinstance(tab, RestoredPage):
            return Entry(one_line(tab.head.title), partial(self._tabs.go_to_page, tab), kind="Tab", icon="text")
        name = one_line(tab.title)
        return Entry(name, partial(self._tabs.go_to, tab), detail=one_line(tab.file_path), kind="Tab", icon="text")


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
                one_line(privacy().sentence(profile.name)),
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
