"""The file with the keys that the person chose; what cannot be used in it is as if it were not there."""

import json
from pathlib import Path

from PySide6.QtGui import QKeySequence

from keeperdb.errors import StoreError
from keeperdb.gui.shortcut_presets import DEFAULT_PRESET, PRESETS
from keeperdb.gui.shortcuts import Keys, ShortcutChoice
from keeperdb.paths import locked, set_aside, write_atomically

_MOST_BYTES = 1_000_000  # a file of ours has a few thousand
_MOST_KEYS = 8  # of one action


def read_shortcuts(path: Path) -> ShortcutChoice:
    """The choice that `path` holds. A damaged file is set aside; single values that are no keys are left out.

    Names of actions that this version does not know are kept, so that a newer version finds them again. Blocks.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return ShortcutChoice()
    try:
        if len(content) > _MOST_BYTES:
            raise ValueError("too long")
        return _choice(json.loads(content))
    except (ValueError, RecursionError, TypeError, AttributeError):
        _put_away(path, content)
        return ShortcutChoice()


def write_shortcuts(path: Path, choice: ShortcutChoice) -> None:
    """Write a choice. Blocks. Raises `StoreError`."""
    values = {"preset": choice.preset, "keys": {name: list(keys) for name, keys in sorted(choice.changed.items())}}
    with locked(path):
        write_atomically(path, json.dumps(values, indent=2).encode())


def _choice(values: object) -> ShortcutChoice:
    if not isinstance(values, dict) or not isinstance(values.get("keys", {}), dict):
        raise TypeError("not a choice of keys")
    preset = values.get("preset")
    changed = {name: _keys(keys) for name, keys in values.get("keys", {}).items() if isinstance(keys, list)}
    return ShortcutChoice(preset if preset in PRESETS else DEFAULT_PRESET, changed)


def _keys(values: list[object]) -> Keys:
    """The keys among `values`, in portable text."""
    texts = (QKeySequence(value).toString() for value in values[:_MOST_KEYS] if isinstance(value, str))
    return tuple(dict.fromkeys(text for text in texts if text))


def _put_away(path: Path, content: bytes) -> None:
    try:
        set_aside(path, content)
    except StoreError:
        return  # it is read as empty each time, until it can be written
