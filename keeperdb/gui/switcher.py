"""The connection switcher: a button with the connection's name, and under it the searchable list of the picker."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.connection_list import ConnectionListModel, place_of
from keeperdb.gui.connection_view import ConnectionView
from keeperdb.gui.icons import engine_icon
from keeperdb.gui.privacy import privacy
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.shortcuts import shortcuts

if TYPE_CHECKING:
    from keeperdb.workspace import Workspace

_NAME_CHARACTERS = 34
_SIZE = QSize(520, 460)


class SwitcherPopup(QFrame):
    """`chosen(profile)` follows Enter and a double click; Escape closes."""

    chosen = Signal(object)

    def __init__(self, workspace: "Workspace", current: ConnectionProfile, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setAccessibleName("Switch connection")
        self.resize(_SIZE)
        self.model = ConnectionListModel(self)
        self.model.set_connections(workspace.profiles(), workspace.last_used)
        self.search = SearchField("Search connections")
        self.view = ConnectionView(self.model)
        self.search.textChanged.connect(self._search)
        self.search.moved.connect(self.view.move_current)
        self.search.entered.connect(lambda _: self._choose(self.view.current_profile))
        self.view.opened.connect(lambda profile, _: self._choose(profile))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.view, 1)
        self.view.select_profile(current.id)
        self.search.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _search(self, text: str) -> None:
        self.model.search(text)
        self.view.select_first()

    def _choose(self, profile: ConnectionProfile | None) -> None:
        if profile is not None and profile.is_usable:
            self.chosen.emit(profile)
            self.close()


class Switcher(QToolButton):
    """Stands over the schema tree. `chosen(profile)` asks for another connection."""

    chosen = Signal(object)

    def __init__(self, workspace: "Workspace", profile: ConnectionProfile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._profile = profile
        self.popup: SwitcherPopup | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(20, 20))
        self.setIcon(engine_icon(profile.engine))
        self._show_name()
        privacy().changed.connect(self._show_name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open)

    def _show_name(self) -> None:
        profile = self._profile
        name, full_name = privacy().sentence(profile.name), privacy().sentence(profile.full_name)
        self.setText(f"{elide_middle(one_line(name), _NAME_CHARACTERS).replace('&', '&&')}  ▾")
        self.setAccessibleName(f"Connection {name}, switch")
        key = shortcuts().native("view.switch_connection")
        switch = f"Switch connection ({key})" if key else "Switch connection"
        self.setToolTip(tooltip(f"{full_name}\n{place_of(profile)}\n{switch}"))

    def open(self) -> None:
        """Open the list."""
        popup = SwitcherPopup(self._workspace, self._profile, self)
        popup.chosen.connect(self.chosen)
        popup.destroyed.connect(self._forget)
        popup.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        popup.show()
        self.popup = popup

    def _forget(self) -> None:
        self.popup = None
