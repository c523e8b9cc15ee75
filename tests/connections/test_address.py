"""Addresses that people paste: what they become, what is refused, and that no password shows."""

from typing import Any

import pytest

from keeperdb.connections.address import ParsedAddress, format_address, parse_address
from keeperdb.connections.profile import ConnectionProfile, PasswordMode, TlsMode
from keeperdb.engines.registry import ENGINES

_DEFAULTS = ConnectionProfile("", "", id="")
_COMPARED = (
    "engine",
    "host",
    "port",
    "database",
    "user",
    "path",
    "options",
    "tls",
    "tls_ca",
    "tls_certificate",
    "read_only",
)


def differing(profile: ConnectionProfile) -> dict[str, Any]:
    """The fields that an address sets."""
    values = {name: getattr(profile, name) for name in _COMPARED if getattr(profile, name) != getattr(_DEFAULTS, name)}
    return values | ({"asks": True} if profile.password_mode is PasswordMode.ASK else {})


def password_of(parsed: ParsedAddress) -> str | None:
    return parsed.password.reveal() if parsed.password else None


PG, MY, MARIA, LITE = "postgresql", "mysql", "mariadb", "sqlite"

URLS = [
    ("postgresql://joe@db1:5433/shop", PG, {"host": "db1", "port": 5433, "database": "shop", "user": "joe"}),
    ("  'postgres://db1/shop'  ", PG, {"host": "db1", "database": "shop"}),
    ("POSTGRES://db1", PG, {"host": "db1"}),
    ("postgresql+psycopg://db1/", PG, {"host": "db1"}),
    ("postgresql://[::1]:5433/x", PG, {"host": "::1", "port": 5433, "database": "x"}),
    ("postgresql://[fe80::1%25eth0]/x", PG, {"host": "fe80::1%eth0", "database": "x"}),
    ("postgresql:///shop", PG, {"database": "shop"}),
    ("postgresql://%2Frun%2Fpostgresql/shop", PG, {"host": "/run/postgresql", "database": "shop"}),
    ("postgresql:///shop?host=/run/pg&port=5", PG, {"host": "/run/pg", "port": 5, "database": "shop"}),
    ("postgresql://h/my%20shop%2F%C3%A9", PG, {"host": "h", "database": "my shop/é"}),
    ("postgresql://a%40b@h", PG, {"host": "h", "user": "a@b"}),
    ("postgresql://h?user=joe%20x&dbname=d", PG, {"host": "h", "user": "joe x", "database": "d"}),
    ("postgresql://h?sslmode=verify-full", PG, {"host": "h", "tls": TlsMode.VERIFY_FULL}),
    ("postgresql://h?sslmode=verify-ca", PG, {"host": "h", "tls": TlsMode.VERIFY_CA}),
    ("postgresql://h?sslmode=require", PG, {"host": "h", "tls": TlsMode.REQUIRE}),
    ("postgresql://h?sslmode=allow", PG, {"host": "h", "tls": TlsMode.PREFER}),
    ("postgresql://h?sslmode=disable", PG, {"host": "h", "tls": TlsMode.DISABLE}),
    ("postgresql://h?sslrootcert=/a.pem", PG, {"host": "h", "tls_ca": "/a.pem"}),
    ("postgresql://h?sslrootcert=system", PG, {"host": "h"}),
    ("postgresql://h?sslcert=/c.pem", PG, {"host": "h", "tls_certificate": "/c.pem"}),
    (
        "postgresql://h?application_name=x&search_path=a,b&statement_timeout=5s",
        PG,
        {"host": "h", "options": {"application_name": "x", "search_path": "a,b", "statement_timeout": "5s"}},
    ),
    ("mysql://root@h:3307/d", MY, {"host": "h", "port": 3307, "database": "d", "user": "root"}),
    ("mysql+pymysql://h/d?charset=utf8mb4&ssl_ca=/a", MY, {"host": "h", "database": "d", "tls_ca": "/a"}),
    ("mysql:///d", MY, {"host": "localhost", "database": "d"}),
    ("mysql://h?ssl-mode=VERIFY_IDENTITY", MY, {"host": "h", "tls": TlsMode.VERIFY_FULL}),
    ("mariadb://h/d?unix_socket=/s", MARIA, {"host": "h", "database": "d", "options": {"unix_socket": "/s"}}),
    ("jdbc:postgresql://h:1/d", PG, {"host": "h", "port": 1, "database": "d"}),
    ("jdbc:postgresql:d", PG, {"host": "localhost", "database": "d"}),
    ("jdbc:postgresql:/", PG, {"host": "localhost"}),
    (
        "JDBC:postgresql://h/d?user=joe&ssl=true",
        PG,
        {"host": "h", "database": "d", "user": "joe", "tls": TlsMode.VERIFY_FULL},
    ),
    ("jdbc:postgresql://h/d?currentSchema=s", PG, {"host": "h", "database": "d", "options": {"search_path": "s"}}),
    ("jdbc:postgresql://h/d?readOnly=true", PG, {"host": "h", "database": "d", "read_only": True}),
    ("jdbc:mysql://h:3306/d?useSSL=false", MY, {"host": "h", "port": 3306, "database": "d", "tls": TlsMode.DISABLE}),
    ("jdbc:mysql://h/d?useSSL=true&requireSSL=true", MY, {"host": "h", "database": "d", "tls": TlsMode.VERIFY_FULL}),
    (
        "jdbc:mysql://h/d?verifyServerCertificate=false&useSSL=true",
        MY,
        {"host": "h", "database": "d", "tls": TlsMode.REQUIRE},
    ),
    ("jdbc:mariadb://h/d?sslMode=trust", MARIA, {"host": "h", "database": "d", "tls": TlsMode.REQUIRE}),
    (
        "jdbc:mariadb://h/d?trustServerCertificate=true&useSsl=true",
        MARIA,
        {"host": "h", "database": "d", "tls": TlsMode.REQUIRE},
    ),
    ("jdbc:sqlite:/a/b.db", LITE, {"path": "/a/b.db"}),
    ("jdbc:sqlite:C:/a/b.db", LITE, {"path": "C:/a/b.db"}),
    ("jdbc:sqlite:b.db", LITE, {"path": "b.db"}),
    ("jdbc:sqlite::memory:", LITE, {"path": ":memory:"}),
    ("jdbc:sqlite:", LITE, {"path": ":memory:"}),
    ("jdbc:sqlite:file:/a/b.db?mode=ro", LITE, {"path": "/a/b.db", "read_only": True}),
    ("sqlite:///b.db", LITE, {"path": "b.db"}),
    ("sqlite:////a/b%23c.db", LITE, {"path": "/a/b#c.db"}),
    ("sqlite:///C:/b.db", LITE, {"path": "C:/b.db"}),
    ("sqlite+pysqlite:///b.db?mode=rwc&timeout=5", LITE, {"path": "b.db", "options": {"create": "true"}}),
    ("sqlite://", LITE, {"path": ":memory:"}),
    ("sqlite://:memory:", LITE, {"path": ":memory:"}),
    ("file:///a/b.db?mode=ro", LITE, {"path": "/a/b.db", "read_only": True}),
    ("file:///C:/b.db", LITE, {"path": "C:/b.db"}),
    ("file:a/b.db", LITE, {"path": "a/b.db"}),
]

