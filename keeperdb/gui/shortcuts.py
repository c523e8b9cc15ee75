"""Which keys each action has: those of the table, unless a preset or the person changed them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QKeySequence

from keeperdb.gui.action_groups import group_of, scopes_overlap
from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.shortcut_presets import DEFAULT_PRESET, PRESETS

Keys = tuple[str, ...]
_PROPERTY = "keeperdb_shortcuts"  # of the application


@dataclass(frozen=True)
class ShortcutChoice:
    """What the person chose: a preset by its name, and the keys of single actions on top of it."""

    preset: str = DEFAULT_PRESET
    changed: Mapping[str, Keys] = field(default_factory=dict)


class Shortcuts(QObject):
    """The keys of one running program; `shortcuts()` finds it. `changed` follows every change."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = ShortcutChoice()

    @property
    def choice(self) -> ShortcutChoice:
        return self._choice

    def keys(self, action_id: str) -> Keys:
        """The keys in force in Qt's portable text, the one to be shown first. Raises `KeyError`."""
        chosen = self._choice.changed.get(action_id)
        return self.preset_keys(action_id) if chosen is None else chosen

    def preset_keys(self, action_id: str) -> Keys:
        """The keys that an action has in the preset if the person did not change them. Raises `KeyError`."""
        return _preset_keys(self._choice.preset, action_id)

    def native(self, action_id: str) -> str:
        """The first key as the platform writes it; empty if there is none. Raises `KeyError`."""
        keys = self.keys(action_id)
        return in_words(keys[0]) if keys else ""

    def is_changed(self, action_id: str) -> bool:
        """Whether the person changed the keys of an action."""
        return action_id in self._choice.changed

    def use(self, choice: ShortcutChoice) -> None:
        """Take a choice into use."""
        if choice != self._choice:
            self._choice = choice
            self.changed.emit()

    def set_keys(self, action_id: str, keys: Keys, *, take: bool = False) -> None:
        """Give an action keys; `take` them from every action that they would be ambiguous with. Raises `KeyError`."""
        changed = dict(self._choice.changed)
        if take:
            for key in keys:
                for other in self.rivals(action_id, key):
                    changed[other] = tuple(each for each in self.keys(other) if not clash(each, key))
        changed[action_id] = keys
        kept = {
            each: value for each, value in changed.items() if each not in ACTIONS or self.preset_keys(each) != value
        }
        self.use(ShortcutChoice(self._choice.preset, kept))

    def reset(self, action_id: str) -> None:
        """Give an action the keys of the preset again."""
        self.set_keys(action_id, self.preset_keys(action_id))

    def choose_preset(self, name: str) -> None:
        """Take the keys of a preset into use; what the person changed is forgotten. Raises `KeyError`."""
        self.use(ShortcutChoice(PRESETS[name].name))

    def rivals(self, action_id: str, key: str) -> list[str]:
        """The other actions that have `key` where `action_id` has the focus too: Qt would do neither."""
        scope = group_of(ACTIONS[action_id]).scope
        return [
            spec.id
            for spec in ACTIONS.values()
            if spec.id != action_id
            and scopes_overlap(group_of(spec).scope, scope)
            and any(clash(each, key) for each in self.keys(spec.id))
        ]


@cache
def _preset_keys(preset: str, action_id: str) -> Keys:
    """Those the preset names; else those of the table, but for the ones that the preset gives to another action."""
    named = PRESETS[preset].keys if preset in PRESETS else {}
    if action_id in named:
        return named[action_id]
    scope = group_of(ACTIONS[action_id]).scope
    taken = [
        key
        for other, keys in named.items()
        if other in ACTIONS and scopes_overlap(group_of(ACTIONS[other]).scope, scope)
        for key in keys
    ]
    return tuple(key for key in ACTIONS[action_id].keys if not any(clash(key, each) for each in taken))


def clash(one: str, other: str) -> bool:
    """Whether two keys in portable text are the same, or one is the beginning of the other."""
    return one == other or one.startswith(f"{other}, ") or other.startswith(f"{one}, ")


def in_words(key: str) -> str:
    """A key in portable text as the platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def shortcuts() -> Shortcuts:
    """The keys that are in force in this program."""
    app = QCoreApplication.instance()
    found = app.property(_PROPERTY) if app is not None else None
    if isinstance(found, Shortcuts):
        return found
    made = Shortcuts(app)
    if app is not None:
        app.setProperty(_PROPERTY, made)  # every action asks: to look through the application's children is slower
    return made
