"""Values that go to a server and come back: nothing is lost on the way, in the text or in the value."""

import math
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.base import DriverConnection
from keeperdb.engines.registry import get_engine
from keeperdb.task import Task
from tests.fixtures.database_servers import DatabaseServer

_INT64 = st.integers(-(2**63), 2**63 - 1)
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)
_DECIMAL = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=20)
_FLOAT = st.floats(allow_nan=False, allow_infinity=False)
_BYTES = st.binary(max_size=300)

with_connection = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def there_and_back(connection: DriverConnection, statement: str, value: Any) -> tuple[str | None, Any]:
    block = connection.execute(statement, (value,)).fetch(1)
    assert block is not None
    return block.text(0, 0), block.value(0, 0)


def open_server(server: DatabaseServer) -> DriverConnection:
    return get_engine(server.engine).connect(server.profile(), server.credential, Task())


@pytest.fixture(scope="module")
def postgresql(postgresql_server: DatabaseServer) -> Iterator[DriverConnection]:
    connection = open_server(postgresql_server)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def mariadb(mariadb_server: DatabaseServer) -> Iterator[DriverConnection]:
    connection = open_server(mariadb_server)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def sqlite() -> Iterator[DriverConnection]:
    connection = get_engine("sqlite").connect(ConnectionProfile(name="memory", engine="sqlite"), None, Task())
    yield connection
    connection.close()


class TestPostgreSql:
    @with_connection
    @given(value=_INT64)
    def test_integers(self, postgresql: DriverConnection, value: int) -> None:
        assert there_and_back(postgresql, "SELECT $1::int8", value) == (str(value), value)

    @with_connection
    @given(value=_DECIMAL)
    def test_decimals(self, postgresql: DriverConnection, value: Decimal) -> None:
        text, back = there_and_back(postgresql, "SELECT $1::numeric", f"{value:f}")
        assert (text, back) == (f"{value:f}".removeprefix("-") if not value else f"{value:f}", value)

    @with_connection
    @given(value=_FLOAT)
    def test_floats(self, postgresql: DriverConnection, value: float) -> None:
        text, back = there_and_back(postgresql, "SELECT $1::float8", repr(value))
        assert (float(text or ""), back) == (value, value)
        assert math.copysign(1, back) == math.copysign(1, value)

    @with_connection
    @given(value=_TEXT)
    def test_texts(self, postgresql: DriverConnection, value: str) -> None:
        assert there_and_back(postgresql, "SELECT $1::text", value) == (value, value)

    @with_connection
    @given(value=_BYTES)
    def test_bytes(self, postgresql: DriverConnection, value: bytes) -> None:
        assert there_and_back(postgresql, "SELECT $1::bytea", value) == (f"0x{value.hex()}", value)

    @with_connection
    @given(value=st.datetimes())
    def test_timestamps(self, postgresql: DriverConnection, value: datetime) -> None:
        text, back = there_and_back(postgresql, "SELECT $1::timestamp", value.isoformat())
        assert (datetime.fromisoformat(text or ""), back) == (value, value)

    @with_connection
    @given(value=st.dates())
    def test_dates(self, postgresql: DriverConnection, value: date) -> None:
        assert there_and_back(postgresql, "SELECT $1::date", value.isoformat()) == (value.isoformat(), value)


class TestMariaDb:
    @with_connection
    @given(value=_INT64)
    def test_integers(self, mariadb: DriverConnection, value: int) -> None:
        assert there_and_back(mariadb, "SELECT CAST(%s AS SIGNED)", value) == (str(value), value)

    @with_connection
    @given(value=st.integers(0, 2**64 - 1))
    def test_unsigned_integers(self, mariadb: DriverConnection, value: int) -> None:
        assert there_and_back(mariadb, "SELECT CAST(%s AS UNSIGNED)", value) == (str(value), value)

    @with_connection
    @given(value=_DECIMAL)
    def test_decimals(self, mariadb: DriverConnection, value: Decimal) -> None:
        text, back = there_and_back(mariadb, "SELECT CAST(%s AS DECIMAL(60,20))", f"{value:f}")
        assert (Decimal(text or ""), back) == (value, value)

    @with_connection
    @given(value=_TEXT)
    def test_texts(self, mariadb: DriverConnection, value: str) -> None:
        assert there_and_back(mariadb, "SELECT %s", value) == (value, value)

    @with_connection
    @given(value=_BYTES)
    def test_bytes(self, mariadb: DriverConnection, value: bytes) -> None:
        assert there_and_back(mariadb, "SELECT CAST(%s AS BINARY)", value) == (f"0x{value.hex()}", value)

    @with_connection
    @given(value=st.datetimes())
    def test_timestamps(self, mariadb: DriverConnection, value: datetime) -> None:
        text, back = there_and_back(mariadb, "SELECT CAST(%s AS DATETIME(6))", value.isoformat(" "))
        assert (datetime.fromisoformat(text or ""), back) == (value, value)


class TestSqlite:
    @with_connection
    @given(value=_INT64)
    def test_integers(self, sqlite: DriverConnection, value: int) -> None:
        assert there_and_back(sqlite, "SELECT ?", value) == (str(value), value)

    @with_connection
    @given(value=_FLOAT)
    def test_floats(self, sqlite: DriverConnection, value: float) -> None:
        text, back = there_and_back(sqlite, "SELECT ?", value)
        assert (float(text or ""), back) == (value, value)

    @with_connection
    @given(value=st.text(st.characters(codec="utf-8"), max_size=300))
    def test_texts(self, sqlite: DriverConnection, value: str) -> None:
        assert there_and_back(sqlite, "SELECT ?", value) == (value, value)

    @with_connection
    @given(value=_BYTES)
    def test_bytes(self, sqlite: DriverConnection, value: bytes) -> None:
        assert there_and_back(sqlite, "SELECT ?", value) == (f"0x{value.hex()}", value)
