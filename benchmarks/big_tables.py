"""The table `big` of 1,000,000 × 8 in a private PostgreSQL, a private MariaDB and a SQLite file."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keeperdb.demo.servers import DemoServers

ROWS = 1_000_000
QUERY = "SELECT * FROM big"

_POSTGRESQL = """
CREATE TABLE big (id int, n bigint, code text, amount numeric, at timestamptz, ok boolean, note text, j jsonb);
INSERT INTO big SELECT i, i * 7919::bigint * 100003, lpad(i::text, 20, 'c'), round(i / 100.0, 2),
  '2026-01-01'::timestamptz + i * interval '1 second', i % 2 = 0,
  CASE WHEN i % 10 = 0 THEN 'with, comma ' ELSE 'without any ' END || left(repeat(md5(i::text), 3), 88),
  jsonb_build_object('id', i, 'tags', jsonb_build_array('a', 'b'), 'ok', i % 2 = 0)
  FROM generate_series(1, {rows}) i;
VACUUM ANALYZE big;
"""
_MARIADB = """
CREATE TABLE big (id int, n bigint, code varchar(20), amount decimal(20,2), at datetime, ok boolean, note varchar(100),
  j json);
INSERT INTO big SELECT seq, seq * 7919 * 100003, lpad(seq, 20, 'c'), seq / 100,
  '2026-01-01' + interval seq second, seq % 2 = 0,
  concat(if(seq % 10 = 0, 'with, comma ', 'without any '), left(repeat(md5(seq), 3), 88)),
  concat('{{"id": ', seq, ', "ok": ', if(seq % 2 = 0, 'true', 'false'), ', "tags": ["a", "b"]}}')
  FROM seq_1_to_{rows};
ANALYZE TABLE big;
"""
_SQLITE = """
CREATE TABLE big (id INTEGER, n BIGINT, code TEXT, amount NUMERIC, at TEXT, ok INTEGER, note TEXT, j TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
INSERT INTO big SELECT i, i * 7919 * 100003, printf('cccccccccc%010d', i), i / 100.0,
  strftime('%Y-%m-%d %H:%M:%S+00', '2026-01-01', '+' || i || ' seconds'), i % 2 = 0,
  CASE WHEN i % 10 = 0 THEN 'with, comma ' ELSE 'without any ' END || substr(hex(i * 7919) || hex(i * 104729) ||
    printf('%.88c', 'f'), 1, 88),
  printf('{{"id": %d, "ok": %s, "tags": ["a", "b"]}}', i, CASE WHEN i % 2 = 0 THEN 'true' ELSE 'false' END) FROM n;
"""


@dataclass(frozen=True, slots=True)
class BigTable:
    """Where one `big` is: `client` is the database's own program with what it needs to reach it."""

    engine: str
    client: tuple[str, ...]
    environment: dict[str, str]
    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    path: str = ""


@contextmanager
def big_tables(rows: int = ROWS) -> Iterator[list[BigTable]]:
    """The table on each database that this machine has. Takes a minute."""
    with tempfile.TemporaryDirectory() as folder, DemoServers() as servers:
        servers.start()
        tables = [_sqlite(Path(folder), rows)]
        for engine, address in servers.addresses.items():
            fill = _postgresql if engine == "postgresql" else _mariadb
            table = fill(address.host, address.port, address.database, address.writer, address.writer_password)
            script = (_POSTGRESQL if engine == "postgresql" else _MARIADB).format(rows=rows)
            _run([*table.client], table.environment, script)
            tables.append(table)
        yield tables


def _postgresql(host: str, port: int, database: str, user: str, password: str) -> BigTable:
    program = shutil.which("psql") or "psql"
    client = (program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", str(port), "-U", user, "-d", database)
    return BigTable("postgresql", client, {"PGPASSWORD": password}, host, port, database, user)


def _mariadb(host: str, port: int, database: str, user: str, password: str) -> BigTable:
    program = shutil.which("mariadb") or "mariadb"
    client = (program, "--no-defaults", "-h", host, "-P", str(port), "-u", user, database)
    return BigTable("mariadb", client, {"MYSQL_PWD": password}, host, port, database, user)


def _sqlite(folder: Path, rows: int) -> BigTable:
    path = folder / "big.db"
    client = (shutil.which("sqlite3") or "sqlite3", str(path))
    _run([*client], {}, _SQLITE.format(rows=rows))
    return BigTable("sqlite", client, {}, path=str(path))


def _run(command: list[str], environment: dict[str, str], script: str) -> None:
    subprocess.run(
        command, input=script.encode(), env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
    )
