"""The settings of the service as a form: address, limits, lists, encryption, TLS and ngrok."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from keeperdb.errors import SettingsError
from keeperdb.gui.fields import Field, SecretEdit
from keeperdb.gui.file_field import FileEdit
from keeperdb.gui.notices import plain_label
from keeperdb.keychain.secret import Secret
from keeperdb.service import validation
from keeperdb.service.config import EVERY_ADDRESS, LOOPBACK, Ngrok, ServiceConfig, TlsFiles

T = TypeVar("T")
_DEFAULT_PORT = 9090
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - offered by name, and never the default
_NONE: tuple[str, ...] = ()
_PEM = "Certificates (*.pem *.crt *.cer *.key);;All files (*)"


class ServiceForm(QWidget):
    """`edited` follows each change by the person. Nothing is saved here."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._config = ServiceConfig(port=_DEFAULT_PORT)
        self.port = QSpinBox()
        self.port.setRange(1024, 65535)
        self.port.lineEdit().setTextMargins(6, 0, 0, 0)
        self.bind = QComboBox()
        self.bind.setEditable(True)
        self.bind.addItem("This machine only", LOOPBACK)
        self.bind.addItem("Every network interface", _EVERYWHERE)
        self.queue = QCheckBox("Offer the queue of version 2 as well")
        self.rate = QLineEdit(placeholderText="60/minute")
        self.allowed = QLineEdit(placeholderText="every address")
        self.denied = QLineEdit(placeholderText="none")
        self.proxies = QLineEdit(placeholderText="none")
        self.hosts = QLineEdit(placeholderText="none")
        self.encryption = SecretEdit()
        self.certificate = FileEdit("Certificate", _PEM)
        self.key_file = FileEdit("Key of the certificate", _PEM)
        self.key_password = SecretEdit()
        self.token = SecretEdit()
        self.domain = QLineEdit(placeholderText="chosen by ngrok")
        self.fields = self._make_fields()
        self._build()
        self._connect()
        self.show_config(self._config)

    def show_config(self, config: ServiceConfig) -> None:
        """Show what is stored."""
        self._config = config
        self.blockSignals(True)
        self.port.setValue(config.port)
        self._show_bind(config.bind)
        self.queue.setChecked(config.queue_enabled)
        self.rate.setText(config.rate_limit)
        self.allowed.setText("" if config.allowed == EVERY_ADDRESS else ", ".join(config.allowed))
        self.denied.setText(", ".join(config.denied))
        self.proxies.setText(", ".join(config.trusted_proxies))
        self.hosts.setText(", ".join(config.hosts))
        self.encryption.setText(_revealed(config.encryption_key))
        self.certificate.setText(config.tls.certificate if config.tls else "")
        self.key_file.setText(config.tls.key if config.tls else "")
        self.key_password.setText(_revealed(config.tls.password if config.tls else None))
        self.token.setText(_revealed(config.ngrok.token if config.ngrok else None))
        self.domain.setText(config.ngrok.domain if config.ngrok else "")
        self.blockSignals(False)
        for field in self.fields.values():
            field.set_error("")

    def config(self) -> ServiceConfig | None:
        """What the form says; None if something in it cannot be used, which is said beside it."""
        read = _Reading(self.fields)
        bind = read("bind", lambda: validation.bind_address(self._bind_text()), LOOPBACK)
        limit = read("rate", lambda: validation.rate_limit(self.rate.text()), "")
        allowed = read("allowed", lambda: validation.address_list(self.allowed.text()), _NONE)
        denied = read("denied", lambda: validation.address_list(self.denied.text()), _NONE)
        proxies = read("proxies", lambda: validation.address_list(self.proxies.text()), _NONE)
        hosts = read("hosts", lambda: validation.host_names(self.hosts.text()), _NONE)
        key = read("encryption", self._encryption, None)
        tls = read("certificate", self._tls, None)
        ngrok = read("token", self._ngrok, None)
        if read.has_failed:
            return None
        return self._config.with_(
            port=self.port.value(),
            bind=bind,
            queue_enabled=self.queue.isChecked(),
            rate_limit=limit,
            allowed=allowed or EVERY_ADDRESS,
            denied=denied,
            trusted_proxies=proxies,
            hosts=hosts,
            encryption_key=key,
            tls=tls,
            ngrok=ngrok,
            is_advanced=bool(limit or allowed or denied or key),
        )

    def _encryption(self) -> Secret | None:
        text = self.encryption.text()
        return Secret(validation.encryption_key(text)) if text else None

    def _tls(self) -> TlsFiles | None:
        """The files are tried out when they are saved."""
        certificate = validation.certificate_path(self.certificate.text(), "certificate")
        key = validation.certificate_path(self.key_file.text(), "key")
        password = self.key_password.text()
        if not certificate:
            if key or password:
                raise SettingsError("A key and a password belong to a certificate.")
            return None
        full = [str(Path(path).expanduser().absolute()) if path else "" for path in (certificate, key)]
        return TlsFiles(full[0], full[1], Secret(password) if password else None)

    def _ngrok(self) -> Ngrok | None:
        domain = validation.ngrok_domain(self.domain.text())
        if not self.token.text().strip():
            if domain:
                raise SettingsError("A domain needs a token.")
            return None
        if self.certificate.text().strip():
            raise SettingsError("The tunnel has TLS of its own: it works without a certificate only.")
        return Ngrok(Secret(validation.ngrok_token(self.token.text())), domain)

    def _bind_text(self) -> str:
        index = self.bind.findText(self.bind.currentText())
        return str(self.bind.itemData(index)) if index >= 0 else self.bind.currentText()

    def _show_bind(self, address: str) -> None:
        index = self.bind.findData(address)
        if index >= 0:
            self.bind.setCurrentIndex(index)
        else:
            self.bind.setEditText(address)

    def _make_fields(self) -> dict[str, Field]:
        return {
            "port": Field("Port", self.port, "1024 to 65535."),
            "bind": Field(
                "Listens on", self.bind, "Or an address of this machine. The outside is reached on request only."
            ),
            "rate": Field("Rate limit", self.rate, "Such as 100/minute or 1000 per day, for each caller."),
            "proxies": Field("Trusted proxies", self.proxies, "Addresses whose X-Forwarded-For is believed."),
            "hosts": Field("Further host names", self.hosts, "Under which a proxy or a browser calls the service."),
            "allowed": Field("Allowed addresses", self.allowed, "Addresses, networks or ranges, split by commas."),
            "denied": Field("Denied addresses", self.denied, "They count before the allowed ones."),
            "encryption": Field(
                "Encrypt answers with", self.encryption, "32 letters, digits or @#$%^&+=; AES-256-GCM. Empty: off."
            ),
            "certificate": Field("TLS certificate", self.certificate, "PEM file. Empty: no TLS."),
            "key": Field("Key of the certificate", self.key_file, "Unless the certificate's file holds it."),
            "key_password": Field("Password of the key", self.key_password),
            "token": Field(
                "ngrok token", self.token, "Opens a tunnel with the ngrok agent of this machine. Empty: off."
            ),
            "domain": Field("ngrok domain", self.domain),
        }

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        self._place(grid, 0, ("port", "bind", "allowed", "denied", "proxies", "hosts", "rate"))
        row = QHBoxLayout()
        row.addWidget(self.queue)
        row.addStretch()
        grid.addLayout(row, 3, 1)
        grid.addWidget(plain_label("Encryption and TLS", "heading"), 4, 0, 1, 2)
        self._place(grid, 5, ("encryption", "certificate", "key", "key_password"))
        grid.addWidget(plain_label("Tunnel", "heading"), 7, 0, 1, 2)
        self._place(grid, 8, ("token", "domain"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)

    def _place(self, grid: QGridLayout, first_row: int, names: tuple[str, ...]) -> None:
        for number, name in enumerate(names):
            grid.addWidget(self.fields[name], first_row + number // 2, number % 2, Qt.AlignmentFlag.AlignTop)

    def _connect(self) -> None:
        self.port.valueChanged.connect(lambda _: self.edited.emit())
        self.bind.editTextChanged.connect(lambda _: self.edited.emit())
        self.queue.toggled.connect(lambda _: self.edited.emit())
        texts = (self.rate, self.allowed, self.denied, self.proxies, self.hosts, self.token, self.domain)
        for edit in (*texts, self.encryption, self.key_password):
            edit.textChanged.connect(lambda _: self.edited.emit())
        for file in (self.certificate, self.key_file):
            file.edited.connect(self.edited)


class _Reading:
    """Reads one field after the other, and says beside each what is wrong with it."""

    def __init__(self, fields: dict[str, Field]) -> None:
        self._fields = fields
        self.has_failed = False

    def __call__(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            value = read()
        except SettingsError as error:
            self._fields[name].set_error(str(error))
            self.has_failed = True
            return otherwise
        self._fields[name].set_error("")
        return value


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret is not None else ""