COMMANDS = [
    ("psql shop", PG, {"database": "shop"}),
    ("$ psql -h db1 -p5433 -U joe -d shop", PG, {"host": "db1", "port": 5433, "user": "joe", "database": "shop"}),
    (
        "/usr/bin/psql --host=db1 --port 5433 shop joe",
        PG,
        {"host": "db1", "port": 5433, "user": "joe", "database": "shop"},
    ),
    ("psql \\\n  -h db1 \\\n  'my shop'", PG, {"host": "db1", "database": "my shop"}),
    ("psql -W -qX shop", PG, {"database": "shop", "asks": True}),
    ("psql 'host=db1 dbname=shop sslmode=require'", PG, {"host": "db1", "database": "shop", "tls": TlsMode.REQUIRE}),
    ("psql -d postgresql://joe@db1/shop", PG, {"host": "db1", "database": "shop", "user": "joe"}),
    ("PGHOST=db1 PGSSLMODE=require psql shop", PG, {"host": "db1", "database": "shop", "tls": TlsMode.REQUIRE}),
    ("PGHOST=db1 psql -h db2", PG, {"host": "db2"}),
    ("psql -h db1 -- shop", PG, {"host": "db1", "database": "shop"}),
    (
        "host=db1 port=5433 user='joe x' dbname = shop",
        PG,
        {"host": "db1", "port": 5433, "user": "joe x", "database": "shop"},
    ),
    ("host=db1 user='o\\'neil'", PG, {"host": "db1", "user": "o'neil"}),
    ("mysql -u root shop", MY, {"host": "localhost", "user": "root", "database": "shop"}),
    ("mysql -h127.0.0.1 -P3307 -Dshop", MY, {"host": "127.0.0.1", "port": 3307, "database": "shop"}),
    ("mysql -uroot -p shop", MY, {"host": "localhost", "user": "root", "database": "shop", "asks": True}),
    ("mysql --user root --password --host db1", MY, {"host": "db1", "user": "root", "asks": True}),
    (
        "mysql -h db1 --ssl-mode=VERIFY_CA --ssl-ca /a.pem",
        MY,
        {"host": "db1", "tls": TlsMode.VERIFY_CA, "tls_ca": "/a.pem"},
    ),
    ("mysql -S /run/my.sock", MY, {"host": "localhost", "options": {"unix_socket": "/run/my.sock"}}),
    ("mysql.exe -h db1 --skip-ssl", MY, {"host": "db1", "tls": TlsMode.DISABLE}),
    ("mariadb -h db1 --ssl", MARIA, {"host": "db1", "tls": TlsMode.VERIFY_FULL}),
    ("mariadb -h db1 --ssl --skip-ssl-verify-server-cert", MARIA, {"host": "db1", "tls": TlsMode.REQUIRE}),
    ("sqlite3 'a b.db'", LITE, {"path": "a b.db"}),
    ("sqlite3 -readonly --header /a.db", LITE, {"path": "/a.db", "read_only": True}),
    ("PGHOST=db1\nPGUSER=joe\nPGDATABASE=shop\n", PG, {"host": "db1", "user": "joe", "database": "shop"}),
    ("export PGHOST=db1; export PGPORT=5".replace(";", "\n"), PG, {"host": "db1", "port": 5}),
    ("# shop\nNODE_ENV=production\nDATABASE_URL='postgres://db1/shop'", PG, {"host": "db1", "database": "shop"}),
    ("MYSQL_HOST=db1\nMYSQL_TCP_PORT=3307\nMYSQL_DATABASE=d", MY, {"host": "db1", "port": 3307, "database": "d"}),
    ("POSTGRES_USER=joe\nPOSTGRES_DB=shop", PG, {"host": "localhost", "user": "joe", "database": "shop"}),
]

