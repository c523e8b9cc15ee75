"""Which engine a word or a port means."""

import subprocess
import sys

import pytest

from keeperdb.engines.registry import (
    ENGINES,
    KNOWN_UNSUPPORTED,
    engine_for_port,
    get_engine,
    identify,
    unsupported_product,
)
from keeperdb.errors import UnsupportedError


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("postgresql", "postgresql"),
        ("Postgres 14", "postgresql"),
        ("PostgreSQL (RDS)", "postgresql"),
        ("postgresql-flexible", "postgresql"),
        ("aurora-postgresql", "postgresql"),
        ("PG", "postgresql"),
        ("psql", "postgresql"),
        ("MySQL", "mysql"),
        ("mysql-flexible", "mysql"),
        ("Oracle MySQL 8.4", "mysql"),
        ("jdbc:mysql", "mysql"),
        ("MariaDB", "mariadb"),
        ("mariadb-flexible", "mariadb"),
        ("sqlite3", "sqlite"),
        ("SQLite", "sqlite"),
    ],
)
def test_loose_words_name_an_engine(word: str, expected: str) -> None:
    engine = identify(word)
    assert engine is not None
    assert engine.id == expected
    assert unsupported_product(word) == ""


@pytest.mark.parametrize("word", ["", " ", "database", "db", "aurora", "nonsense", "my database"])
def test_other_words_name_none(word: str) -> None:
    assert identify(word) is None


@pytest.mark.parametrize("word", ["MongoDB", "redis", "CockroachDB (PostgreSQL)", "DuckDB"])
def test_known_products_that_are_not_supported_are_named(word: str) -> None:
    assert identify(word) is None
    assert unsupported_product(word) in KNOWN_UNSUPPORTED.values()


def test_a_port_stands_in_for_a_missing_word() -> None:
    postgresql, mysql = engine_for_port(5432), engine_for_port(3306)
    assert (postgresql and postgresql.id, mysql and mysql.id) == ("postgresql", "mysql")
    assert engine_for_port(1) is None
    assert engine_for_port(None) is None
    assert unsupported_product("", 27017) == "MongoDB"


def test_an_unknown_engine_gets_the_nearest_name() -> None:
    with pytest.raises(UnsupportedError, match="postgresql"):
        get_engine("postgresq")
    with pytest.raises(UnsupportedError, match="MongoDB is not supported"):
        get_engine("mongodb")


@pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
def test_an_engine_is_found_by_its_own_names(engine: object) -> None:
    for word in (engine.id, engine.name, *engine.aliases):  # type: ignore[attr-defined]
        found = identify(word)
        assert found is engine


def test_no_driver_is_imported_before_a_connection_is_opened() -> None:
    code = (
        "import sys, keeperdb.engines.registry, keeperdb.query.session, keeperdb.query.statements;"
        "print(*{'sqlalchemy', 'psycopg', 'pymysql', 'sqlite3', 'PySide6'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
