"""Between a local connection and the record that keeps it in the vault: nothing is lost either way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keeperdb.connections.encoding import decode_profile, encode_profile, unknown_fields
from keeperdb.connections.profile import ConnectionProfile, PasswordMode, TlsMode
from keeperdb.engines.registry import identify
from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret
from keeperdb.vault.contents import Json, VaultRecord
from keeperdb.vault.fields import Fields, pam_connection
from keeperdb.vault.storage_content import Content, content_of, difference, profile_of
from keeperdb.vault.storage_documents import Document, first_value, text_value
from keeperdb.vault.storage_heads import Stored
from keeperdb.vault.storage_marks import Marks, is_newer, read_local_id, read_marks
from keeperdb.vault.storage_model import RecordKind

PAM_USER = "pamUser"
Digest = Callable[[Secret], str]

_REMOVED = "Its keeperdb_local_id was removed in the vault; it is written anew."
_CHANGED = "Its keeperdb_local_id was changed in the vault; it is written anew."
_DAMAGED = "Its keeperdb_profile was changed in the vault; it is written anew."
_ENCRYPTED_TLS = (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA, TlsMode.REQUIRE)
_PAM_TYPES = {"sqlserver": "mssql"}  # Keeper's words for databaseType where ours differ
_PAM_ENGINES = ("postgresql", "mysql", "mariadb", "sqlserver", "oracle")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one record of ours says. Without `stored` it cannot be used, `problem` says why, and it is left alone."""

    local_id: str
    stored: Stored | None = None
    problem: str = ""
    hint: str = ""
    password: Secret | None = None
    document: Json = field(default_factory=dict, repr=False)
    user_document: Json = field(default_factory=dict, repr=False)


def kind_for(profile: ConnectionProfile, wanted: RecordKind) -> RecordKind:
    """The type that can hold the connection: a PAM Database knows neither files nor every product."""
    return wanted if profile.engine in _PAM_ENGINES else RecordKind.DATABASE


def write_database(profile: ConnectionProfile, password: Secret | None, marks: Marks, carried: Json) -> Json:
    """The JSON of a *Database* record. What others have put into `carried`, the one it replaces, is kept."""
    document = _begin(RecordKind.DATABASE, carried)
    _put_common(document, profile, marks, carried)
    document.put("text", profile.engine, "type")
    document.put("host", _host_value(profile))
    document.put("login", profile.user)
    document.put("password", password.reveal() if password else None)
    document.put("fileRef", None)
    return document.content


def write_pam_database(profile: ConnectionProfile, user_uid: str, marks: Marks, carried: Json) -> Json:
    """The JSON of a *PAM Database* record whose credential is the record `user_uid`.

    A Secrets Manager client cannot write the links of the vault's graph; `userRecords` is what it can.
    """
    document = _begin(RecordKind.PAM_DATABASE, carried)
    _put_common(document, profile, marks, carried)
    document.put("pamHostname", _host_value(profile))
    document.put("checkbox", profile.tls in _ENCRYPTED_TLS, "useSSL")
    document.put("databaseType", _type_word(profile.engine))
    settings = first_value(document.content, "pamSettings")
    settings = dict(settings) if isinstance(settings, dict) else {}
    connection = dict(pam_connection(Fields(document.content)))
    connection |= {"userRecords": [user_uid], "database": profile.database}
    document.put("pamSettings", settings | {"connection": connection})
    document.put("fileRef", None)
    return document.content


def write_pam_user(profile: ConnectionProfile, password: Secret | None, marks: Marks, carried: Json) -> Json:
    """The JSON of the *PAM User* record that belongs to a *PAM Database* record."""
    document = Document(carried) if carried.get("type") == PAM_USER else Document.new(PAM_USER)
    document.content["title"] = f"{profile.name} user"
    document.put("login", profile.user)
    document.put("password", password.reveal() if password else None)
    marks.put_on(document)
    return document.content


def profile_body(profile: ConnectionProfile, carried: Json) -> Mapping[str, Any]:
    """What `Marks.body` keeps of a profile, beside what a newer version kept there."""
    marks = read_marks(carried)
    return {**(unknown_fields(marks.body) if marks else {}), **encode_profile(profile)}


def read_record(
    record: VaultRecord, user: VaultRecord | None, digest: Digest, known_id: str = "", known: Content | None = None
) -> Reading:
    """What the record says; what a person changed in its fields counts as much as what was written.

    `user` is its PAM User. `known_id` and `known` are what the last sync remembers of the very record, for the case
    that somebody removed its identity.
    """
    document = record.content or {}
    marks = read_marks(document)
    local_id = known_id or (marks.local_id if marks else "") or read_local_id(document)
    name = record.title or record.uid
    if record.content is None:
        return Reading(local_id, None, f"The record of “{name}” could not be decrypted.", "Share its folder anew.")
    if not local_id:
        return Reading("", None, f"“{name}” has no usable keeperdb_local_id and is left alone.", _REMOVE_HINT)
    if is_newer(document):
        return Reading(local_id, None, f"“{name}” was written by a newer version of KeeperDB.", "Update KeeperDB.")
    is_pam = record.type == RecordKind.PAM_DATABASE
    if is_pam and (user is None or user.content is None):
        return Reading(local_id, None, f"The PAM User of “{name}” is not there.", "Share it, or delete the record.")
    holder = user.content if is_pam and user is not None and user.content is not None else document
    try:
        return _read_fields(record, document, holder, marks, local_id, digest, known)
    except (ValueError, SettingsError):
        return Reading(local_id, None, f"“{name}” holds no connection that can be used.", "Correct it in the vault.")


