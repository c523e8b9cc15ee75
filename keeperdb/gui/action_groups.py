"""The groups of actions: in which menu they stand, where their keys work, and what is missing where they cannot act."""

from dataclasses import dataclass
from functools import cache

from keeperdb.gui.action_table import ACTIONS, ActionSpec

MENUS = ("File", "Edit", "Query", "Results", "Data", "Objects", "View", "Tools", "Help")


@dataclass(frozen=True)
class Group:
    """`scope` is the path of the part of a window whose focus the keys need: two that lie in each other share keys.

    `needs` is what to do first where no action of the group can act. `menu` is one of `MENUS`, or empty for none.
    """

    title: str
    menu: str
    scope: str = "window"
    needs: str = "This cannot be done in this window."


GROUPS: dict[str, Group] = {
    "file": Group("File", "File", needs="Open a tab first."),
    "query": Group("Query", "Query", "window/tab", "Open a SQL tab first."),
    "editor": Group("Editor", "Edit", "window/tab/editor", "Open a SQL tab first."),
    "result": Group("Results", "Results", "window/tab", "Run a query first."),
    "grid": Group("Grid", "Results", "window/tab/results/grid", "Go to the rows of a result first."),
    "record": Group("Record view", "Results", "window/tab/results/record", "Open the record view first."),
    "data": Group("Data editing", "Data", "window/tab", "Open the data of a table first."),
    "objects": Group("Objects", "Objects", "window/tree", "Go to an object in the tree first."),
    "history": Group("History", "Tools", "window/history", "Go to the history panel first."),
    "saved": Group("Saved queries", "Tools", "window/saved", "Go to the saved queries first."),
    "view": Group("View", "View"),
    "tools": Group("Tools", "Tools"),
    "service": Group("Service", "Tools"),
    "help": Group("Help", "Help"),
    "app": Group("KeeperDB", "Help"),
    "picker": Group("Connections", "", "picker", "Go to the list of connections first."),
}
_OTHER = Group("Other", "Tools")


def group_of(spec: ActionSpec) -> Group:
    """The group an action belongs to; one of its own name in the Tools menu if the table of groups lacks it."""
    return GROUPS.get(spec.group) or Group(spec.group.replace("_", " ").capitalize(), _OTHER.menu)


@cache
def specs_of_menu(menu: str) -> list[list[ActionSpec]]:
    """The actions of a menu in the order of the table, one list per group."""
    sections: dict[str, list[ActionSpec]] = {name: [] for name in GROUPS}
    for spec in ACTIONS.values():
        if group_of(spec).menu == menu:
            sections.setdefault(spec.group, []).append(spec)
    return [section for section in sections.values() if section]


def scopes_overlap(one: str, other: str) -> bool:
    """Whether the focus can be in both scopes at once, so that a key would mean two things."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
