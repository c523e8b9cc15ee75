"""What the options of pasted addresses mean for a connection: taken, left out, or refused by name."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from keeperdb.connections.address_names import LEFT_OUT, UNSAFE
from keeperdb.connections.profile import ConnectionProfile, PasswordMode, TlsMode
from keeperdb.connections.validation import host_problem, port_problem
from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret
from keeperdb.settings import did_you_mean

PRODUCTS = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlserver": "SQL Server",
    "oracle": "Oracle",
    "redshift": "Amazon Redshift",
}

_READABLE_NAME = re.compile(r"-{0,2}[A-Za-z][\w.\-]{0,60}")
_ON = ("true", "1", "yes", "on", "")
_OFF = ("false", "0", "no", "off")


@dataclass(slots=True)
class Draft:
    """A connection while its address is being read."""

    engine: str
    host: str = ""
    port: int | None = None
    database: str = ""
    user: str = ""
    path: str = ""
    password: Secret | None = None
    asks: bool = False
    tls: TlsMode = TlsMode.DEFAULT
    tls_ca: str = ""
    tls_certificate: str = ""
    trusts_any_certificate: bool = False
    read_only: bool = False
    options: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def take(self, name: str, value: str, shown: str = "") -> None:
        """Apply the option `name` as its engine's own programs understand it.

        Raises `SettingsError` that names the option, or what the person typed for it (`shown`), and never its value.
        """
        key = re.sub(r"[-_]", "", name.lower())
        shown = shown or name
        taken = _TAKEN[self.engine]
        if key in taken:
            taken[key](self, value)
        elif key in LEFT_OUT[self.engine]:
            self.left_out.append(shown)
        else:
            raise _refusal(shown, key, self.engine, taken)

    def set_host(self, host: str) -> None:
        if "," in host:
            raise SettingsError("The address names several hosts.", "Make one connection for each.")
        if host_problem(host):
            raise SettingsError(host_problem(host), "Check the address; reserved characters are written as %XX.")
        self.host = host

    def set_port(self, text: str) -> None:
        if not text:
            return
        port = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
        if port_problem(port):
            raise SettingsError(
                "The port in the address is not a number from 1 to 65535.",
                "If the password contains “/”, “?”, “#” or “@”, write it as %2F, %3F, %23 or %40.",
            )
        self.port = port

    def set_password(self, text: str) -> None:
        self.password = Secret(text) if text else None

    def to_profile(self, name: str) -> ConnectionProfile:
        """Raises `SettingsError` for invisible characters."""
        for what in ("database", "user", "path", "tls_ca", "tls_certificate"):
            if any(ord(character) < 32 or ord(character) == 127 for character in getattr(self, what)):
                raise SettingsError(f"The {what.replace('_', ' ')} contains a control character.", "Copy it anew.")
        tls = self.tls
        if self.trusts_any_certificate and tls in (TlsMode.DEFAULT, TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
            tls = TlsMode.REQUIRE
        return ConnectionProfile(
            name,
            self.engine,
            host=self.host,
            port=self.port,
            database=self.database,
            user=self.user,
            path=self.path,
            options=self.options,
            password_mode=PasswordMode.ASK if self.asks and self.password is None else PasswordMode.KEYCHAIN,
            tls=tls,
            tls_ca=self.tls_ca,
            tls_certificate=self.tls_certificate,
            read_only=self.read_only,
        )


Apply = Callable[[Draft, str], None]


def _refusal(shown: str, key: str, engine: str, taken: Iterable[str]) -> SettingsError:
    if not _READABLE_NAME.fullmatch(shown):
        return SettingsError(
            "The address has an option whose name cannot be read.",
            "If the password contains “/”, “?”, “#”, “&” or “@”, write it as %2F, %3F, %23, %26 or %40.",
        )
    if key in UNSAFE:
        return SettingsError(f"The option “{shown}” is refused: it {UNSAFE[key]}.", "Remove it from the address.")
    hint = did_you_mean(shown.lstrip("-").lower(), taken) or "Remove it, or set what you need in the form."
    return SettingsError(f"“{shown}” is not an option of {PRODUCTS[engine]} that can be used here.", hint)


def _set(name: str) -> Apply:
    return lambda draft, value: setattr(draft, name, value)


def _option(name: str) -> Apply:
    return lambda draft, value: draft.options.__setitem__(name, value)


def is_on(value: str) -> bool:
    """Raises `SettingsError` for what is neither yes nor no."""
    if value.lower() in _ON + _OFF:
        return value.lower() in _ON
    raise SettingsError("An option of the address is neither on nor off.", "Write true or false.")


def _ssl(draft: Draft, value: str) -> None:
    """`ssl=true` asks for encryption; checking the certificate is what we add, and the form shows it."""
    draft.tls = TlsMode.VERIFY_FULL if is_on(value) else TlsMode.DISABLE


def _require_ssl(draft: Draft, value: str) -> None:
    if is_on(value):
        draft.tls = TlsMode.VERIFY_FULL


def _verify(draft: Draft, value: str) -> None:
    draft.trusts_any_certificate = not is_on(value)
    if not draft.trusts_any_certificate:
        draft.tls = TlsMode.VERIFY_FULL


def _trust(draft: Draft, value: str) -> None:
    draft.trusts_any_certificate = is_on(value)


# libpq's sslmode, and the ssl-mode of MySQL's client and of both Java drivers
_TLS_WORDS = {
    "verify-full": TlsMode.VERIFY_FULL,
    "verify-identity": TlsMode.VERIFY_FULL,
    "verify-ca": TlsMode.VERIFY_CA,
    "require": TlsMode.REQUIRE,
    "required": TlsMode.REQUIRE,
    "trust": TlsMode.REQUIRE,
    "prefer": TlsMode.PREFER,
    "preferred": TlsMode.PREFER,
    "allow": TlsMode.PREFER,
    "disable": TlsMode.DISABLE,
    "disabled": TlsMode.DISABLE,
}


def _ssl_mode(draft: Draft, value: str) -> None:
    word = value.lower().replace("_", "-")
    if word not in _TLS_WORDS:
        raise SettingsError("The TLS mode in the address is not known.", f"One of: {', '.join(_TLS_WORDS)}.")
    draft.tls = _TLS_WORDS[word]


def _ca(draft: Draft, value: str) -> None:
    draft.tls_ca = "" if value == "system" else value  # libpq's word for what is our default


def _sqlite_mode(draft: Draft, value: str) -> None:
    modes: dict[str, Callable[[], None]] = {
        "ro": lambda: setattr(draft, "read_only", True),
        "rw": lambda: None,
        "rwc": lambda: draft.options.__setitem__("create", "true"),
        "memory": lambda: setattr(draft, "path", ":memory:"),
    }
    if value not in modes:
        raise SettingsError("The mode in the address is not known.", "One of: ro, rw, rwc, memory.")
    modes[value]()


_SERVER: Mapping[str, Apply] = {
    "host": Draft.set_host,
    "port": Draft.set_port,
    "user": _set("user"),
    "username": _set("user"),
    "password": Draft.set_password,
    "database": _set("database"),
    "dbname": _set("database"),
    "db": _set("database"),
    "ssl": _ssl,
    "sslmode": _ssl_mode,
    "sslcert": _set("tls_certificate"),
}
_MYSQL: Mapping[str, Apply] = {
    **_SERVER,
    "usessl": _ssl,
    "requiressl": _require_ssl,
    "verifyservercertificate": _verify,
    "sslverifyservercert": _verify,
    "sslverifycert": _verify,
    "sslverifyidentity": _verify,
    "trustservercertificate": _trust,
    "sslca": _ca,
    "serversslcert": _ca,
    "pwd": Draft.set_password,
    "sqlmode": _option("sql_mode"),
    "timezone": _option("time_zone"),
    "unixsocket": _option("unix_socket"),
    "localsocket": _option("unix_socket"),
    "socket": _option("unix_socket"),
}
_POSTGRESQL: Mapping[str, Apply] = {
    **_SERVER,
    "sslrootcert": _ca,
    "applicationname": _option("application_name"),
    "appname": _option("application_name"),
    "searchpath": _option("search_path"),
    "currentschema": _option("search_path"),
    "schema": _option("search_path"),
    "statementtimeout": _option("statement_timeout"),
    "locktimeout": _option("lock_timeout"),
    "timezone": _option("timezone"),
    "tz": _option("timezone"),
    "readonly": lambda draft, value: setattr(draft, "read_only", is_on(value)),
}


def _encrypt(draft: Draft, value: str) -> None:
    """Microsoft's drivers write it as yes and no, or as words of their own; what is encrypted is checked as well."""
    words = {"mandatory": TlsMode.VERIFY_FULL, "strict": TlsMode.VERIFY_FULL, "optional": TlsMode.DISABLE}
    draft.tls = words.get(value.lower()) or (TlsMode.VERIFY_FULL if is_on(value) else TlsMode.DISABLE)


