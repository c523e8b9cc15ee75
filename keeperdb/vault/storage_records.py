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
from keeperdb.vault.storage_content import PASSWORD, Content, content_of, difference, flat, profile_of
from keeperdb.vault.storage_documents import Document, FieldValues
from keeperdb.vault.storage_heads import Stored
from keeperdb.vault.storage_marks import Marks, is_newer, read_local_id, read_marks
from keeperdb.vault.storage_model import RecordKind
from keeperdb.vault.storage_plan import Base

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
    digest: str = ""


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
    settings = document.value("pamSettings")
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
    marks = read_marks(FieldValues(carried))
    return {**(unknown_fields(marks.body) if marks else {}), **encode_profile(profile)}


def read_record(
    record: VaultRecord,
    fields: FieldValues,
    user: VaultRecord | None,
    digest: Digest,
    known_id: str = "",
    known: Content | None = None,
) -> Reading:
    """What the record says; what a person changed in its fields counts as much as what was written.

    `fields` are those of the record, `user` is its PAM User. `known_id` and `known` are what the last sync remembers
    of the very record, for the case that somebody removed its identity.
    """
    marks = read_marks(fields)
    local_id = known_id or (marks.local_id if marks else "") or read_local_id(fields)
    name = record.title or record.uid
    if not local_id:
        return Reading("", None, f"“{name}” has no usable keeperdb_local_id and is left alone.", _REMOVE_HINT)
    if marks is None and is_newer(fields):
        return Reading(local_id, None, f"“{name}” was written by a newer version of KeeperDB.", "Update KeeperDB.")
    is_pam = record.type == RecordKind.PAM_DATABASE
    if is_pam and (user is None or user.content is None):
        return Reading(local_id, None, f"The PAM User of “{name}” is not there.", "Share it, or delete the record.")
    user_document = user.content if is_pam and user is not None and user.content is not None else {}
    try:
        stored, password = _read_fields(record, fields, user_document, marks, local_id, digest, known)
    except (ValueError, SettingsError):
        return Reading(local_id, None, f"“{name}” holds no connection that can be used.", "Correct it in the vault.")
    return Reading(local_id, stored, "", "", password, record.content or {}, user_document, record.digest)


def read_unchanged(record: VaultRecord, local_id: str, base: Base) -> Reading:
    """What a *Database* record says that the last sync saw as it is now; its password is not looked at."""
    stored = Stored(record.uid, base.content, written=base.content, original_uid=record.uid)
    return Reading(local_id, stored, document=record.content or {}, digest=record.digest)


_REMOVE_HINT = "Delete the record, or the field, in the vault."


def _read_fields(
    record: VaultRecord,
    fields: FieldValues,
    user_document: Json,
    marks: Marks | None,
    local_id: str,
    digest: Digest,
    known: Content | None,
) -> tuple[Stored, Secret | None]:
    """Raises `ValueError` and `SettingsError` if it is no connection."""
    holder = FieldValues(user_document) if user_document else fields
    password = Secret(holder.text("password")) if holder.text("password") else None
    found = digest(password) if password else ""
    written = _written_content(local_id, marks, known)
    is_pam = record.type == RecordKind.PAM_DATABASE
    seen = _visible(record, fields, holder, is_pam=is_pam)
    if written is not None and seen == _visible_of(written, is_pam=is_pam) and found == written.get(PASSWORD, ""):
        content, edited = written, frozenset[str]()
    else:
        content = _with_edits(local_id, written, seen, found, is_pam=is_pam)
        edited = difference(written, content) if written is not None else frozenset()
    stored = Stored(
        record.uid,
        content,
        marks.replaces if marks else {},
        (marks.changed if marks else frozenset()) | edited,
        written if marks else None,
        marks.machine if marks else "",
        marks.machine_id if marks else "",
        marks.written_at[:10] if marks else "",
        marks.uid if marks else "",
        user_uid_of(fields),
        _flaw(fields, marks, local_id, is_known=known is not None),
    )
    return stored, password


