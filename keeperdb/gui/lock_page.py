"""What is seen of a locked program: one window without any content, and a field for the PIN or the password."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.fields import SecretEdit
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.resources import application_icon

_CENTER = Qt.AlignmentFlag.AlignHCenter
_TEXT_WIDTH = 420  # pixels


class LockPage(QWidget):
    """`answered(secret)` follows the button or Enter; `quit_requested` the way out for who has forgotten the PIN.

    It cannot be closed, only made small.
    """

    answered = Signal(object)
    quit_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("KeeperDB is locked")
        self.setWindowIcon(application_icon())
        self.setMinimumSize(420, 360)
        self.resize(560, 420)
        self.secret = SecretEdit()
        self.secret.setFixedWidth(320)
        self.caption = plain_label("PIN")
        self.caption.setBuddy(self.secret)
        self.unlock_button = QPushButton("Unlock")
        self.unlock_button.setProperty("role", "primary")
        self.unlock_button.setDefault(True)
        self.unlock_button.clicked.connect(self._answer)
        self.quit_button = QPushButton("Quit KeeperDB")
        self.quit_button.setProperty("role", "link")
        self.quit_button.clicked.connect(self.quit_requested)
        self.about = plain_label("", "muted", wrap=True)
        self.about.setAlignment(_CENTER)
        self.error = plain_label("", "danger", wrap=True)
        self.error.setAlignment(_CENTER)
        self._may_close = False
        self._lay_out()
        self.show_way("", "")

    def show_way(self, label: str, about: str) -> None:
        """Ask for what `label` names; nothing is to be entered without it. `about` says what else is to be known."""
        self.secret.setVisible(bool(label))
        self.caption.setText(label)
        self.secret.setAccessibleName(label)
        _show_text(self.about, about)
        self.set_busy(False)

    def set_busy(self, is_busy: bool) -> None:
        """While the answer is being checked, another cannot be given."""
        self.unlock_button.setEnabled(not is_busy)
        self.secret.setEnabled(not is_busy)
        if not is_busy:
            (self.unlock_button if self.secret.isHidden() else self.secret).setFocus()

    def fail(self, text: str) -> None:
        """Say why the program stays locked."""
        _show_text(self.error, text)
        self.error.show()
        self.secret.clear()
        self.set_busy(False)

    def close_for_good(self) -> None:
        """Away with the page: the program is not locked any more, or ends."""
        self._may_close = True
        self.secret.clear()
        self.close()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._answer()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(self._may_close)
        if not self._may_close:
            self.showMinimized()

    def _answer(self) -> None:
        if self.unlock_button.isEnabled():
            self.error.hide()
            self.set_busy(True)
            self.answered.emit(self.secret.secret)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        for label in (self.about, self.error):  # a label in the middle is else as narrow as its first guess at a height
            label.setFixedWidth(_TEXT_WIDTH)
        column.addStretch(2)
        column.addWidget(IconLabel("lock", "accent", 40), 0, _CENTER)
        column.addWidget(plain_label("KeeperDB is locked", "title"), 0, _CENTER)
        column.addWidget(self.caption, 0, _CENTER)
        column.addWidget(self.secret, 0, _CENTER)
        column.addWidget(self.error, 0, _CENTER)
        self.error.hide()
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.unlock_button)
        buttons.addStretch()
        column.addLayout(buttons)
        column.addWidget(self.about, 0, _CENTER)
        column.addStretch(3)
        column.addWidget(self.quit_button, 0, _CENTER)


def _show_text(label: QLabel, text: str) -> None:
    """With room for all of its lines, which a layout that centres a label does not give."""
    label.setText(text)
    label.setMinimumHeight(max(0, label.heightForWidth(_TEXT_WIDTH)))
