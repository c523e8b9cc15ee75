"""`keeperdb:` links: a dialog says exactly what one would do and where it would connect; nothing happens before."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.connections.link import parse_link
from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.words import engine_name

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_LONGEST = 120  # characters of one line
_TLS_WORDS = {
    TlsMode.DISABLE: "Nothing is encrypted",
    TlsMode.PREFER: "Encrypted only if the server can",
    TlsMode.REQUIRE: "Encrypted, but the server is not verified",
    TlsMode.VERIFY_CA: "Encrypted, but the name of the server is not verified",
}


class LinkQuestions(QObject):
    """Asks about one link at a time: those that come while a question is open are not followed."""

    def __init__(self, app: "Application", parent: QObject) -> None:
        super().__init__(parent)
        self._app = app
        self.question: LinkQuestion | None = None

    def ask(self, text: str) -> None:
        """Ask what to do with a link; errors are shown."""
        parent = self._parent()
        if self.question is not None:
            self.question.raise_()
            return
        try:
            link = parse_link(text)
            if link.profile is not None:
                self._ask_new(parent, link.profile)
            else:
                self._ask_open(parent, self._app.workspace.find(link.name))
        except KeeperDBError as error:
            self._app.show_error(parent, error)

    def _ask_open(self, parent: QWidget, profile: ConnectionProfile) -> None:
        if profile.problem:
            self._show(parent, LinkQuestion(parent, "This connection cannot be used", profile.problem, profile, ""))
            return
        text = "A link asks for this. KeeperDB would connect at once, with the credential that it has."
        question = LinkQuestion(parent, "Open this connection?", text, profile, "Connect")
        self._show(parent, question, lambda: self._app.open_window(profile, parent))

    def _ask_new(self, parent: QWidget, profile: ConnectionProfile) -> None:
        text = (
            "A link asks for this. The form of a new connection opens; nothing is connected or saved before you say so "
            "there. Do not enter a password for a server that you do not know."
        )
        question = LinkQuestion(parent, "Add this connection?", text, profile, "Open the form")
        self._show(parent, question, lambda: self._open_form(parent, profile))

    def _show(self, parent: QWidget, question: "LinkQuestion", act: Callable[[], object] | None = None) -> None:
        self.question = question
        question.finished.connect(lambda _: self._forget())
        if act is not None:
            question.accepted.connect(act)
        question.open()

    def _forget(self) -> None:
        self.question = None

    def _open_form(self, parent: QWidget, profile: ConnectionProfile) -> None:
        from keeperdb.connections.address import format_address
        from keeperdb.gui.connection_dialog import ConnectionDialog

        dialog = ConnectionDialog(self._app.workspace, self._app.gate, parent)
        dialog.fill(format_address(profile))
        dialog.open()

    def _parent(self) -> QWidget:
        return self._app.windows[-1] if self._app.windows else self._app.picker


class LinkQuestion(QDialog):
    """What a link would do, line by line; the safe answer is the default."""

    def __init__(self, parent: QWidget, title: str, text: str, profile: ConnectionProfile, action: str) -> None:
        """`action` is what the button says; without it there is nothing to agree to."""
        super().__init__(parent)
        self.setWindowTitle("Link from outside KeeperDB")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.lines = facts(profile)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(plain_label(title, "heading", wrap=True))
        words.addWidget(plain_label(text, wrap=True))
        words.addLayout(_form(self.lines))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(IconLabel("link", "warning", 24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(row)
        layout.addWidget(self._buttons(action))
        self.setAccessibleName(title)
        self.setAccessibleDescription("\n".join([text, *(f"{name}: {value}" for name, value in self.lines)]))

    def _buttons(self, action: str) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.cancel = box.addButton("Cancel" if action else "Close", QDialogButtonBox.ButtonRole.RejectRole)
        self.cancel.setDefault(True)
        self.cancel.setFocus()
        self.cancel.clicked.connect(self.reject)
        self.agree: QPushButton | None = None
        if action:
            self.agree = box.addButton(action, QDialogButtonBox.ButtonRole.ActionRole)
            self.agree.setAutoDefault(False)
            self.agree.clicked.connect(self.accept)
        return box


def facts(profile: ConnectionProfile) -> list[tuple[str, str]]:
    """Everything about a connection that says where it leads, in words."""
    found = [
        ("Name", profile.full_name),
        ("Database system", engine_name(profile.engine)),
        ("Server", profile.address),
        ("Database", profile.database),
        ("User", profile.user),
        ("Environment", profile.environment.value),
        ("Encryption", _TLS_WORDS.get(profile.tls, "")),
        ("Certificates to trust", profile.tls_ca),
        ("Own certificate", profile.tls_certificate),
        ("Own key", profile.tls_key),
        *((f"Option {name}", str(value)) for name, value in sorted(profile.options.items())),
    ]
    return [(one_line(name), one_line(value)) for name, value in found if value]


def _form(lines: list[tuple[str, str]]) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(4)
    for name, value in lines:
        label = plain_label(elide_middle(value, _LONGEST), wrap=True, selectable=True)
        label.setToolTip(tooltip(value))
        form.addRow(plain_label(elide_middle(name, 40), "muted"), label)
    return form
