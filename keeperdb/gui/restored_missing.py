"""Tabs whose connection is not there any more: they come back all the same, and can go on on another connection."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from keeperdb.connections.profile import ConnectionProfile, PasswordMode
from keeperdb.engines.registry import ENGINES
from keeperdb.errors import ConnectError, ConnectReason, KeychainError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.notices import plain_label
from keeperdb.task import Task
from keeperdb.workspace.journal import WindowState

if TYPE_CHECKING:
    from keeperdb.query.session import Session
    from keeperdb.workspace import Workspace

_SQLITE = "sqlite"
_WHY = "It was removed, or its vault is not attached here."
_HINT = "The tabs are as they were: copy what you need, or open them on another connection."


class MissingOpener:
    """Opens nothing, and says why."""

    def __init__(self, name: str, window: QWidget | None = None) -> None:
        self.window = window
        self._name = elide_middle(one_line(name), 80)

    @property
    def message(self) -> str:
        return f"The connection “{self._name}” is not there any more."

    def open(self, _task: Task) -> "Session":
        raise ConnectError(ConnectReason.PROFILE, self.message, f"{_WHY} {_HINT}")

    def ask_password(self, _error: ConnectError, _then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        otherwise()

    def open_keychain(self, _error: KeychainError, _then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        otherwise()


class MissingBar(QWidget):
    """Stands over the empty tree. `chosen(profile)` asks for the tabs to go to another connection."""

    chosen = Signal(object)

    def __init__(self, opener: MissingOpener, workspace: "Workspace", profile: ConnectionProfile) -> None:
        super().__init__()
        self._workspace, self._profile = workspace, profile
        self.button = QPushButton("Open on another connection…")
        self.button.setToolTip("Choose the connection on which these tabs go on")
        self.button.clicked.connect(lambda _checked: self.choose())
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addWidget(plain_label(opener.message, "heading", wrap=True, selectable=True))
        column.addWidget(plain_label(f"{_WHY} {_HINT}", "muted", wrap=True, selectable=True))
        column.addWidget(self.button)

    def choose(self) -> None:
        """Show the list of connections."""
        from keeperdb.gui.switcher import SwitcherPopup

        popup = SwitcherPopup(self._workspace, self._profile, self)
        popup.chosen.connect(self.chosen)
        popup.move(self.button.mapToGlobal(QPoint(0, self.button.height() + 2)))
        popup.show()


def profile_for(state: WindowState, workspace: "Workspace") -> ConnectionProfile | None:
    """The connection of a window that was open; None if it is not there, or cannot be used."""
    found = next((each for each in workspace.profiles() if each.id == state.connection_id), None)
    if found is None and state.engine == _SQLITE and state.path:  # a file that was opened without being saved
        return ConnectionProfile(
            state.connection, _SQLITE, id=state.connection_id, path=state.path, password_mode=PasswordMode.NONE
        )
    return found if found is not None and found.is_usable and found.engine in ENGINES else None


def stand_in(state: WindowState) -> ConnectionProfile:
    """What a window shows instead of a connection that is not there; its dialect stays."""
    engine = state.engine if state.engine in ENGINES else next(iter(ENGINES))
    return ConnectionProfile(state.connection or "Recovered tabs", engine, id=state.connection_id)
