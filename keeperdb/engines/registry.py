"""Which engines there are, and which of them a word or a port means."""

import re

from keeperdb.engines.base import Engine
from keeperdb.engines.mysql import MariaDbEngine, MySqlEngine
from keeperdb.engines.oracle import OracleEngine
from keeperdb.engines.postgresql import PostgreSqlEngine
from keeperdb.engines.redshift import RedshiftEngine
from keeperdb.engines.sqlite import SqliteEngine
from keeperdb.engines.sqlserver import SqlServerEngine
from keeperdb.errors import UnsupportedError

ENGINES: dict[str, Engine] = {
    engine.id: engine
    for engine in (
        SqliteEngine(),
        PostgreSqlEngine(),
        MySqlEngine(),
        MariaDbEngine(),
        SqlServerEngine(),
        OracleEngine(),
        RedshiftEngine(),
    )
}

# Products that a vault record may name and this version cannot open, by the words they go by.
KNOWN_UNSUPPORTED: dict[str, str] = {
    "sybase": "SAP ASE",
    "mongo": "MongoDB",
    "documentdb": "Amazon DocumentDB",
    "dynamodb": "Amazon DynamoDB",
    "cosmosdb": "Azure Cosmos DB",
    "redis": "Redis",
    "valkey": "Valkey",
    "memcached": "Memcached",
    "cassandra": "Cassandra",
    "couch": "CouchDB",
    "cockroach": "CockroachDB",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "databricks": "Databricks",
    "clickhouse": "ClickHouse",
    "db2": "Db2",
    "informix": "Informix",
    "hana": "SAP HANA",
    "teradata": "Teradata",
    "vertica": "Vertica",
    "firebird": "Firebird",
    "duckdb": "DuckDB",
    "elastic": "Elasticsearch",
    "opensearch": "OpenSearch",
    "neo4j": "Neo4j",
    "trino": "Trino",
    "presto": "Presto",
    "hive": "Hive",
    "spanner": "Cloud Spanner",
    "msaccess": "Microsoft Access",
}

_UNSUPPORTED_PORTS = {
    6379: "Redis",
    9042: "Cassandra",
    26257: "CockroachDB",
    27017: "MongoDB",
    50000: "Db2",
}

# Words too short to be looked for inside other words.
_WHOLE_WORDS = {"pg": "postgresql", "psql": "postgresql", "my": "mysql", "ms": "sqlserver", "ora": "oracle"}

# Other ports that servers of a product listen on, beside each engine's own
_OTHER_PORTS = {2483: "oracle", 2484: "oracle"}


def get_engine(engine_id: str) -> Engine:
    """The engine of that id. Raises `UnsupportedError` with the nearest name."""
    if engine_id in ENGINES:
        return ENGINES[engine_id]
    product = unsupported_product(engine_id)
    if product:
        raise UnsupportedError(f"{product} is not supported by this version.")
    from keeperdb.settings import did_you_mean  # only here: it brings a file lock along

    hint = did_you_mean(engine_id, ENGINES) or f"Engines are {', '.join(ENGINES)}."
    raise UnsupportedError(f"There is no engine “{engine_id}”.", hint)


def identify(word: str) -> Engine | None:
    """The engine that free text means (`Postgres 14`, `postgresql-flexible`, `jdbc:mysql`), or None."""
    squeezed = _squeeze(word)
    if squeezed in _WHOLE_WORDS:
        return ENGINES[_WHOLE_WORDS[squeezed]]
    if _unsupported_in(squeezed, beats_supported=True):
        return None
    for alias, engine_id in _ALIASES:
        if alias in squeezed:
            return ENGINES[engine_id]
    return None


def engine_for_port(port: int | None) -> Engine | None:
    """The engine whose servers listen on `port` by default, or None; 3306 is taken as MySQL."""
    if port is None:
        return None
    if port in _OTHER_PORTS:
        return ENGINES[_OTHER_PORTS[port]]
    return next((engine for engine in ENGINES.values() if engine.default_port == port), None)


def unsupported_product(word: str, port: int | None = None) -> str:
    """The display name of a product that is known but not supported, by free text or else by port; empty if none."""
    squeezed = _squeeze(word)
    if identify(word) is not None:
        return ""
    found = _unsupported_in(squeezed)
    if found or squeezed:
        return found
    return _UNSUPPORTED_PORTS.get(port, "") if port is not None else ""


def _squeeze(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


def _unsupported_in(squeezed: str, *, beats_supported: bool = False) -> str:
    """With `beats_supported` only products that call themselves a kind of PostgreSQL or MySQL as well."""
    words = ("cockroach", "duckdb", "clickhouse") if beats_supported else KNOWN_UNSUPPORTED
    return next((KNOWN_UNSUPPORTED[known] for known in words if known in squeezed), "")


# Longest first, so that a word inside another does not win; Redshift before PostgreSQL, which it calls itself as well,
# and Oracle last, because MySQL is Oracle's too.
_ALIASES = sorted(
    ((alias, engine.id) for engine in ENGINES.values() for alias in (engine.id, *engine.aliases) if len(alias) > 2),
    key=lambda pair: (pair[1] != "redshift", pair[1] == "oracle", -len(pair[0])),
)
