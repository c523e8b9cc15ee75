"""Which engines there are, and which of them a word or a port means."""

import re

from keeperdb.engines.base import Engine
from keeperdb.engines.mysql import MariaDbEngine, MySqlEngine
from keeperdb.engines.postgresql import PostgreSqlEngine
from keeperdb.engines.sqlite import SqliteEngine
from keeperdb.errors import UnsupportedError

ENGINES: dict[str, Engine] = {
    engine.id: engine for engine in (SqliteEngine(), PostgreSqlEngine(), MySqlEngine(), MariaDbEngine())
}

# Products that a vault record may name and this version cannot open, by the words they go by.
KNOWN_UNSUPPORTED: dict[str, str] = {
    "mssql": "SQL Server",
    "sqlserver": "SQL Server",
    "sqlsrv": "SQL Server",
    "azuresql": "SQL Server",
    "tsql": "SQL Server",
    "sybase": "SAP ASE",
    "oracle": "Oracle",
    "redshift": "Amazon Redshift",
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
    1433: "SQL Server",
    1521: "Oracle",
    2483: "Oracle",
    2484: "Oracle",
    5439: "Amazon Redshift",
    6379: "Redis",
    9042: "Cassandra",
    26257: "CockroachDB",
    27017: "MongoDB",
    50000: "Db2",
}

# Words too short to be looked for inside other words.
_WHOLE_WORDS = {"pg": "postgresql", "psql": "postgresql", "my": "mysql"}


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
    words = ("redshift", "cockroach", "duckdb", "clickhouse") if beats_supported else KNOWN_UNSUPPORTED
    return next((KNOWN_UNSUPPORTED[known] for known in words if known in squeezed), "")


# Longest first, so that a word inside another does not win.
_ALIASES = sorted(
    ((alias, engine.id) for engine in ENGINES.values() for alias in (engine.id, *engine.aliases) if len(alias) > 2),
    key=lambda pair: -len(pair[0]),
)