def _written_content(local_id: str, marks: Marks | None, known: Content | None) -> Content | None:
    """What the record held when it was written; without marks what the last sync remembers, or None."""
    if marks is None:
        return known
    found = flat(marks.body)
    if marks.digest:
        found[PASSWORD] = marks.digest
    if found == known:
        return known  # it was checked when it was remembered
    return content_of(decode_profile({**marks.body, "id": local_id}), marks.digest)


def _with_edits(
    local_id: str, written: Content | None, seen: Mapping[str, str], digest: str, *, is_pam: bool
) -> Content:
    """Each visible field that is not as it was written was changed by a person, who means it.

    Raises `ValueError` and `SettingsError` if the outcome is no connection.
    """
    blank = {"name": "", "engine": "", "password_mode": PasswordMode.ASK.value}
    profile = profile_of(local_id, blank if written is None else written)
    before = _visible_of(written or blank, is_pam=is_pam)
    edits = {name: text for name, text in seen.items() if text != before[name]}
    changes: dict[str, object] = {name: edits[name] for name in edits.keys() - {"engine", "port", "name"}}
    if edits.get("name", "").strip():
        changes["name"] = edits["name"]
    if "port" in edits and (not edits["port"] or _is_port(edits["port"])):
        changes["port"] = int(edits["port"]) if edits["port"] else None
    engine = identify(edits["engine"]) if "engine" in edits else None
    if engine is not None:
        changes["engine"] = engine.id
    if digest and profile.password_mode is PasswordMode.ASK:
        changes["password_mode"] = PasswordMode.KEYCHAIN
    profile = profile.with_(**changes)
    if not profile.engine or profile.problem:
        raise ValueError("not a connection")
    return content_of(profile, digest)


def _visible(record: VaultRecord, fields: FieldValues, holder: FieldValues, *, is_pam: bool) -> dict[str, str]:
    """The fields of a record that people see, as text."""
    host = fields.value("pamHostname" if is_pam else "host")
    host = host if isinstance(host, dict) else {}
    return {
        "name": record.title,
        "engine": fields.text("databaseType") if is_pam else fields.text("text", "type"),
        "host": _text(host.get("hostName")),
        "port": _text(host.get("port")).strip(),
        "user": holder.text("login"),
        "database": fields.text("text", "Database"),
        "path": fields.text("text", "Path"),
        "notes": _text((record.content or {}).get("notes")),
    }


def _visible_of(content: Content, *, is_pam: bool) -> dict[str, str]:
    engine = str(content.get("engine", ""))
    return {
        "name": content.get("name", ""),
        "engine": _type_word(engine) if is_pam else engine,
        "host": content.get("host", ""),
        "port": str(content.get("port") or ""),
        "user": content.get("user", ""),
        "database": content.get("database", ""),
        "path": content.get("path", ""),
        "notes": content.get("notes", ""),
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


def _flaw(fields: FieldValues, marks: Marks | None, local_id: str, *, is_known: bool) -> str:
    """Records without marks that the last sync does not know come from other programs, and are as they should be."""
    shown = read_local_id(fields)
    if not shown:
        return _REMOVED
    if shown != local_id:
        return _CHANGED
    is_intact = marks.local_id == local_id if marks is not None else not is_known
    return "" if is_intact else _DAMAGED


def user_uid_of(fields: FieldValues) -> str:
    """The uid of the PAM User that a PAM Database record of ours names, or nothing."""
    settings = fields.value("pamSettings")
    connection = settings.get("connection") if isinstance(settings, dict) else None
    users = connection.get("userRecords") if isinstance(connection, dict) else None
    return users[0] if isinstance(users, list) and users and isinstance(users[0], str) else ""


def _type_word(engine: str) -> str:
    return _PAM_TYPES.get(engine, engine)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
