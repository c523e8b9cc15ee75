"""The form of a connection: from a profile to fields and back, with what the engine has and nothing else."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment, PasswordMode, TlsMode
from keeperdb.connections.validation import Problem, check_profile
from keeperdb.engines.base import Engine
from keeperdb.engines.guarantees import read_only_promise, tls_loss
from keeperdb.engines.registry import ENGINES
from keeperdb.gui.fields import Field, SecretEdit
from keeperdb.gui.file_field import ColorChooser, FileEdit
from keeperdb.gui.icons import engine_icon
from keeperdb.keychain.secret import Secret
from keeperdb.query.policy import POLICIES

if TYPE_CHECKING:
    from collections.abc import Sequence

E = TypeVar("E", bound=StrEnum)

_PASSWORD_MODES = (
    (PasswordMode.KEYCHAIN, "Keep on this machine"),
    (PasswordMode.ASK, "Ask each time"),
    (PasswordMode.NONE, "No password"),
)
_TLS_MODES = (
    (TlsMode.DEFAULT, "Verify, but not for this machine"),
    (TlsMode.VERIFY_FULL, "Verify certificate and host name"),
    (TlsMode.VERIFY_CA, "Verify the certificate only"),
    (TlsMode.REQUIRE, "Encrypt without verifying"),
    (TlsMode.PREFER, "Encrypt if the server can"),
    (TlsMode.DISABLE, "Do not encrypt"),
)
_ENVIRONMENTS = tuple((each, each.value.capitalize() or "None") for each in Environment)
_COMMIT_MODES = (
    (CommitMode.DEFAULT, "As the environment has it"),
    (CommitMode.AUTO, "Each statement by itself"),
    (CommitMode.MANUAL, "By hand, with a bar"),
    (CommitMode.SMART, "By hand from the first change on"),
)
_KEPT = "Kept; leave empty to keep it"


class ConnectionForm(QTabWidget):
    """Shows a profile and reads it back. `edited` follows each change by the person."""

    edited = Signal()

    def __init__(self, keychain_label: str) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self._base = ConnectionProfile("", "")
        self._password_is_kept = False
        self._fields: dict[str, Field] = {}
        self._pages: dict[str, int] = {}
        self.name, self.host, self.port = QLineEdit(), QLineEdit(), QLineEdit()
        self.database, self.user, self.password = QLineEdit(), QLineEdit(), SecretEdit()
        self.folder, self.options, self.notes = QLineEdit(), QPlainTextEdit(), QPlainTextEdit()
        self.engine = _combo([(engine.id, engine.name) for engine in ENGINES.values()])
        self.password_mode = _combo(_PASSWORD_MODES)
        self.tls = _combo(_TLS_MODES)
        self.environment = _combo(_ENVIRONMENTS)
        self.commit_mode = _combo(_COMMIT_MODES)
        self.path = FileEdit("File", "SQLite databases (*.db *.db3 *.sqlite *.sqlite3 *.s3db);;All files (*)")
        self.tls_ca = FileEdit("Certificates of the authority", "Certificates (*.pem *.crt *.cer);;All files (*)")
        self.tls_certificate = FileEdit("Client certificate", "Certificates (*.pem *.crt *.cer);;All files (*)")
        self.tls_key = FileEdit("Key of the client certificate", "Keys (*.pem *.key);;All files (*)")
        self.color = ColorChooser()
        self.read_only = QCheckBox("Read-only: refuse what would change data")
        self.create_file = QCheckBox("Create the file if it does not exist")
        self._build(keychain_label)
        self._wire()

    @property
    def chosen_engine(self) -> Engine:
        return ENGINES[self.engine.currentData()]

    def show_profile(self, profile: ConnectionProfile, *, password_is_kept: bool = False) -> None:
        """Fill in `profile`; what the form has no field for is kept as it is."""
        self._base = profile
        self._password_is_kept = password_is_kept
        _choose(self.engine, profile.engine if profile.engine in ENGINES else next(iter(ENGINES)))
        for name in _TEXTS:
            getattr(self, name).setText(getattr(profile, name))
        self.port.setText(str(profile.port or ""))
        self.folder.setText(" / ".join(profile.folder))
        self.notes.setPlainText(profile.notes)
        for combo, value in self._choices(profile):
            _choose(combo, value)
        self.color.set_color(profile.color)
        self.read_only.setChecked(profile.read_only)
        self.create_file.setChecked(profile.options.get("create") == "true")
        shown = {name: value for name, value in profile.options.items() if name != "create"}
        self.options.setPlainText("\n".join(f"{name}={value}" for name, value in shown.items()))
        self.password.clear()
        self.password.setPlaceholderText(_KEPT if password_is_kept else "")
        self._follow_engine()
        self._follow_environment()

    def profile(self) -> ConnectionProfile:
        """The profile as the fields have it, without what the chosen engine does not know."""
        engine = self.chosen_engine
        is_file, has_users = engine.capabilities.is_file, engine.capabilities.has_users
        texts = {name: getattr(self, name).text().strip() for name in _TEXTS}
        lacks = {*(_SERVER_ONLY if is_file else _FILE_ONLY), *(() if engine.capabilities.has_tls_files else _TLS_FILES)}
        texts |= dict.fromkeys(lacks, "")
        return self._base.with_(
            **texts,
            engine=engine.id,
            port=int(self.port.text()) if self.port.text() and not is_file else None,
            folder=tuple(part.strip() for part in self.folder.text().split("/") if part.strip()),
            options=self._options(is_file),
            password_mode=_chosen(self.password_mode, PasswordMode) if has_users else PasswordMode.NONE,
            tls=_chosen(self.tls, TlsMode) if engine.capabilities.has_tls else TlsMode.DEFAULT,
            environment=_chosen(self.environment, Environment),
            commit_mode=_chosen(self.commit_mode, CommitMode),
            color=self.color.color,
            read_only=self.read_only.isChecked(),
            notes=self.notes.toPlainText(),
        )

    def new_password(self) -> Secret | None:
        """The password to keep; empty to forget the kept one, None to leave it as it is."""
        if _chosen(self.password_mode, PasswordMode) is not PasswordMode.KEYCHAIN:
            return Secret("")
        if not self.password.text() and self._password_is_kept:
            return None
        return self.password.secret

    def check(self) -> bool:
        """Show what is wrong beside the fields, go to the first, and say whether all is well."""
        profile = self.profile()
        engine = self.chosen_engine
        problems = check_profile(
            profile,
            is_file=engine.capabilities.is_file,
            needs_host="unix_socket" not in profile.options,
            needs_path=True,
            options=engine.options,
        )
        for name, field in self._fields.items():
            wrong = next((problem for problem in problems if problem.field == name), None)
            field.set_error(f"{wrong.message} {wrong.hint}".strip() if wrong else "")
        if problems:
            self._go_to(problems[0])
        return not problems

    def set_read_only(self) -> None:
        """For a connection that is not ours to change."""
        for edit in (*(getattr(self, name) for name in _TEXTS), self.port, self.folder, self.notes, self.options):
            edit.setReadOnly(True)
        for widget in (
            self.engine,
            self.tls,
            self.environment,
            self.commit_mode,
            self.color,
            self.read_only,
            self.create_file,
        ):
            widget.setEnabled(False)
        self._fields["password_mode"].hide()
        self._fields["password"].hide()

    def _options(self, is_file: bool) -> dict[str, str]:
        lines = (line.partition("=") for line in self.options.toPlainText().splitlines() if line.strip())
        options = {name.strip(): value.strip() for name, _, value in lines}
        return options | ({"create": "true"} if is_file and self.create_file.isChecked() else {})

    def _choices(self, profile: ConnectionProfile) -> Iterable[tuple[QComboBox, object]]:
        yield self.password_mode, profile.password_mode
        yield self.tls, profile.tls
        yield self.environment, profile.environment
        yield self.commit_mode, profile.commit_mode

    def _go_to(self, problem: Problem) -> None:
        field = self._fields.get(problem.field)
        if field is not None:
            self.setCurrentIndex(self._pages[problem.field])
            field.control.setFocus()

    def _follow_engine(self) -> None:
        """Show what the chosen engine has."""
        engine = self.chosen_engine
        has = engine.capabilities
        for name in (*_SERVER_ONLY, "port"):
            self._fields[name].setVisible(not has.is_file)
        for name in _TLS_FILES:
            self._fields[name].setVisible(has.has_tls_files)
        self._fields["host"].set_help(engine.host_help)
        self._fields["database"].set_help(engine.database_help)
        self._fields["read_only"].set_help(read_only_promise(engine))
        self._fields["path"].setVisible(has.is_file)
        self.create_file.setVisible(has.is_file)
        self._fields["user"].setVisible(has.has_users)
        self._fields["password_mode"].setVisible(has.has_users)
        self.port.setPlaceholderText(str(engine.default_port or ""))
        self.setTabVisible(self._pages["tls"], has.has_tls)
        known = [name for name in engine.options if name != "create"]
        self._fields["options"].setVisible(bool(known))
        self._fields["options"].set_help(f"One “name=value” per line: {', '.join(known)}.")
        self._follow_password_mode()
        self._follow_tls()

    def _follow_password_mode(self) -> None:
        keeps = _chosen(self.password_mode, PasswordMode) is PasswordMode.KEYCHAIN
        self._fields["password"].setVisible(keeps and self.chosen_engine.capabilities.has_users)

    def _follow_environment(self) -> None:
        """Say what the environment brings along."""
        policy = POLICIES[_chosen(self.environment, Environment)]
        self._fields["environment"].set_help(policy.in_words)
        self.environment.setToolTip(policy.in_words)

    def _propose_read_only(self) -> None:
        """A new connection to a careful environment is read-only until the person says otherwise."""
        if not self._base.name and POLICIES[_chosen(self.environment, Environment)].read_only:
            self.read_only.setChecked(True)

    def _follow_tls(self) -> None:
        self._fields["tls"].set_help(tls_loss(_chosen(self.tls, TlsMode), self.chosen_engine))

    def _build(self, keychain_label: str) -> None:
        for index in range(self.engine.count()):
            self.engine.setItemIcon(index, engine_icon(self.engine.itemData(index)))
        self.port.setValidator(QIntValidator(1, 65535, self))
        for edit in (self.options, self.notes):
            edit.setFixedHeight(72)
            edit.setTabChangesFocus(True)
        add = self._field
        host = _beside((add(0, "host", "Host"), 3), (add(0, "port", "Port"), 1))
        user = _beside((add(0, "user", "User"), 1), (add(0, "password_mode", "Password"), 1))
        password = add(0, "password", "Password to keep", f"Kept in: {keychain_label}.")
        general = [
            _beside((add(0, "engine", "Database"), 1), (add(0, "name", "Name"), 2)),
            host,
            add(0, "path", "File", "“:memory:” opens an empty database in memory."),
            self.create_file,
            add(0, "database", "Default database"),
            user,
            password,
        ]
        tls = [
            add(1, "tls", "Encryption"),
            add(1, "tls_ca", "Certificates of the authority", "Empty for those of the system."),
            add(1, "tls_certificate", "Client certificate"),
            add(1, "tls_key", "Key of the client certificate"),
        ]
        more = [
            _beside((add(2, "folder", "Folder", "“Work / Orders” is in Work."), 1), (add(2, "color", "Colour"), 1)),
            _beside((add(2, "environment", "Environment"), 1), (add(2, "commit_mode", "Commit"), 1)),
            add(2, "read_only", "Changes"),
            _beside((add(2, "options", "Options"), 1), (add(2, "notes", "Notes"), 1)),
        ]
        for title, widgets in (("Connection", general), ("TLS", tls), ("More", more)):
            self.addTab(_page(widgets), title)

    def _field(self, page: int, name: str, label: str, help_text: str = "") -> Field:
        field = Field(label, getattr(self, name), help_text)
        self._fields[name] = field
        self._pages[name] = page
        return field

    def _wire(self) -> None:
        self.engine.currentIndexChanged.connect(lambda _: self._follow_engine())
        self.password_mode.currentIndexChanged.connect(lambda _: self._follow_password_mode())
        self.environment.currentIndexChanged.connect(lambda _: self._follow_environment())
        self.environment.activated.connect(lambda _: self._propose_read_only())
        self.tls.currentIndexChanged.connect(lambda _: self._follow_tls())
        for name in (*_TEXTS, "port", "password"):
            control = getattr(self, name)
            signal = control.edited if isinstance(control, FileEdit) else control.textEdited
            signal.connect(self._clearer(name))

    def _clearer(self, name: str) -> Callable[..., None]:
        def clear(*_: object) -> None:
            self._fields[name].set_error("")
            self.edited.emit()

        return clear


_TLS_FILES = ("tls_ca", "tls_certificate", "tls_key")
_SERVER_ONLY = ("host", "user", "database", *_TLS_FILES)
_FILE_ONLY = ("path",)
_TEXTS = ("name", *_SERVER_ONLY, *_FILE_ONLY)


def _combo(items: "Sequence[tuple[object, str]]") -> QComboBox:
    combo = QComboBox()
    for value, text in items:
        combo.addItem(text, value)
    return combo


def _chosen(combo: QComboBox, kind: type[E]) -> E:
    """The chosen member of `kind`: Qt keeps a text of its own, not the member."""
    return kind(combo.currentData())


def _choose(combo: QComboBox, value: object) -> None:
    for index in range(combo.count()):
        if combo.itemData(index) == value:
            combo.setCurrentIndex(index)


def _beside(*fields: tuple[QWidget, int]) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    for field, stretch in fields:
        row.addWidget(field, stretch, Qt.AlignmentFlag.AlignTop)
    return widget


def _page(widgets: "Sequence[QWidget]") -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(4, 16, 4, 4)
    column.setSpacing(12)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch()
    area = QScrollArea()  # so that the dialog fits a small screen
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
