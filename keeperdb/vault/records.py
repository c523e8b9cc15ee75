"""From *Database* and *PAM Database* records to connections."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from keeperdb.connections.profile import ConnectionProfile, Credential, PasswordMode, Source, TlsMode, VaultOrigin
from keeperdb.engines.base import Engine
from keeperdb.engines.registry import ENGINES, engine_for_port, identify, unsupported_product
from keeperdb.keychain import Secret
from keeperdb.vault.contents import Json, VaultContents, VaultRecord
from keeperdb.vault.fields import Fields, as_text, linked_credential, pam_connection

LOCAL_ID_LABEL = "keeperdb_local_id"  # on records that the storage sync wrote: those are local connections

_DATABASE_TYPES = ("databasecredentials", "pamdatabase")
_LONGEST_NAME = 200  # characters
_LONGEST_TEXT = 1000  # characters of a host, a database or a path
_IN_THE_RECORD = "Correct the record in the vault, then refresh."


@dataclass(frozen=True, slots=True)
class _Problem:
    message: str
    hint: str = _IN_THE_RECORD


def profiles_from(contents: VaultContents, vault_id: str, vault_name: str) -> Iterator[ConnectionProfile]:
    """The connections among the records, those that cannot be used included."""
    for record in contents.records.values():
        profile = profile_from_record(record, contents, vault_id, vault_name)
        if profile is not None:
            yield profile


def profile_from_record(
    record: VaultRecord, contents: VaultContents, vault_id: str, vault_name: str
) -> ConnectionProfile | None:
    """The connection that a record describes; None if it describes none, or belongs to the storage sync.

    What keeps it from being used is in `problem`. Neither login, password nor notes are taken over.
    """
    origin = VaultOrigin(vault_id, vault_name, record.uid, linked_credential(record))
    profile = ConnectionProfile(
        name=_name(record),
        engine="",
        id=profile_id(vault_id, record.uid),
        source=Source.VAULT,
        folder=tuple(_shown(name) or "(no name)" for name in contents.path(record)),
        vault=origin,
    )
    if record.content is None:
        return _with_problem(profile, _undecryptable(record))
    if record.type.lower() not in _DATABASE_TYPES:
        return None
    fields = Fields(record.content)
    if fields.has(LOCAL_ID_LABEL):
        return None
    linked = contents.records.get(origin.credential_uid)
    return _filled(profile, fields, linked)


def is_connection(record: VaultRecord) -> bool:
    """Whether a record may describe a connection, or the credential of one."""
    return record.type.lower() in (*_DATABASE_TYPES, "pamuser")


def is_of_storage(record: VaultRecord) -> bool:
    """Whether the storage sync wrote the record."""
    return Fields(record.content or {}).has(LOCAL_ID_LABEL)


def profile_id(vault_id: str, record_uid: str) -> str:
    """Stable for as long as the vault is attached and the record lives."""
    return f"vault:{vault_id}:{record_uid}"


def credential_from_record(record: VaultRecord) -> Credential:
    """Login and password of a record, exactly as they are; both may be missing."""
    fields = Fields(record.content or {})
    password = fields.raw_text("password")
    return Credential(fields.raw_text("login"), Secret(password) if password else None)


def _filled(profile: ConnectionProfile, fields: Fields, linked: VaultRecord | None) -> ConnectionProfile:
    connection = pam_connection(fields)
    host, port, address_problem = _address(fields, connection)
    engine, engine_problem = _engine(fields, connection, port)
    profile = profile.with_(
        engine=engine.id if engine else "",
        database=_database(fields, connection, linked),
        tls=_tls(fields, host),
        password_mode=_password_mode(fields, linked, engine),
    )
    if engine is not None and engine.capabilities.is_file:
        path, problem = _file(fields)
        return _with_problem(profile.with_(path=path, database=""), problem)
    profile = profile.with_(host=host, port=port)
    return _with_problem(profile, address_problem or engine_problem or _credential_problem(profile, linked))


def _with_problem(profile: ConnectionProfile, problem: _Problem | None) -> ConnectionProfile:
    return profile.with_(problem=problem.message, problem_hint=problem.hint) if problem else profile


def _address(fields: Fields, connection: Json) -> tuple[str, int | None, _Problem | None]:
    value = fields.value("host", "pamHostname")
    text, port_text = _host_texts(value)
    host, written_port = _split(text)
    port_text = as_text(connection.get("port")) or port_text or written_port
    if not host:
        return "", _port(port_text), _Problem("The record has no host.", "Add the host to the record in the vault.")
    if not _is_host(host):
        return "", None, _host_problem(host)
    if port_text and _port(port_text) is None:
        return host, None, _Problem("The port in the record is not a number from 1 to 65535.")
    return host, _port(port_text), None


def _host_texts(value: object) -> tuple[str, str]:
    if isinstance(value, dict):
        return as_text(value.get("hostName")), as_text(value.get("port"))
    return as_text(value), ""


def _split(text: str) -> tuple[str, str]:
    """Host and port of `HOST`, `HOST:PORT`, `IPv6` and `[IPv6]:PORT`."""
    bracketed = re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", text)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, ""


def _is_host(text: str) -> bool:
    if ":" in text:
        try:
            ipaddress.IPv6Address(text)
        except ValueError:
            return False
        text = text.partition("%")[2]  # a zone may be any text to `ipaddress`
    is_plain = all(character.isalnum() or character in "-_." for character in text)
    return is_plain and len(text) <= 253 and not text.startswith(("-", "."))


def _host_problem(text: str) -> _Problem:
    """Names the character, not the text: some people put a whole URL there, password included."""
    odd = next((character for character in text if not (character.isalnum() or character in "-_.:%")), "")
    if odd.isprintable() and odd.strip():
        return _Problem(f"The host in the record contains “{odd}”, which a host cannot have.")
    return _Problem("The host in the record is not a host name or an address.")


def _port(text: str) -> int | None:
    is_number = re.fullmatch(r"[0-9]{1,5}", text) is not None
    return int(text) if is_number and 0 < int(text) < 65536 else None


def _engine(fields: Fields, connection: Json, port: int | None) -> tuple[Engine | None, _Problem | None]:
    """By the words in the record, in the order of Keeper's own tools; by the port only where no word says anything."""
    words = [word for word in _engine_words(fields, connection) if word]
    for word in words:
        engine = identify(word)
        if engine is not None:
            return engine, None
        product = unsupported_product(word)
        if product:
            return None, _unsupported(product)
    if words:
        return None, _Problem(f"“{_shown(words[0])}” is not a type of database that is known.", _types_hint())
    engine = engine_for_port(port)
    if engine is not None:
        return engine, None
    product = unsupported_product("", port)
    return None, _unsupported(product) if product else _Problem(
        "The record does not say what type of database it is.", _types_hint()
    )


