"""Every action of the program: its name, its text, its keys and what it does in one line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionSpec:
    """`keys` are in Qt's portable text ("Ctrl+Shift+P"); the first is the one that menus and tooltips show."""

    id: str  # "group.verb", as the file of changed shortcuts names it
    text: str
    tip: str
    keys: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "query.run", "Run statement", "Run the selection or the statement at the caret", ("Ctrl+Return", "Ctrl+Enter")
    ),
)

ACTIONS: dict[str, ActionSpec] = {spec.id: spec for spec in _SPECS}
