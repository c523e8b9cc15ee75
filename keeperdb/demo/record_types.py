"""Records as people make them in the vault, for the sample and for tests."""

from collections.abc import Sequence

from keeperdb.demo.protocol import Json


def database_record(
    title: str,
    type_: str,
    *,
    host: str = "",
    port: int | str = "",
    login: str = "",
    password: str = "",
    custom: dict[str, str] | None = None,
    notes: str = "",
) -> Json:
    """A *Database* record (`databaseCredentials`). `custom` are text fields by label, such as `Database` or `Path`."""
    address = {"hostName": host, "port": str(port)}
    return {
        "title": title,
        "type": "databaseCredentials",
        "fields": [
            field("text", type_, "type"),
            field("host", address if host or port else None),
            field("login", login),
            field("password", password),
            field("fileRef"),
        ],
        "custom": [field("text", value, label) for label, value in (custom or {}).items()],
        "notes": notes,
    }


def pam_database_record(
    title: str,
    database_type: str,
    *,
    host: str = "",
    port: int | str = "",
    use_ssl: bool = False,
    connection: Json | None = None,
    login: str = "",
    password: str = "",
) -> Json:
    """A *PAM Database* record (`pamDatabase`). `connection` of its pamSettings: protocol, port, database …"""
    address = {"hostName": host, "port": str(port)}
    own_login = [field("login", login), field("password", password)] if login else []
    return {
        "title": title,
        "type": "pamDatabase",
        "fields": [
            field("pamHostname", address if host or port else None),
            {"type": "checkbox", "label": "useSSL", "value": [use_ssl]},
            *own_login,
            field("text", "", "databaseId"),
            field("databaseType", database_type),
            field("text", "", "providerGroup"),
            field("text", "", "providerRegion"),
            field("trafficEncryptionSeed"),
            field("pamSettings", {"connection": connection} if connection else None),
            field("fileRef"),
        ],
        "custom": [],
    }


def pam_user_record(title: str, login: str, password: str, *, connect_database: str = "") -> Json:
    """A *PAM User* record (`pamUser`)."""
    return {
        "title": title,
        "type": "pamUser",
        "fields": [
            field("login", login),
            field("password", password),
            field("secret", "", "privatePEMKey"),
            field("text", "", "distinguishedName"),
            field("text", connect_database, "connectDatabase"),
            {"type": "checkbox", "label": "managed", "value": [True]},
            field("fileRef"),
        ],
        "custom": [],
    }


def login_record(title: str, login: str, password: str, url: str = "") -> Json:
    """A *Login* record."""
    fields = [field("login", login), field("password", password), field("url", url), field("fileRef")]
    return {"title": title, "type": "login", "fields": fields, "custom": []}


def field(kind: str, value: object = None, label: str = "") -> Json:
    """One field with one value, or without any."""
    values: Sequence[object] = [] if value in (None, "") else [value]
    return {"type": kind, "label": label, "value": values} if label else {"type": kind, "value": values}
