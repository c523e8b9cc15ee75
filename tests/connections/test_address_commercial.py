"""Addresses of SQL Server, Oracle and Redshift, in the forms that their own programs write."""

import pytest

from keeperdb.connections.address import format_address, parse_address
from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.engines.registry import get_engine
from keeperdb.errors import SettingsError


def parsed(text: str) -> ConnectionProfile:
    return parse_address(text).profile


@pytest.mark.parametrize(
    ("text", "engine", "host", "port", "database", "options"),
    [
        ("mssql://sa:pw@db:1433/billing", "sqlserver", "db", 1433, "billing", {}),
        (
            "mssql+pyodbc://sa:pw@db/billing?driver=ODBC+Driver+18+for+SQL+Server",
            "sqlserver",
            "db",
            None,
            "billing",
            {"driver": "ODBC Driver 18 for SQL Server"},
        ),
        (
            "jdbc:sqlserver://db\\SQLEXPRESS:1500;databaseName=billing;user=sa;password=pw",
            "sqlserver",
            "db",
            1500,
            "billing",
            {"instance": "SQLEXPRESS"},
        ),
        ("jdbc:sqlserver://[::1]:1433;database={a;b}};c};", "sqlserver", "::1", 1433, "a;b};c", {}),
        ("jdbc:sqlserver://;serverName=db;portNumber=1433", "sqlserver", "db", 1433, "", {}),
        ("jdbc:sqlserver://db;integratedSecurity=true", "sqlserver", "db", None, "", {"authentication": "windows"}),
        ("oracle://scott:t@db:1521/orders", "oracle", "db", 1521, "orders", {}),
        ("oracle+oracledb://scott:t@db:1521/?service_name=orders", "oracle", "db", 1521, "orders", {}),
        ("oracle+oracledb://scott:t@db:1521/ORCL", "oracle", "db", 1521, "", {"sid": "ORCL"}),
        ("jdbc:oracle:thin:@//db:1521/orders", "oracle", "db", 1521, "orders", {}),
        ("jdbc:oracle:thin:@db:1521:ORCL", "oracle", "db", 1521, "", {"sid": "ORCL"}),
        ("jdbc:oracle:thin:scott/t@db/orders", "oracle", "db", None, "orders", {}),
        ("redshift://reader@cluster.redshift.amazonaws.com:5439/dev", "redshift", None, 5439, "dev", {}),
        ("redshift+psycopg2://reader@cluster.redshift.amazonaws.com/dev", "redshift", None, None, "dev", {}),
        ("jdbc:redshift://cluster.redshift.amazonaws.com:5439/dev", "redshift", None, 5439, "dev", {}),
    ],
)
def test_addresses_are_read(
    text: str, engine: str, host: str | None, port: int | None, database: str, options: dict[str, str]
) -> None:
    profile = parsed(text)
    assert (profile.engine, profile.host, profile.port) == (engine, host or "cluster.redshift.amazonaws.com", port)
    assert (profile.database, dict(profile.options)) == (database, options)
    assert set(profile.options) <= set(get_engine(engine).options)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("jdbc:sqlserver://db;encrypt=true", TlsMode.VERIFY_FULL),
        ("jdbc:sqlserver://db;encrypt=strict", TlsMode.VERIFY_FULL),
        ("jdbc:sqlserver://db;encrypt=true;trustServerCertificate=true", TlsMode.REQUIRE),
        ("jdbc:sqlserver://db;trustServerCertificate=true", TlsMode.REQUIRE),
        ("jdbc:sqlserver://db;encrypt=false", TlsMode.DISABLE),
        ("jdbc:sqlserver://db", TlsMode.DEFAULT),
        ("jdbc:oracle:thin:@tcps://db:2484/orders", TlsMode.VERIFY_FULL),
        ("jdbc:oracle:thin:@tcps://db:2484/orders?ssl_server_dn_match=false", TlsMode.VERIFY_CA),
        ("jdbc:redshift://db/dev?ssl=true", TlsMode.VERIFY_FULL),
        ("jdbc:redshift://db/dev", TlsMode.DEFAULT),
    ],
)
def test_encryption_is_understood(text: str, mode: TlsMode) -> None:
    assert parsed(text).tls is mode


@pytest.mark.parametrize(
    "text",
    [
        "jdbc:sqlserver://db;user=sa;password={p;w}}d}",
        "mssql://sa:p%3Bw%7Dd@db/x",
        "jdbc:oracle:thin:sa/p;w}d@//db:1521/x",
        "redshift://sa:p;w}d@db/x",
    ],
)
def test_the_password_is_taken_out(text: str) -> None:
    address = parse_address(text)
    assert address.password is not None
    assert address.password.reveal() == "p;w}d"
    assert address.profile.user == "sa"
    assert "p;w" not in format_address(address.profile)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("jdbc:sqlserver://db;socketFactoryClass=evil", "socketFactoryClass"),
        ("jdbc:sqlserver://db;authentication=ActiveDirectoryPassword", "log in"),
        ("jdbc:sqlserver://db;nonsense", "properties"),
        ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db)))", "host"),
        ("jdbc:oracle:kprb:", "host"),
        ("jdbc:redshift:iam://db/dev", "host"),
        ("redshift://db/dev?IAM=true&AccessKeyID=x", "IAM"),
        ("oracle://db/x?config_dir=/tmp", "config_dir"),
        ("mssql://db/x?odbc_connect=DRIVER%3Dx", "odbc_connect"),
        ("mssql://db/x?AttachDbFilename=/etc/passwd", "AttachDbFilename"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_address(text)
    assert named in caught.value.message
