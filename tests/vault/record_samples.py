"""Records as the vault, Commander and older templates write them."""

import base64
import json
from typing import Any

from keeperdb.vault.contents import VaultContents, VaultFolder, VaultRecord

PASSWORD = "correct horse battery staple"


def field(kind: str, value: object, label: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "value": value if isinstance(value, list) else [value]}
    return found | ({"label": label} if label else {})


def database(
    title: str = "Orders",
    *,
    kind: object = "postgresql",
    host: object = "db.example",
    port: object = "",
    custom: list[Any] | None = None,
) -> dict[str, Any]:
    """A *Database* record (databaseCredentials)."""
    return {
        "type": "databaseCredentials",
        "title": title,
        "fields": [
            field("text", kind, "type"),
            field("host", {"hostName": host, "port": port}),
            field("login", "ann"),
            field("password", PASSWORD),
            field("fileRef", []),
        ],
        "custom": custom or [],
        "notes": "The old password is hunter2",
    }


def pam_database(
    title: str = "Billing",
    *,
    database_type: str = "mysql",
    host: str = "pam.example",
    port: str = "",
    connection: dict[str, Any] | None = None,
    extra: list[Any] | None = None,
    in_custom: bool = False,
) -> dict[str, Any]:
    """A *PAM Database* record; Commander keeps pamSettings in the custom fields, the vault in the standard ones."""
    settings = [field("pamSettings", {"connection": connection})] if connection is not None else []
    return {
        "type": "pamDatabase",
        "title": title,
        "fields": [
            field("pamHostname", {"hostName": host, "port": port}),
            field("databaseType", database_type),
            *(extra or []),
            *([] if in_custom else settings),
        ],
        "custom": settings if in_custom else [],
    }


def pam_user(
    title: str = "billing admin", *, login: str = "root", password: str = PASSWORD, connect_database: str = ""
) -> dict[str, Any]:
    return {
        "type": "pamUser",
        "title": title,
        "fields": [
            field("login", login),
            field("password", password),
            field("text", connect_database, "connectDatabase"),
        ],
        "custom": [],
    }


def record(content: dict[str, Any] | None, uid: str = "record-uid", **rest: Any) -> VaultRecord:
    return VaultRecord(uid, content, **rest)


def contents(*records: VaultRecord, folders: tuple[VaultFolder, ...] = ()) -> VaultContents:
    return VaultContents({each.uid: each for each in records}, {each.uid: each for each in folders})


def link(uid: str, **data: object) -> dict[str, object]:
    packed = base64.b64encode(json.dumps(data).encode()).decode() if data else None
    return {"recordUid": uid, "path": None, "data": packed}