_REMOVE_HINT = "Delete the record, or the field, in the vault."


def _read_fields(
    record: VaultRecord,
    document: Json,
    holder: Json,
    marks: Marks | None,
    local_id: str,
    digest: Digest,
    known: Content | None,
) -> Reading:
    password = Secret(text_value(holder, "password")) if text_value(holder, "password") else None
    before = _written_profile(local_id, marks, known)
    profile = _with_edits(before, document, holder)
    if password and profile.password_mode is PasswordMode.ASK:
        profile = profile.with_(password_mode=PasswordMode.KEYCHAIN)
    if not profile.engine or profile.problem:
        raise ValueError("not a connection")
    content = content_of(profile, digest(password) if password else "")
    written = content_of(before, marks.digest) if marks else None
    edited = difference(written, content) if written is not None else frozenset()
    stored = Stored(
        record.uid,
        content,
        marks.replaces if marks else {},
        (marks.changed if marks else frozenset()) | edited,
        written,
        marks.machine if marks else "",
        marks.machine_id if marks else "",
        marks.written_at[:10] if marks else "",
        marks.uid if marks else "",
        _user_uid(document),
        _flaw(document, marks, local_id, is_known=known is not None),
    )
    return Reading(local_id, stored, "", "", password, document, holder if holder is not document else {})


def _written_profile(local_id: str, marks: Marks | None, known: Content | None) -> ConnectionProfile:
    """The profile as it was written; without marks what the last sync remembers, or nothing at all."""
    if marks is not None:
        return decode_profile({**marks.body, "id": local_id})
    if known is not None:
        return profile_of(local_id, known)
    return ConnectionProfile(name="", engine="", id=local_id, password_mode=PasswordMode.ASK)


def _with_edits(profile: ConnectionProfile, document: Json, holder: Json) -> ConnectionProfile:
    """Each visible field that is not as it was written was changed by a person, who means it."""
    seen, written = _visible(document, holder), _visible_of(profile, document)
    edits = {name: text for name, text in seen.items() if text != written[name]}
    changes: dict[str, object] = {name: edits[name] for name in edits.keys() - {"engine", "port", "name"}}
    if edits.get("name", "").strip():
        changes["name"] = edits["name"]
    if "port" in edits and (not edits["port"] or _is_port(edits["port"])):
        changes["port"] = int(edits["port"]) if edits["port"] else None
    engine = identify(edits["engine"]) if "engine" in edits else None
    if engine is not None:
        changes["engine"] = engine.id
    return profile.with_(**changes)


def _visible(document: Json, holder: Json) -> dict[str, str]:
    """The fields of a record that people see, as text."""
    is_pam = document.get("type") == RecordKind.PAM_DATABASE
    host = first_value(document, "pamHostname" if is_pam else "host")
    host = host if isinstance(host, dict) else {}
    return {
        "name": _text(document.get("title")),
        "engine": text_value(document, "databaseType") if is_pam else text_value(document, "text", "type"),
        "host": _text(host.get("hostName")),
        "port": _text(host.get("port")).strip(),
        "user": text_value(holder, "login"),
        "database": text_value(document, "text", "Database"),
        "path": text_value(document, "text", "Path"),
        "notes": _text(document.get("notes")),
    }


def _visible_of(profile: ConnectionProfile, document: Json) -> dict[str, str]:
    is_pam = document.get("type") == RecordKind.PAM_DATABASE
    return {
        "name": profile.name,
        "engine": _type_word(profile.engine) if is_pam else profile.engine,
        "host": profile.host,
        "port": str(profile.port or ""),
        "user": profile.user,
        "database": profile.database,
        "path": profile.path,
        "notes": profile.notes,
    }


def _begin(kind: RecordKind, carried: Json) -> Document:
    if carried.get("type") == kind:
        return Document(carried)
    document = Document.new(kind)
    custom = carried.get("custom")
    if isinstance(custom, list):  # the type was changed: standard fields of the other one have no place here
        document.content["custom"] = Document({"custom": custom}).content["custom"]
    return document


def _put_common(document: Document, profile: ConnectionProfile, marks: Marks, carried: Json) -> None:
    document.content["title"] = profile.name
    if profile.notes or "notes" in carried:
        document.content["notes"] = profile.notes
    document.put_text("Database", profile.database)
    document.put_text("Path", profile.path)
    marks.put_on(document)


def _host_value(profile: ConnectionProfile) -> dict[str, str] | None:
    if not profile.host and profile.port is None:
        return None
    return {"hostName": profile.host, "port": str(profile.port or "")}


def _flaw(document: Json, marks: Marks | None, local_id: str, *, is_known: bool) -> str:
    """Records without marks that the last sync does not know come from other programs, and are as they should be."""
    shown = read_local_id(document)
    if not shown:
        return _REMOVED
    if shown != local_id:
        return _CHANGED
    is_intact = marks.local_id == local_id if marks is not None else not is_known
    return "" if is_intact else _DAMAGED


def _user_uid(document: Json) -> str:
    if document.get("type") != RecordKind.PAM_DATABASE:
        return ""
    users = pam_connection(Fields(document)).get("userRecords")
    return users[0] if isinstance(users, list) and users and isinstance(users[0], str) else ""


def user_uid_of(record: VaultRecord) -> str:
    """The uid of the PAM User that a PAM Database record of ours names, or nothing."""
    return _user_uid(record.content or {})


def _type_word(engine: str) -> str:
    return _PAM_TYPES.get(engine, engine)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
