"""The tables, indexes and views of the sample database, and their DDL in each dialect."""

from collections.abc import Iterator
from dataclasses import dataclass

_TYPES = {
    "sqlite": {"integer": "INTEGER", "price": "NUMERIC(10,2)", "date": "DATE", "timestamp": "DATETIME"},
    "postgresql": {"integer": "integer", "price": "numeric(10,2)", "date": "date", "timestamp": "timestamp"},
    "mysql": {"integer": "INT", "price": "DECIMAL(10,2)", "date": "DATE", "timestamp": "DATETIME"},
}
DIALECTS = tuple(_TYPES)


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is integer, price, date, timestamp, or the greatest length of a text."""

    name: str
    kind: str | int
    is_nullable: bool = False
    references: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _entity(name: str, *columns: Column) -> Table:
    return Table(name, (Column(f"{name}_id", "integer"), *columns), (f"{name}_id",))


def _link(target: str, name: str = "", *, is_nullable: bool = False) -> Column:
    return Column(name or f"{target}_id", "integer", is_nullable, target)


def _optional(*names: str, length: int = 80) -> tuple[Column, ...]:
    return tuple(Column(name, length, is_nullable=True) for name in names)


TABLES = (  # in an order that satisfies their foreign keys
    _entity("genre", Column("name", 80)),
    _entity("media_type", Column("name", 80)),
    _entity("artist", Column("name", 120)),
    _entity("album", Column("title", 160), _link("artist"), Column("released", "date", is_nullable=True)),
    _entity(
        "track",
        Column("name", 200),
        _link("album"),
        _link("media_type"),
        _link("genre", is_nullable=True),
        Column("composer", 220, is_nullable=True),
        Column("milliseconds", "integer"),
        Column("bytes", "integer", is_nullable=True),
        Column("unit_price", "price"),
    ),
    _entity("playlist", Column("name", 120)),
    Table("playlist_track", (_link("playlist"), _link("track")), ("playlist_id", "track_id")),
    _entity(
        "employee",
        Column("first_name", 40),
        Column("last_name", 40),
        Column("title", 60),
        _link("employee", "reports_to", is_nullable=True),
        Column("birth_date", "date"),
        Column("hire_date", "date"),
        Column("email", 80),
        *_optional("phone", length=40),
    ),
    _entity(
        "customer",
        Column("first_name", 40),
        Column("last_name", 40),
        *_optional("company", "address"),
        Column("city", 60),
        *_optional("state", length=40),
        Column("country", 60),
        *_optional("postal_code", "phone", length=40),
        Column("email", 80),
        _link("employee", "support_rep_id", is_nullable=True),
    ),
    _entity(
        "invoice",
        _link("customer"),
        Column("invoice_date", "timestamp"),
        *_optional("billing_address", "billing_city", "billing_state", "billing_country"),
        Column("total", "price"),
    ),
    _entity(
        "invoice_line", _link("invoice"), _link("track"), Column("unit_price", "price"), Column("quantity", "integer")
    ),
)
VIEWS = {
    "track_details": """SELECT t.track_id, t.name AS track, al.title AS album, ar.name AS artist, g.name AS genre,
       m.name AS media_type, t.milliseconds, t.unit_price
  FROM track t
  JOIN album al ON al.album_id = t.album_id
  JOIN artist ar ON ar.artist_id = al.artist_id
  JOIN media_type m ON m.media_type_id = t.media_type_id
  LEFT JOIN genre g ON g.genre_id = t.genre_id""",
    "customer_sales": """SELECT c.customer_id, c.first_name, c.last_name, c.country,
       COUNT(i.invoice_id) AS invoices, ROUND(SUM(i.total), 2) AS total
  FROM customer c
  LEFT JOIN invoice i ON i.customer_id = c.customer_id
 GROUP BY c.customer_id, c.first_name, c.last_name, c.country""",
    "genre_sales": """SELECT g.name AS genre, SUM(l.quantity) AS sold,
       ROUND(SUM(l.quantity * l.unit_price), 2) AS revenue
  FROM invoice_line l
  JOIN track t ON t.track_id = l.track_id
  JOIN genre g ON g.genre_id = t.genre_id
 GROUP BY g.name""",
}


def definitions(dialect: str) -> Iterator[str]:
    """CREATE statements of tables, indexes and views. `dialect` is one of `DIALECTS`."""
    for table in TABLES:
        yield _table_definition(table, dialect)
        for column in table.columns:
            if column.references and dialect != "mysql":  # MySQL makes an index for each foreign key itself
                yield f"CREATE INDEX ix_{table.name}_{column.name} ON {table.name} ({column.name})"
    yield "CREATE INDEX ix_customer_last_name ON customer (last_name)"
    yield "CREATE INDEX ix_invoice_invoice_date ON invoice (invoice_date)"
    for name, query in VIEWS.items():
        yield f"CREATE VIEW {name} AS\n{query}"


def _table_definition(table: Table, dialect: str) -> str:
    lines = [
        f"{column.name} {_type(column, dialect)}{'' if column.is_nullable else ' NOT NULL'}" for column in table.columns
    ]
    lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    lines += [
        f"CONSTRAINT fk_{table.name}_{column.name} FOREIGN KEY ({column.name})"
        f" REFERENCES {column.references} ({column.references}_id)"
        for column in table.columns
        if column.references
    ]
    ending = " DEFAULT CHARACTER SET utf8mb4" if dialect == "mysql" else ""
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(lines) + f"\n){ending}"


def _type(column: Column, dialect: str) -> str:
    if isinstance(column.kind, int):
        return f"VARCHAR({column.kind})" if dialect != "postgresql" else f"varchar({column.kind})"
    return _TYPES[dialect][column.kind]
