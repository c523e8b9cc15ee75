"""The schema tree over 30,000 tables of a private PostgreSQL, beside psql's own list of them."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from benchmarks.figures import Figure, middle
from keeperdb.demo.sample import ServerAddress
from keeperdb.demo.servers import DemoServers

TABLES = 30_000
_RUNS = 5


def measure() -> Iterator[Figure]:
    with DemoServers() as servers, tempfile.TemporaryDirectory() as folder:
        servers.start()
        if "postgresql" not in servers.addresses:
            return
        address = servers.addresses["postgresql"]
        words, environment = _psql(address)
        _make_tables(words, environment)
        listed = middle(_seconds([*words, "-c", "\\dt"], environment) for _ in range(_RUNS))
        environment |= {"QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-m", "benchmarks.catalog_tree", address.host, str(address.port), address.database]
        done = subprocess.run(
            [*command, address.writer, folder], env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout)
    beside = "`psql -c '\\dt'`"
    yield Figure("tree with 30,000 tables: first names", found["first"], "s", 1.0, beside, listed)
    yield Figure("the same, kept on disk", found["kept"], "s", 1.0, beside, listed)
    yield Figure("one key in the tree's filter, 95th percentile", found["filter"], "ms", 50)
    yield Figure("worst stall of the UI thread while they arrive", found["stall"], "ms", 50)


def _psql(address: ServerAddress) -> tuple[list[str], dict[str, str]]:
    words = ["psql", "-X", "-q", "-h", address.host, "-p", str(address.port), "-U", address.writer]
    return [*words, "-d", address.database], {**os.environ, "PGPASSWORD": address.writer_password}


def _make_tables(words: list[str], environment: dict[str, str]) -> None:
    """One by one: PostgreSQL keeps a lock for each until the transaction ends."""
    script = "\n".join(
        f"CREATE TABLE sales_order_line_{number} (id int PRIMARY KEY, name text, at timestamptz);"
        f"COMMENT ON TABLE sales_order_line_{number} IS 'Order lines, part {number}';"
        for number in range(TABLES)
    )
    subprocess.run([*words, "-v", "ON_ERROR_STOP=1"], input=script.encode(), env=environment, check=True)
    subprocess.run([*words, "-c", "ANALYZE"], env=environment, check=True, capture_output=True)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
