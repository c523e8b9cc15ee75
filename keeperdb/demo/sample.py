"""The contents of the sample vault: connections that work, in classic and nested folders, and some that cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keeperdb.demo.protocol import Json
from keeperdb.demo.record_types import database_record, login_record, pam_database_record, pam_user_record


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A database server that runs for the demo, and its two accounts: one that may write, one that only reads."""

    host: str
    port: int
    database: str
    writer: str
    writer_password: str = field(repr=False)
    reader: str
    reader_password: str = field(repr=False)


def sample_document(sqlite_file: Path, servers: Mapping[str, ServerAddress]) -> Json:
    """The seed document (see `seed`). `servers` holds those that run, by engine: `postgresql`, `mariadb`.

    A record for SQLite has no host; its custom text field `Path` names the file.
    """
    return {
        "folders": [_music_store(sqlite_file, servers), _infrastructure(servers)],
        "records": [{"record": _sqlite_record("Scratchpad", sqlite_file), "editable": False}],
        "unshared": [{"id": "payroll user", "record": pam_user_record("Payroll owner", "payroll", "")}],
    }


def _music_store(sqlite_file: Path, servers: Mapping[str, ServerAddress]) -> Json:
    """A shared folder that the application may edit: *Database* records, some in folders below it."""
    reporting = [
        {"record": _database_record(f"Reports on {name}", name, server)} for name, server in _named(servers).items()
    ]
    archive = [{"record": _sqlite_record("Archive", sqlite_file), "delivery": "flat"}]
    return {
        "name": "Music store",
        "records": [
            {"record": _sqlite_record("Chinook", sqlite_file, notes="The sample database of a music store.")},
            {"record": login_record("Shop front", "clerk", "not a database", "https://shop.example")},
            {"record": database_record("Till at the harbour", "PostgreSQL", login="clerk")},
            {"record": database_record("Old ledger", "Fabulon 7", host="ledger.example", port=4711)},
            {"record": database_record("Warehouse", "mssql", host="warehouse.example", port=1433, login="report")},
            {"record": _sqlite_record("Torn page", sqlite_file), "broken": True},
            {"record": _sqlite_record("Written by the storage", sqlite_file, keeperdb_local_id="sample")},
        ],
        "folders": [{"name": "Reporting", "records": reporting, "folders": [{"name": "Archive", "records": archive}]}],
    }


def _infrastructure(servers: Mapping[str, ServerAddress]) -> Json:
    """A read-only shared folder: *PAM Database* records, and below it the *PAM User* records they are linked with."""
    resources: list[Json] = [_unshared_credential()]
    users: list[Json] = []
    if "postgresql" in servers:
        resources.append(_pam_postgresql(servers["postgresql"]))
        users += _users("postgresql", servers["postgresql"])
    if "mariadb" in servers:
        resources.append(_pam_mariadb(servers["mariadb"]))
        users += _users("mariadb", servers["mariadb"])
    folders = [{"name": "Accounts", "records": users}] if users else []
    return {"name": "Infrastructure", "editable": False, "records": resources, "folders": folders}


def _sqlite_record(title: str, path: Path, *, notes: str = "", **more: str) -> Json:
    return database_record(title, "sqlite", custom={"Path": str(path), **more}, notes=notes)


def _named(servers: Mapping[str, ServerAddress]) -> dict[str, ServerAddress]:
    names = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}
    return {names[engine]: server for engine, server in servers.items()}


def _database_record(title: str, type_: str, server: ServerAddress) -> Json:
    return database_record(
        title,
        type_,
        host=server.host,
        port=server.port,
        login=server.reader,
        password=server.reader_password,
        custom={"Database": server.database},
    )


def _pam_postgresql(server: ServerAddress) -> Json:
    """Its credential is the link that is marked for launching."""
    connection: Json = {"protocol": "postgresql", "database": server.database}
    record = pam_database_record(
        "Store on PostgreSQL", "postgresql", host=server.host, port=server.port, connection=connection
    )
    return {
        "record": record,
        "links": [
            {"to": "postgresql reader", "is_admin": False, "is_launch_credential": True},
            {"to": "postgresql writer", "is_admin": True, "is_launch_credential": False},
        ],
        "link_data": [{"path": "meta", "data": {"version": 1, "allowedSettings": {"connections": True}}}],
    }


def _pam_mariadb(server: ServerAddress) -> Json:
    """No link: its credential is named in the record, and its port is overridden there."""
    connection: Json = {
        "protocol": "mariadb",
        "port": str(server.port),
        "database": server.database,
        "userRecords": [{"uid_of": "mariadb writer"}],
    }
    record = pam_database_record("Store on MariaDB", "mariadb", host=server.host, port=3306, connection=connection)
    return {"record": record}


def _unshared_credential() -> Json:
    record = pam_database_record("Payroll", "postgresql", host="payroll.example", port=5432)
    return {"record": record, "links": [{"to": "payroll user", "is_launch_credential": True}]}


def _users(engine: str, server: ServerAddress) -> list[Json]:
    reader = pam_user_record(f"Reader of {engine}", server.reader, server.reader_password)
    writer = pam_user_record(f"Writer of {engine}", server.writer, server.writer_password)
    return [{"id": f"{engine} reader", "record": reader}, {"id": f"{engine} writer", "record": writer}]
