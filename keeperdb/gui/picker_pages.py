"""What the picker shows in place of its list: how to begin, or that nothing matches."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import IconLabel, plain_label

_CENTER = Qt.AlignmentFlag.AlignHCenter
_NOTE_WIDTH = 520  # pixels

Action = tuple[str, str, str, Callable[[], None]]  # text, icon, role, what it does


class MessagePage(QWidget):
    """An icon, a sentence, a second one, and buttons, in the middle."""

    def __init__(self, icon_name: str, title: str, text: str, actions: Sequence[Action], note: str = "") -> None:
        super().__init__()
        self._title = plain_label(title, "title")
        self._text = plain_label(text, wrap=True)
        self._text.setAlignment(_CENTER)
        self._text.setMaximumWidth(620)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        layout.addWidget(IconLabel(icon_name, "muted", 40), 0, _CENTER)
        layout.addWidget(self._title, 0, _CENTER)
        text_row = QHBoxLayout()
        text_row.addStretch()
        text_row.addWidget(self._text, 10)
        text_row.addStretch()
        layout.addLayout(text_row)
        layout.addLayout(_button_row([action for action in actions if action[2] != "link"]))
        for action in actions:
            if action[2] == "link":
                layout.addWidget(_button(*action), 0, _CENTER)
        layout.addStretch(3)
        if note:
            small = plain_label(note, "muted", wrap=True)
            small.setAlignment(_CENTER)
            small.setMaximumWidth(_NOTE_WIDTH)
            row = QHBoxLayout()
            row.addStretch()
            row.addWidget(small, 10)
            row.addStretch()
            layout.addLayout(row)

    def set_title(self, title: str) -> None:
        self._title.setText(title)


def _button_row(actions: Sequence[Action]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch()
    for action in actions:
        row.addWidget(_button(*action))
    row.addStretch()
    return row


def _button(text: str, icon_name: str, role: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    if role:
        button.setProperty("role", role)
    if icon_name:
        set_icon(button, icon_name, "on-accent" if role == "primary" else "text")
    button.setAutoDefault(False)
    button.clicked.connect(act)
    return button