def _windows(draft: Draft, value: str) -> None:
    if value.lower() == "sspi" or is_on(value):
        draft.options["authentication"] = "windows"


def _authentication(draft: Draft, value: str) -> None:
    words = {"sql": "sql", "sqlpassword": "sql", "windows": "windows", "ntlm": "windows", "entra": "entra"}
    if value.lower() not in words:
        raise SettingsError(
            "The way to log in that the address names is not known here.", f"One of: {', '.join(sorted(words))}."
        )
    draft.options["authentication"] = words[value.lower()]


def _intent(draft: Draft, value: str) -> None:
    draft.read_only = value.lower() == "readonly"


def _driver(draft: Draft, value: str) -> None:
    draft.options["driver"] = value.strip("{}").replace("+", " ")


def _protocol(draft: Draft, value: str) -> None:
    if value.lower() not in ("tcp", "tcps"):
        raise SettingsError("The protocol in the address is not known.", "One of: tcp, tcps.")
    draft.tls = TlsMode.VERIFY_FULL if value.lower() == "tcps" else TlsMode.DISABLE


def _match_name(draft: Draft, value: str) -> None:
    draft.tls = TlsMode.VERIFY_FULL if is_on(value) else TlsMode.VERIFY_CA


_SQL_SERVER: Mapping[str, Apply] = {
    **_SERVER,
    "sslrootcert": _ca,
    "servername": Draft.set_host,
    "portnumber": Draft.set_port,
    "databasename": _set("database"),
    "uid": _set("user"),
    "pwd": Draft.set_password,
    "encrypt": _encrypt,
    "trustservercertificate": _trust,
    "hostnameincertificate": _option("host_name_in_certificate"),
    "instance": _option("instance"),
    "instancename": _option("instance"),
    "applicationname": _option("application_name"),
    "app": _option("application_name"),
    "applicationintent": _intent,
    "authentication": _authentication,
    "integratedsecurity": _windows,
    "trustedconnection": _windows,
    "driver": _driver,
    "multisubnetfailover": _option("multi_subnet_failover"),
    "querytimeout": _option("query_timeout"),
}
_ORACLE: Mapping[str, Apply] = {
    **_SERVER,
    "sslrootcert": _ca,
    "servicename": _set("database"),
    "sid": _option("sid"),
    "protocol": _protocol,
    "sslserverdnmatch": _match_name,
    "sslservercertdn": _option("ssl_server_cert_dn"),
    "walletlocation": _option("wallet"),
    "wallet": _option("wallet"),
    "currentschema": _option("current_schema"),
    "role": _option("role"),
    "mode": _option("role"),
    "statementtimeout": _option("statement_timeout"),
}
_REDSHIFT: Mapping[str, Apply] = {
    **{name: apply for name, apply in _POSTGRESQL.items() if name != "locktimeout"},
    "uid": _set("user"),
    "pwd": Draft.set_password,
    "querygroup": _option("query_group"),
}
_TAKEN: Mapping[str, Mapping[str, Apply]] = {
    "postgresql": _POSTGRESQL,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlserver": _SQL_SERVER,
    "oracle": _ORACLE,
    "redshift": _REDSHIFT,
    "sqlite": {
        "mode": _sqlite_mode,
        "readonly": lambda draft, value: setattr(draft, "read_only", is_on(value)),
    },
}
