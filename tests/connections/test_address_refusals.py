"""Addresses that are refused: by the name of what is unsafe or unknown, in words, and without quoting a value."""

import pytest

from keeperdb.connections.address import parse_address
from keeperdb.errors import SettingsError

UNSAFE = [
    *(
        f"mysql://h/d?{name}=true"
        for name in (
            "allowLoadLocalInfile",
            "allowUrlInLocalInfile",
            "allowLoadLocalInfileInPath",
            "autoDeserialize",
            "queryInterceptors",
            "statementInterceptors",
            "connectionLifecycleInterceptors",
            "socketFactory",
            "propertiesTransform",
            "sessionVariables",
            "allowMultiQueries",
            "init_command",
            "local_infile",
            "read_default_file",
            "ssl_key",
            "initSQL",
        )
    ),
    *(
        f"postgresql://h/d?{name}=x"
        for name in (
            "service",
            "passfile",
            "sslkey",
            "sslpassword",
            "options",
            "sslfactory",
            "sslfactoryarg",
            "socketFactory",
            "socketFactoryArg",
            "loggerFile",
            "authenticationPluginClassName",
            "sslpasswordcallback",
            "sslhostnameverifier",
        )
    ),
    "sqlite:///a.db?vfs=x",
]


@pytest.mark.parametrize("text", UNSAFE)
def test_an_unsafe_option_is_refused_by_name(text: str) -> None:
    name = text.split("?")[1].split("=")[0]
    for address in (text, "jdbc:" + text, text.replace(name, name.upper())):
        with pytest.raises(SettingsError, match=f"(?i)“{name}” is refused"):
            parse_address(address)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("psql -c 'drop table x'", "-c"),
        ("psql -f x.sql", "-f"),
        ("psql -o x", "-o"),
        ("psql --command=x", "--command"),
        ("mysql -e 'drop'", "-e"),
        ("mysql --init-command=x", "--init-command"),
        ("mysql --defaults-file=/x", "--defaults-file"),
        ("mysql --local-infile=1", "--local-infile"),
        ("mysql --ssl-key /k", "--ssl-key"),
        ("mysql --plugin-dir=/x", "--plugin-dir"),
        ("mysql --enable-cleartext-plugin=1", "--enable-cleartext-plugin"),
        ("sqlite3 -init x a.db", "-init"),
        ("sqlite3 -cmd x a.db", "-cmd"),
        ("PGSERVICE=x psql", "PGSERVICE"),
        ("PGPASSFILE=x psql", "PGPASSFILE"),
        ("PGOPTIONS=-cx psql", "PGOPTIONS"),
        ("PGHOST=h\nPGSSLKEY=/k", "PGSSLKEY"),
        ("host=h service=x", "service"),
        ("psql 'host=h passfile=/x'", "passfile"),
    ],
)
def test_an_unsafe_part_of_a_command_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(SettingsError, match=f"“{name}” is refused"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("postgresql://h/d?frobnicate=1", "frobnicate"),
        ("mysql://h/d?frobnicate=1", "frobnicate"),
        ("sqlite:///a.db?frobnicate=1", "frobnicate"),
        ("postgresql://h?charset=utf8", "charset"),
        ("psql --frobnicate", "--frobnicate"),
        ("psql -Z", "-Z"),
        ("mysql --frobnicate=5", "--frobnicate"),
        ("sqlite3 -frobnicate a.db", "-frobnicate"),
        ("PGFROBNICATE=1 psql", "PGFROBNICATE"),
        ("host=h frobnicate=1", "frobnicate"),
    ],
)
def test_an_unknown_option_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(SettingsError, match=f"“{name}” is not an option"):
        parse_address(text)


def test_a_misspelt_option_brings_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_address("postgresql://h?sslmod=require")
    assert caught.value.hint == "Did you mean “sslmode”?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "db1:5432",
        "mongodb://h/d",
        "jdbc:db2://h:50000/x",
        "jdbc:mysql:replication://a,b/d",
        "jdbc:mysql:loadbalance://a/d",
        "mysqlx://h/d",
        "mongodb://h",
        "postgresql://a,b/d",
        "postgresql://a:1,b:2/d",
        "postgresql:db",
        "postgresql://h/d#fragment",
        "postgresql://h/a/b",
        "postgresql://h:0/d",
        "postgresql://h:65536/d",
        "postgresql://h:x/d",
        "postgresql://h:-1/d",
        "postgresql://h:１２/d",
        "postgresql://[::1/d",
        "postgresql://[x]y/d",
        "postgresql://::1/d",
        "postgresql://a%20b/d",
        "postgresql://h%23x/d",
        "postgresql://h%40x/d",
        "postgresql://h%0ax/d",
        "postgresql://h?host=a,b",
        "postgresql://h/%00",
        "postgresql://h/%ff",
        "postgresql://u%0a@h",
        "postgresql://h?sslmode=maybe",
        "jdbc:postgresql://h?ssl=perhaps",
        "sqlite://host/a.db",
        "sqlite:///a.db?mode=evil",
        "sqlite:///a%00.db",
        "jdbc:mysql://address=(host=h)/d",
        "psql -h",
        "psql 'host=h",
        "psql a b c",
        "psql shop | less",
        "psql -h $HOST",
        "PGPASSWORD=$(pass show db) psql -h h",
        "mysql -h ${HOST}",
        "mysql a b",
        "sqlite3 a.db 'select 1'",
        "sudo -u postgres psql",
        "env FOO=bar",
        "FOO=bar",
        "FOO=bar ls",
        "PGHOST=a MYSQL_HOST=b",
        "host=h dbname",
    ],
)
def test_what_cannot_be_a_connection_is_refused_in_words(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_address(text)
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith((".", "?"))


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://joe:hunter2/x@db1/shop",
        "postgresql://joe:hunter2?x@db1/shop",
        "postgresql://joe:hunter2#x@db1/shop",
        "postgresql://joe:12?hunter2@db1/shop",
        "postgresql://joe:12?hunter2=x@db1/shop",
        "postgresql://joe:12?hunter2@db1=x/shop",
        "postgresql://joe:12#hunter2@db1",
        "postgresql://joe:hunter2@db 1/shop",
        "postgresql://joe:hunter2%ff@db1/shop",
        "postgresql://joe:hunter2@db1:x/shop",
        "postgresql://joe:hunter2@a,b/shop",
        "jdbc:mysql://db1/shop?password=hunter2&frobnicate=1",
        "mysql -Phunter2",
        "psql -Phunter2",
        "mysql -xhunter2",
        "mysql --passwort=hunter2",
        "PGPASSWORD=hunter2 psql -z",
        "PGPASSWORD=hunter2 ls",
        "PGPASSWORD='hunter2 psql",
        "host=h password='hunter2",
        "host=h password=hunter2 x",
        "joe:hunter2@db1/shop",
        "mysql -u joe hunter2 hunter2",
    ],
)
def test_no_error_quotes_what_may_be_a_password(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_address(text)
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in f"{error} {error!r}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
