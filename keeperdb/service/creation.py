"""Makes a configuration out of options, or by asking: Commander's questions in Commander's order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from keeperdb.errors import SettingsError
from keeperdb.keychain.secret import Secret
from keeperdb.service import validation
from keeperdb.service.config import EVERY_ADDRESS, FOREGROUND, LOOPBACK, YAML, ApiKey, Ngrok, ServiceConfig, TlsFiles
from keeperdb.service.keys import new_key

T = TypeVar("T")

_LONGEST_KEY_FILE = 1_000_000  # bytes


class Questions(Protocol):
    """Somebody who answers. `ask` and `ask_hidden` raise `SettingsError` where nobody is left."""

    def ask(self, prompt: str) -> str: ...

    def ask_hidden(self, prompt: str) -> str: ...

    def say(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class CommandNames:
    """What may stand in a list of commands."""

    is_known: Callable[[str], bool]
    names: Iterable[str]

    def check(self, text: str) -> tuple[str, ...]:
        return validation.command_list(text, self.is_known, self.names)


@dataclass(frozen=True, slots=True)
class GivenOptions:
    """The options of `service-create` as they were typed; None for one that was not."""

    port: str | None = None
    commands: str | None = None
    bind: str | None = None
    ngrok: str | None = field(default=None, repr=False)
    ngrok_domain: str | None = None
    allowed: str | None = None
    denied: str | None = None
    certificate: str | None = None
    certificate_key: str | None = None
    certificate_password: str | None = field(default=None, repr=False)
    file_format: str | None = None
    run_mode: str | None = None
    queue: str | None = None
    rate_limit: str | None = None
    encryption_key: str | None = field(default=None, repr=False)
    expiration: str | None = None
    connections: str | None = None

    @property
    def are_streamlined(self) -> bool:
        """Whether nothing is asked but what is indispensable: the port says so."""
        return self.port is not None


def create(
    given: GivenOptions, questions: Questions, commands: CommandNames, stored_format: str = ""
) -> tuple[ServiceConfig, ApiKey]:
    """The configuration and its one key. `stored_format` is that of an earlier configuration, and is kept.

    Raises `SettingsError` for an option that cannot be used; a wrong answer is asked for again.
    """
    bind = validation.bind_address(given.bind) if given.bind else LOOPBACK
    if given.are_streamlined:
        config, key = _from_options(given, bind, questions, commands)
        wanted = given.file_format or stored_format or YAML
        return config.with_(file_format=validation.file_format(wanted), keys=(key,)), key
    dialog = _Dialog(questions, commands, given, bind)
    config, key = dialog.config()
    wanted = given.file_format or stored_format
    file_format = validation.file_format(wanted) if wanted else dialog.file_format()
    return config.with_(file_format=file_format, keys=(key,)), key


def make_key(given: GivenOptions, questions: Questions, commands: CommandNames, *, is_advanced: bool) -> ApiKey:
    """One more key for a configuration: the options, and questions for what they do not say. Raises `SettingsError`."""
    dialog = _Dialog(questions, commands, given, LOOPBACK)
    names = commands.check(given.commands) if given.commands is not None else dialog.commands()
    if given.expiration is not None:
        expires = validation.expiry(given.expiration, datetime.now(UTC))
    else:
        expires = dialog.expiry() if is_advanced and given.commands is None else None
    return new_key(names, expires, _connections(given))


def _from_options(
    given: GivenOptions, bind: str, questions: Questions, commands: CommandNames
) -> tuple[ServiceConfig, ApiKey]:
    port = validation.free_port(given.port or "", bind)
    names = commands.check(given.commands) if given.commands is not None else None
    config = ServiceConfig(
        port=port,
        bind=bind,
        rate_limit=validation.rate_limit(given.rate_limit or ""),
        allowed=validation.address_list(given.allowed or "") or EVERY_ADDRESS,
        denied=validation.address_list(given.denied or ""),
        encryption_key=_encryption(given.encryption_key),
        queue_enabled=validation.queue_setting(given.queue) if given.queue is not None else True,
        run_mode=validation.run_mode(given.run_mode or FOREGROUND),
        is_advanced=any((given.allowed, given.denied, given.rate_limit, given.encryption_key)),
        ngrok=_ngrok(given.ngrok, given.ngrok_domain),
        tls=_tls(given) if given.ngrok is None else None,
    )
    expires = validation.expiry(given.expiration or "", datetime.now(UTC))
    if names is None:
        names = _Dialog(questions, commands, given, bind).commands()
    return config, new_key(names, expires, _connections(given))


def _ngrok(token: str | None, domain: str | None) -> Ngrok | None:
    if token is None:
        return None
    return Ngrok(Secret(validation.ngrok_token(token)), validation.ngrok_domain(domain or ""))


def _tls(given: GivenOptions) -> TlsFiles | None:
    if not given.certificate:
        if given.certificate_key or given.certificate_password:
            raise SettingsError("A key and a password belong to a certificate.", "Name its file with -crtf.")
        return None
    return tls_files(given.certificate, given.certificate_key or "", given.certificate_password or "")


def tls_files(certificate: str, key: str, password: str) -> TlsFiles:
    """The files as full paths, tried out. A `password` that is the path of a key's file is one.

    Commander's option for the password takes that path. Raises `SettingsError`.
    """
    from keeperdb.service.tls import server_context

    if not key and validation.is_certificate_path(password) and Path(password).expanduser().is_file():
        key, password = password, ""
    files = TlsFiles(
        _full_path(certificate, "certfile"), _full_path(key, "keyfile"), Secret(password) if password else None
    )
    server_context(files)
    return files


def _full_path(text: str, option: str) -> str:
    path = validation.certificate_path(text, option)
    return str(Path(path).expanduser().absolute()) if path else ""


def _encryption(text: str | None) -> Secret | None:
    return Secret(validation.encryption_key(text)) if text is not None else None


def _connections(given: GivenOptions) -> tuple[str, ...]:
    return tuple(name.strip() for name in (given.connections or "").split(",") if name.strip())


class _Dialog:
    """Asks until an answer can be used."""

    def __init__(self, questions: Questions, commands: CommandNames, given: GivenOptions, bind: str) -> None:
        self._questions = questions
        self._commands = commands
        self._given = given
        self._bind = bind

    def config(self) -> tuple[ServiceConfig, ApiKey]:
        port = self._ask("Enter Port No: ", lambda text: validation.free_port(text, self._bind), "port")
        ngrok = self._ngrok()
        tls = None if ngrok is not None else self._tls()
        queue = self._is_yes("Enable Request Queue? (y/n): ")
        is_advanced = self._is_yes("Enable Advanced Security? (y/n): ")
        config = ServiceConfig(
            port=port, bind=self._bind, ngrok=ngrok, tls=tls, queue_enabled=queue, is_advanced=is_advanced
        )
        if is_advanced:
            config = self._secured(config)
        mode = self._ask("Select run mode (foreground/background): ", validation.run_mode)
        names = self.commands()
        expires = self.expiry() if is_advanced else None
        return config.with_(run_mode=mode), new_key(names, expires, _connections(self._given))

    def commands(self) -> tuple[str, ...]:
        return self._ask("List of supported commands, Enter comma separated: ", self._commands.check)

    def expiry(self) -> datetime | None:
        prompt = "Token Expiration Time (Xm, Xh, Xd) or empty for no expiration: "
        expires = self._ask(prompt, lambda text: validation.expiry(text, datetime.now(UTC)), "expiration")
        if expires is None:
            self._questions.say("API key set to never expire")
        return expires

    def file_format(self) -> str:
        return self._ask("Select configuration format (json/yaml): ", validation.file_format)

    def _ngrok(self) -> Ngrok | None:
        if not self._is_yes("Enable Ngrok Tunneling? (y/n): "):
            return None
        token = self._ask("Enter Ngrok Auth Token: ", validation.ngrok_token, "ngrok token", is_hidden=True)
        domain = self._ask("Enter Ngrok Custom Domain: ", validation.ngrok_domain, "ngrok domain")
        return Ngrok(Secret(token), domain)

    def _tls(self) -> TlsFiles | None:
        while self._is_yes("Enable TLS Certificate? (y/n): "):
            certificate = self._ask("Enter Certificate Path: ", _existing_certificate, "certificate")
            password = self._questions.ask_hidden("Enter Certificate Password: ")
            key = "" if _holds_key(certificate) or _holds_key(password) else self._key_file()
            try:
                return tls_files(certificate, key, password)
            except SettingsError as error:
                self._questions.say(f"Invalid certificate: {error}")
        return None

    def _key_file(self) -> str:
        return self._ask("Enter Key File Path: ", _existing_certificate, "key file")

    def _secured(self, config: ServiceConfig) -> ServiceConfig:
        rate = "Rate Limit (X/unit or X per unit, e.g., 10/minute, 100 per hour, 1000/day): "
        limit = self._ask(rate, validation.rate_limit, "rate limit")
        allowed = self._ask("Enter Allowed IP List (comma-separated): ", validation.address_list, "IP list")
        denied = self._ask("Enter IP Denied List (comma-separated): ", validation.address_list, "IP list")
        return config.with_(
            rate_limit=limit, allowed=allowed or EVERY_ADDRESS, denied=denied, encryption_key=self._encryption_key()
        )

    def _encryption_key(self) -> Secret | None:
        if not self._is_yes("Enable Encryption? (y/n): "):
            return None
        prompt = (
            "Enter the private key to enable encryption (Must be 32 characters long). "
            "Keep this key safe, as it will be required for decryption: "
        )
        return Secret(self._ask(prompt, validation.encryption_key, "encryption key", is_hidden=True))

    def _is_yes(self, prompt: str) -> bool:
        return self._ask(prompt, validation.yes_or_no)

    def _ask(self, prompt: str, read: Callable[[str], T], what: str = "", *, is_hidden: bool = False) -> T:
        ask = self._questions.ask_hidden if is_hidden else self._questions.ask
        while True:
            answer = ask(prompt)
            try:
                return read(answer)
            except SettingsError as error:
                self._questions.say(f"Invalid {what}: {error}" if what else str(error))


def _existing_certificate(text: str) -> str:
    path = _full_path(text, "certfile")
    if not path or not Path(path).is_file():
        raise SettingsError("There is no such file.")
    return path


def _holds_key(path: str) -> bool:
    if not validation.is_certificate_path(path):
        return False
    try:
        with Path(path).expanduser().open("rb") as file:
            return b"PRIVATE KEY-----" in file.read(_LONGEST_KEY_FILE)
    except (OSError, ValueError):
        return False