PATHS = [
    ("/home/o'neil/a b.db", {"path": "/home/o'neil/a b.db"}),
    ("~/shop.db", {"path": "~/shop.db"}),
    ("./shop", {"path": "./shop"}),
    ("shop.sqlite3", {"path": "shop.sqlite3"}),
    ("C:\\data\\shop.db", {"path": "C:\\data\\shop.db"}),
    (":memory:", {"path": ":memory:"}),
]


@pytest.mark.parametrize(("text", "engine", "expected"), URLS + COMMANDS)
def test_an_address_becomes_a_connection(text: str, engine: str, expected: dict[str, Any]) -> None:
    parsed = parse_address(text)
    assert differing(parsed.profile) == {"engine": engine} | expected
    assert parsed.password is None


@pytest.mark.parametrize(("text", "expected"), PATHS)
def test_a_path_becomes_a_file_connection(text: str, expected: dict[str, Any]) -> None:
    assert differing(parse_address(text).profile) == {"engine": "sqlite"} | expected


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://joe:p%40ss%2Fw%C3%B6rd@db1/shop",
        "postgresql://joe@db1/shop?password=p%40ss/w%C3%B6rd",
        "jdbc:mysql://db1/shop?user=joe&password=p@ss%2Fwörd",
        "mysql+pymysql://joe:p@ss%2Fwörd@db1/shop",
        "psql 'host=db1 user=joe password=p@ss/wörd'",
        "PGPASSWORD='p@ss/wörd' psql -h db1 -U joe",
        "mysql -h db1 -u joe '-pp@ss/wörd'",
        "mysql -h db1 -u joe --password='p@ss/wörd'",
        "MYSQL_PWD=p@ss/wörd mysql -h db1 -u joe",
        "PGHOST=db1\nPGUSER=joe\nPGPASSWORD=p@ss/wörd",
        "DATABASE_URL=postgresql://joe:p%40ss%2Fw%C3%B6rd@db1/shop",
        "host=db1 user=joe password='p@ss/wörd'",
    ],
)
def test_the_password_is_a_secret_and_nowhere_else(text: str) -> None:
    parsed = parse_address(text)
    assert password_of(parsed) == "p@ss/wörd"
    assert parsed.profile.user == "joe"
    assert "wörd" not in repr(parsed)
    assert "ss" not in format_address(parsed.profile)


def test_a_plus_in_a_java_url_is_a_space_and_elsewhere_a_plus() -> None:
    assert password_of(parse_address("jdbc:postgresql://h/d?password=a+b")) == "a b"
    assert password_of(parse_address("postgresql://h/d?password=a+b")) == "a+b"


def test_options_that_tune_another_driver_are_left_out_and_named() -> None:
    parsed = parse_address("jdbc:mysql://h/d?serverTimezone=UTC&useUnicode=true")
    assert parsed.left_out == ("serverTimezone", "useUnicode")
    assert parse_address("mysql -A shop").left_out == ("-A",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("postgresql://db1/shop", "shop on db1"),
        ("postgresql://localhost/shop", "shop"),
        ("postgresql://db1", "db1"),
        ("mysql://localhost", "MySQL"),
        ("/data/shop.db", "shop"),
        ("C:\\data\\shop.db", "shop"),
        (":memory:", "In memory"),
    ],
)
def test_a_new_connection_gets_a_name(text: str, name: str) -> None:
    assert parse_address(text).profile.name == name


def test_each_option_of_an_address_is_one_of_its_engine() -> None:
    addresses = {
        "postgresql": "postgresql://h?application_name=1&lock_timeout=1&search_path=1&statement_timeout=1&timezone=1",
        "mysql": "mysql://h?sql_mode=1&time_zone=1&unix_socket=1",
        "mariadb": "mariadb://h?sql_mode=1&time_zone=1&unix_socket=1",
        "sqlite": "sqlite:///a.db?mode=rwc",
    }
    for engine_id, address in addresses.items():
        assert set(parse_address(address).profile.options) == set(ENGINES[engine_id].options)