def _engine_words(fields: Fields, connection: Json) -> Iterator[str]:
    yield as_text(connection.get("protocol"))
    yield fields.labelled_text("type")
    yield as_text(connection.get("databaseType"))
    yield fields.text("databaseType")


def _unsupported(product: str) -> _Problem:
    return _Problem(f"{product} is not supported by this version.", "Open it with another program.")


def _types_hint() -> str:
    names = [engine.name for engine in ENGINES.values()]
    return f"Set the type in the vault to {', '.join(names[:-1])} or {names[-1]}, then refresh."


def _database(fields: Fields, connection: Json, linked: VaultRecord | None) -> str:
    found = (
        fields.labelled_text("Database")
        or as_text(connection.get("database"))
        or fields.labelled_text("connectDatabase")
        or (Fields(linked.content).labelled_text("connectDatabase") if linked is not None and linked.content else "")
        or _database_id(fields)
    )
    return found if _is_plain(found) else ""


def _database_id(fields: Fields) -> str:
    """`databaseId`, unless it may be the name of a cloud resource: with a provider, or not a plain identifier."""
    if fields.labelled_text("providerGroup") or fields.labelled_text("providerRegion"):
        return ""
    found = fields.labelled_text("databaseId")
    return found if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]{0,62}", found) else ""


def _file(fields: Fields) -> tuple[str, _Problem | None]:
    path = fields.labelled_text("Path", "File")
    if not path:
        return "", _Problem("The record names no database file.", "Add a text field “Path” to the record in the vault.")
    is_network = path.startswith(("\\\\", "//"))  # Windows would send the person's login there
    if not PurePath(path).is_absolute() or is_network or not _is_plain(path):
        return "", _Problem(f"“{_shown(path)}” is not the full path of a file on this machine.")
    return path, None


def _tls(fields: Fields, host: str) -> TlsMode:
    """A ticked *Use SSL* never weakens the default, which verifies remote hosts; on this machine it asks for TLS.

    One that says no allows an unencrypted server; one that is absent or empty says nothing.
    """
    wanted = fields.flag("useSSL")
    if wanted is None:
        return TlsMode.DEFAULT
    if not wanted:
        return TlsMode.PREFER
    return TlsMode.REQUIRE if _is_this_machine(host) else TlsMode.VERIFY_FULL


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _credential_problem(profile: ConnectionProfile, linked: VaultRecord | None) -> _Problem | None:
    if profile.vault is None or not profile.vault.credential_uid or (linked is not None and linked.content is not None):
        return None
    if linked is not None:
        return _Problem("The linked credential could not be decrypted.", "Share the PAM User record anew.")
    return _Problem(
        "The linked credential is not shared with this application.",
        "In the vault, share the PAM User record or its folder with the application as well, then refresh.",
    )


def _password_mode(fields: Fields, linked: VaultRecord | None, engine: Engine | None) -> PasswordMode:
    if engine is not None and not engine.capabilities.has_users:
        return PasswordMode.NONE
    holder = Fields(linked.content or {}) if linked is not None else fields
    has_password = bool(holder.raw_text("password"))
    return PasswordMode.KEYCHAIN if has_password else PasswordMode.ASK


def _undecryptable(record: VaultRecord) -> _Problem:
    return _Problem(
        f"Record {record.uid} could not be decrypted.",
        "In the vault, remove it from the shared folder and add it anew.",
    )


def _name(record: VaultRecord) -> str:
    if record.content is None:
        return record.uid
    return _shown(record.title) or record.uid


def _shown(text: str) -> str:
    """Somebody's text as one line that can be shown; a cut is marked."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def _is_plain(text: str) -> bool:
    return text.isprintable() and len(text) <= _LONGEST_TEXT
