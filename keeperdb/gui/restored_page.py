"""The place of a tab that was open before, until it is looked at: a title, and then a few words at most."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.notices import plain_label
from keeperdb.workspace.journal import TabHead

_HUGE = 12_000_000  # characters; the editor asks before it lets such a text be edited too


class RestoredPage(QWidget):
    """Light on purpose: there may be many. `asked` follows the button that opens a huge text all the same."""

    asked = Signal()

    def __init__(self, head: TabHead) -> None:
        super().__init__()
        self.head = head
        self.is_opening = False
        self.may_open = head.size < _HUGE

    @property
    def has_said(self) -> bool:
        """Whether it says why there is no tab."""
        return self.layout() is not None

    def show_huge(self) -> None:
        """Say that the text was not opened, and why."""
        size = f"{self.head.size / 1_000_000:,.0f} million characters"
        self._say("The text of this tab was not opened, because it is very large.", f"It has about {size}.", True)

    def show_error(self, error: KeeperDBError) -> None:
        """Say that nothing came back; the tab can be closed."""
        self._say(error.message, error.hint, False)

    def _say(self, message: str, hint: str, can_open: bool) -> None:
        if self.layout() is not None:
            return
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addStretch(1)
        for text, role in ((message, "heading"), (hint, "muted")):
            label = plain_label(text, role, wrap=True, selectable=True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        if can_open:
            button = QPushButton("Open anyway")
            button.setToolTip("Read the text into the editor")
            button.clicked.connect(lambda _checked: self._open())
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
            self.setFocusProxy(button)
        column.addStretch(2)

    def _open(self) -> None:
        self.may_open = True
        self.asked.emit()
