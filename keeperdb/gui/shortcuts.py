"""Which keys each action has: those of the table, unless the person changed them."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QKeySequence

from keeperdb.gui.action_table import ACTIONS


class Shortcuts(QObject):
    """The keys of one running program; `shortcuts()` finds it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed: dict[str, tuple[str, ...]] = {}

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys in force in Qt's portable text, the one to be shown first. Raises `KeyError`."""
        spec = ACTIONS[action_id]
        return self._changed.get(action_id, spec.keys)

    def native(self, action_id: str) -> str:
        """The first key as the platform writes it; empty if there is none. Raises `KeyError`."""
        keys = self.keys(action_id)
        return QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""

    def use(self, changed: Mapping[str, tuple[str, ...]]) -> None:
        """Take the keys of the actions that differ from the table into use."""
        self._changed = dict(changed)


def shortcuts() -> Shortcuts:
    """The keys that are in force in this program."""
    app = QCoreApplication.instance()
    found = app.findChild(Shortcuts, options=Qt.FindChildOption.FindDirectChildrenOnly) if app is not None else None
    return found if found is not None else Shortcuts(app)
