"""The title of a panel: its name, and buttons that detach and hide it. It is dragged, and double-clicked to detach."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QToolButton, QWidget

from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label

_HEIGHT = 28
_ICON = 16


class DockTitle(QWidget):
    """Follows whether its panel is detached."""

    def __init__(self, dock: QDockWidget, title: str) -> None:
        super().__init__(dock)
        self._title = title
        self.setFixedHeight(_HEIGHT)
        self.detach = self._button(lambda: dock.setFloating(not dock.isFloating()))
        self.hide_button = self._button(dock.hide)
        set_icon(self.hide_button, "close", "muted")
        _name(self.hide_button, "Hide", title)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(plain_label(title, "muted"))
        row.addStretch(1)
        row.addWidget(self.detach)
        row.addWidget(self.hide_button)
        dock.topLevelChanged.connect(self._show_place)
        self._show_place(dock.isFloating())

    def _show_place(self, is_floating: bool) -> None:
        set_icon(self.detach, "attach" if is_floating else "detach", "muted")
        _name(self.detach, "Put back" if is_floating else "Detach", self._title)

    def _button(self, act: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setIconSize(QSize(_ICON, _ICON))
        button.clicked.connect(lambda _checked: act())
        return button


def _name(button: QToolButton, words: str, title: str) -> None:
    button.setToolTip(words)
    button.setAccessibleName(f"{words}: {title}")
