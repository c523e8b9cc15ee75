"""How each product compares a cell with what was read of it, takes a new value, and tells the keys that it made."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from keeperdb.data.edit_cells import Cell, NewValue, Stand
from keeperdb.data.edit_kinds import GEOMETRIES
from keeperdb.data.edit_sql import Bind, Sql, joined, listed
from keeperdb.engines.base import Engine
from keeperdb.query.table_shape import ShapeColumn, TableShape, qualified

_ZERO_DATE = re.compile(r"^0000-|-00")  # which strict servers refuse to read
_ZONE = re.compile(r" \S+$|[+-][0-9]{2}:[0-9]{2}$")
_INTEGER = re.compile(r"-?[0-9]+")


class EditDialect:
    """Standard SQL, in which equality is exact. The methods return SQL with its values apart."""

    stands: ClassVar = {Stand.NOW: "CURRENT_TIMESTAMP", Stand.TODAY: "CURRENT_DATE", Stand.USER: "CURRENT_USER"}
    empty_insert = " DEFAULT VALUES"
    returns_keys = False
    key_query = ""  # asked after an INSERT for the value that an automatic column got
    counts_matches = True  # an UPDATE that changes nothing counts its row all the same
    tells_count_in_row = False  # `counted` returns the count as a row

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.dialect

    def table(self, shape: TableShape) -> str:
        return qualified(self._engine, shape.path)

    def column(self, column: ShapeColumn) -> str:
        return self._engine.quote(column.name)

    def is_key(self, column: ShapeColumn, cell: Cell) -> Sql:
        """The condition that finds a row by an index."""
        return Sql.of(self.column(column), " = ", self.key_value(column, cell))

    def key_value(self, column: ShapeColumn, cell: Cell) -> Sql:
        """A value as the column's own type, which an index is searched for."""
        return self.value(column, cell)

    def matches(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        """The condition that a cell still is what was read; None where the product cannot tell."""
        if cell is None:
            return Sql.of(self.column(column), " IS NULL")
        return self.equals(column, cell)

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        """`matches` for a cell that is not NULL."""
        return Sql.of(self.column(column), " = ", self.value(column, cell))

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        """A cell as an expression of its column's type."""
        return Sql.of("NULL" if cell is None else Bind(cell))

    def new(self, column: ShapeColumn, value: NewValue) -> Sql:
        """What stands after `=` in an UPDATE, and in VALUES."""
        if value.stand is Stand.DEFAULT:
            return Sql.of(self.default(column))
        if value.stand is not None:
            return Sql.of(self.stands[value.stand])
        return self.value(column, value.cell)

    def default(self, column: ShapeColumn) -> str:
        return "DEFAULT"

    def update(self, shape: TableShape, assignments: Sequence[Sql], condition: Sql) -> Sql:
        head = f"UPDATE {self.table(shape)} SET "  # noqa: S608 - names quoted, values bound
        return Sql.of(head, joined(", ", assignments), "\nWHERE ", condition)

    def delete(self, shape: TableShape, condition: Sql) -> Sql:
        return Sql.of(f"DELETE FROM {self.table(shape)}\nWHERE ", condition)  # noqa: S608 - names quoted, values bound

    def insert(self, shape: TableShape, names: Sequence[str], values: Sequence[Sql], keys: Sequence[str]) -> Sql:
        """`keys` are the columns that are to be told afterwards, where the product does."""
        head = f"INSERT INTO {self.table(shape)}"
        if names:
            body = Sql.of(" (", listed(names), ") VALUES (", joined(", ", values), ")")
        else:
            body = Sql.of(self.empty_insert)
        return Sql.of(head, body, f" RETURNING {', '.join(keys)}" if keys and self.returns_keys else "")

    def counting(self, shape: TableShape, condition: Sql) -> Sql:
        """How many rows there are."""
        return Sql.of(f"SELECT COUNT(*) FROM {self.table(shape)} WHERE ", condition)  # noqa: S608 - as above

    def first_rows(self, query: Sql, rows: int) -> Sql:
        """`query`, which begins with SELECT, up to `rows` rows."""
        return Sql.of(query, f" LIMIT {rows:d}")

    def savepoint(self) -> tuple[str, str, str]:
        """Set it, go back to it, and forget it; empty texts where there is nothing to say or no such thing."""
        return ("SAVEPOINT keeperdb_edits", "ROLLBACK TO SAVEPOINT keeperdb_edits", "RELEASE SAVEPOINT keeperdb_edits")

    def counted(self, statement: Sql) -> Sql:
        """The statement as it is sent so that the rows it touched are known."""
        return statement

    def contains(self, column: ShapeColumn, pattern: str) -> Sql:
        """LIKE over a column's text, where `pattern` has backslashes before its own signs."""
        return Sql.of(f"{self.as_text(column)} LIKE ", Bind(pattern), " ESCAPE '!'")

    def as_text(self, column: ShapeColumn) -> str:
        return f"CAST({self.column(column)} AS varchar(4000))"

    def nulls_first(self) -> bool:
        """Where NULL stands in ascending order."""
        return True

    def is_sortable(self, column: ShapeColumn) -> bool:
        """Whether the server has an order of such values."""
        return True

    def is_sought(self, column: ShapeColumn) -> bool:
        """Whether `<` and `=` with a value that was read go by that order, so that a page can go on from a row."""
        return self.is_sortable(column)


class _PostgreSql(EditDialect):
    """Parameters are texts whose type the server infers from the other side."""

    returns_keys = True
    # Types whose equality is that of their texts; others are compared as text, such as json, float, point and xml.
    _exact: ClassVar = {
        *("boolean", "smallint", "integer", "bigint", "oid", "date", "uuid", "bytea", "real", "double precision"),
        *("timestamp without time zone", "timestamp with time zone", "time without time zone"),
    }
    _texts: ClassVar = {"text", "character varying", "character", "name"}

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        name = self.column(column)
        if column.base_type in self._exact or (column.base_type in self._texts and column.is_plain_text):
            return Sql.of(f"{name} = ", self.value(column, cell))
        return Sql.of(f'{name}::text COLLATE "C" = ', Bind(cell if cell is not None else ""))

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        if isinstance(cell, str) and column.base_type in ("smallint", "integer", "bigint"):
            return _whole_number(cell)
        return super().value(column, cell)

    def as_text(self, column: ShapeColumn) -> str:
        return f"{self.column(column)}::text"

    def nulls_first(self) -> bool:
        return False

    def is_sortable(self, column: ShapeColumn) -> bool:
        unsorted = ("json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "xid", "geometry")
        return column.base_type not in unsorted


class _Redshift(_PostgreSql):
    """Neither RETURNING nor COLLATE "C", and equality of texts is that of their bytes."""

    returns_keys = False
    _unlike: ClassVar = {"super", "geometry", "geography", "hllsketch"}

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        if column.base_type in self._unlike:
            return None
        return Sql.of(f"{self.column(column)} = ", self.value(column, cell))

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        """A text becomes VARBYTE by its own bytes, so that digits have to say that they are some.

        https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_HEX.html
        """
        if isinstance(cell, bytes):
            return Sql.of("FROM_HEX(", Bind(cell.hex()), ")")
        return super().value(column, cell)

    def as_text(self, column: ShapeColumn) -> str:
        return f"{self.column(column)}::varchar"

    def savepoint(self) -> tuple[str, str, str]:
        return ("", "", "")

    def is_sortable(self, column: ShapeColumn) -> bool:
        return column.base_type not in self._unlike


class _MySql(EditDialect):
    """Collations compare without case and spaces, and floats print fewer digits than they have.

    So texts, FLOAT and the like are compared by the bytes of their texts.
    """

    stands: ClassVar = {Stand.NOW: "CURRENT_TIMESTAMP(6)", Stand.TODAY: "CURRENT_DATE", Stand.USER: "CURRENT_USER"}
    empty_insert = " () VALUES ()"
    key_query = "SELECT LAST_INSERT_ID()"
    counts_matches = False
    _whole: ClassVar = {"tinyint", "smallint", "mediumint", "int", "bigint", "year"}
    _exact: ClassVar = {"date", "datetime", "time", "decimal", "enum"}  # whose equality is that of their texts

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        name, kind = self.column(column), _without_attributes(column)
        if kind == "bit" and isinstance(cell, str):
            return Sql.of(f"CAST({name} AS UNSIGNED) = ", Bind(int(cell or "0", 2)))
        if kind in GEOMETRIES and isinstance(cell, bytes):
            return Sql.of(f"HEX({name}) = ", Bind(cell.hex().upper()))
        if kind in self._whole or isinstance(cell, bytes):
            return Sql.of(f"{name} = ", self.value(column, cell))
        if kind in self._exact and isinstance(cell, str) and not _ZERO_DATE.search(cell):
            return Sql.of(f"{name} = ", self.value(column, cell))
        text = Bind(cell if isinstance(cell, str) else str(cell))
        return Sql.of(f"CAST(CONVERT({name} USING utf8mb4) AS BINARY) = ", text)  # bytes with bytes, as text is sent

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        kind = _without_attributes(column)
        if isinstance(cell, str) and kind in GEOMETRIES:
            return self._geometry(cell)
        if isinstance(cell, bytes):
            return Sql.of("UNHEX(", Bind(cell.hex()), ")")  # PyMySQL writes bytes as text that is not UTF-8
        if kind == "bit" and isinstance(cell, str) and set(cell) <= {"0", "1"} and cell:
            return Sql.of(Bind(int(cell, 2)))
        if kind in self._whole and isinstance(cell, str):
            return _whole_number(cell)
        if kind == "decimal" and isinstance(cell, str) and (number := _decimal(cell)) is not None:
            return Sql.of(Bind(number))  # two texts would be compared as floats
        return super().value(column, cell)

    def _geometry(self, text: str) -> Sql:
        """Well-known text after `SRID=4326;` or nothing, first x and then y, as geometry is shown.

        MySQL would take the latitude first where a reference system says so; MariaDB knows no such order.
        https://dev.mysql.com/doc/refman/8.4/en/gis-wkt-functions.html
        """
        if text[:2].lower() == "0x":
            return Sql.of("UNHEX(", Bind(text[2:]), ")")
        head, separator, rest = text.strip().partition(";")
        srid = int(head[5:]) if separator else 0
        order = ", 'axis-order=long-lat'" if srid and self._engine.id == "mysql" else ""
        return Sql.of("ST_GeomFromText(", Bind(rest.strip() if separator else head), f", {srid:d}{order})")

    def as_text(self, column: ShapeColumn) -> str:
        return f"CAST({self.column(column)} AS CHAR)"

    def is_sortable(self, column: ShapeColumn) -> bool:
        return _without_attributes(column) not in GEOMETRIES

    def is_sought(self, column: ShapeColumn) -> bool:
        """ENUM and SET are sorted by number and compared by text; FLOAT has more digits than it shows."""
        unlike = ("float", "json", "enum", "set", "bit")
        return self.is_sortable(column) and _without_attributes(column) not in unlike


class _Sqlite(EditDialect):
    """Values are of a kind of their own; a collation of the column would compare without case."""

    key_query = "SELECT last_insert_rowid()"

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        collation = " COLLATE BINARY" if isinstance(cell, str) else ""
        return Sql.of(f"{self.column(column)}{collation} = ", self.value(column, cell))

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        if isinstance(cell, str) and not cell.isascii() and (content := _not_unicode(cell)) is not None:
            return Sql.of("CAST(", Bind(content), " AS TEXT)")
        return super().value(column, cell)

    def default(self, column: ShapeColumn) -> str:
        """SQLite takes no DEFAULT in an UPDATE."""
        return f"({column.default})" if column.default is not None else "NULL"

    def as_text(self, column: ShapeColumn) -> str:
        return f"CAST({self.column(column)} AS TEXT)"


class _SqlServer(EditDialect):
    stands: ClassVar = {Stand.NOW: "SYSDATETIME()", Stand.TODAY: "CAST(GETDATE() AS date)", Stand.USER: "CURRENT_USER"}
    key_query = "SELECT CAST(SCOPE_IDENTITY() AS varchar(40))"
    tells_count_in_row = True
    _texts: ClassVar = {"char", "varchar", "nchar", "nvarchar", "text", "ntext", "xml", "sysname"}
    _unlike: ClassVar = {"geography", "geometry", "hierarchyid", "sql_variant"}
    _whole: ClassVar = {"tinyint", "smallint", "int", "bigint", "bit"}
    _cast: ClassVar = {
        *("date", "time", "datetime", "datetime2", "smalldatetime", "datetimeoffset", "uniqueidentifier", "real"),
        *("float", "money", "smallmoney"),
    }

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        """Texts by their bytes: a collation compares without case, and equality ignores spaces at the end."""
        if column.base_type in self._unlike:
            return None
        name = self.column(column)
        if column.base_type in self._texts and isinstance(cell, str):
            left = f"CAST(CAST({name} AS nvarchar(max)) AS varbinary(max))"
            return Sql.of(f"{left} = CAST(CAST(", Bind(cell), " AS nvarchar(max)) AS varbinary(max))")
        if column.base_type == "image":
            name = f"CAST({name} AS varbinary(max))"
        return Sql.of(f"{name} = ", self.value(column, cell))

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        if isinstance(cell, bytes):
            return Sql.of("CONVERT(varbinary(max), ", Bind(f"0x{cell.hex()}"), ", 1)")
        if isinstance(cell, str) and column.base_type in self._whole:
            return _whole_number(cell)
        if isinstance(cell, str) and column.base_type in ("decimal", "numeric"):
            number = _decimal(cell)
            return Sql.of(Bind(cell if number is None else number))
        if isinstance(cell, str) and column.base_type in self._cast:
            return Sql.of("CAST(", Bind(cell), f" AS {column.type_name})")
        return super().value(column, cell)

    def first_rows(self, query: Sql, rows: int) -> Sql:
        first = query.parts[0]
        head = first.replace("SELECT ", f"SELECT TOP ({rows:d}) ", 1) if isinstance(first, str) else first
        return Sql((head, *query.parts[1:]))

    def savepoint(self) -> tuple[str, str, str]:
        return ("SAVE TRANSACTION keeperdb_edits", "ROLLBACK TRANSACTION keeperdb_edits", "")

    def counted(self, statement: Sql) -> Sql:
        """The server's own counts come after those of triggers; @@ROWCOUNT is the statement's."""
        return Sql.of("SET NOCOUNT ON; ", statement, "; SELECT @@ROWCOUNT")

    def as_text(self, column: ShapeColumn) -> str:
        return f"CAST({self.column(column)} AS nvarchar(max))"

    def is_sortable(self, column: ShapeColumn) -> bool:
        return column.base_type not in self._unlike and column.base_type not in ("text", "ntext", "xml", "image")


class _Oracle(EditDialect):
    """An empty text is NULL there. Texts of dates depend on the session, so formats stand beside them."""

    stands: ClassVar = {Stand.NOW: "SYSTIMESTAMP", Stand.TODAY: "TRUNC(SYSDATE)", Stand.USER: "USER"}
    _large: ClassVar = {"clob", "nclob", "blob", "long", "long raw", "bfile", "xmltype", "json", "sdo_geometry"}
    _floats: ClassVar = {"binary_float", "binary_double"}
    _longest_compared = 1_000  # characters of a CLOB, in a literal of which there are at most 4,000 bytes

    def equals(self, column: ShapeColumn, cell: Cell) -> Sql | None:
        kind, name = column.base_type, self.column(column)
        if kind in ("clob", "nclob") and isinstance(cell, str) and len(cell) <= self._longest_compared:
            return Sql.of(f"DBMS_LOB.COMPARE({name}, TO_CLOB(", Bind(cell), ")) = 0")
        if kind in self._large or kind in self._floats or kind.startswith("interval"):
            return None
        if cell == "":
            return Sql.of(f"{name} IS NULL")
        return Sql.of(f"{name} = ", self.value(column, cell))

    def value(self, column: ShapeColumn, cell: Cell) -> Sql:
        if isinstance(cell, bytes):
            return Sql.of("HEXTORAW(", Bind(cell.hex()), ")")
        if not isinstance(cell, str) or not cell:
            return super().value(column, cell or None)
        kind = column.base_type
        if kind in ("number", "float") and (number := _decimal(cell)) is not None:
            return Sql.of(Bind(number))
        if kind == "date":
            return Sql.of("TO_DATE(", Bind(cell.replace("T", " ")), f", '{_moment_pattern(cell)}')")
        if kind.startswith("timestamp"):
            return self._moment(cell.replace("T", " "), has_zone="with time zone" in kind)
        return super().value(column, cell)

    def _moment(self, cell: str, *, has_zone: bool) -> Sql:
        """Without a zone in the text it is the session's."""
        pattern = _moment_pattern(cell) + (".FF" if "." in cell[:20] else "")
        found = _ZONE.search(cell[16:]) if has_zone else None
        if found is None:
            return Sql.of("TO_TIMESTAMP(", Bind(cell), f", '{pattern}')")
        zone = " TZR" if found[0].startswith(" ") else "TZH:TZM"
        return Sql.of("TO_TIMESTAMP_TZ(", Bind(cell), f", '{pattern}{zone}')")

    def insert(self, shape: TableShape, names: Sequence[str], values: Sequence[Sql], keys: Sequence[str]) -> Sql:
        if not names:
            first = next(column for column in shape.columns if not column.is_generated)
            names, values = (self.column(first),), (Sql.of("DEFAULT"),)
        return super().insert(shape, names, values, keys)

    def first_rows(self, query: Sql, rows: int) -> Sql:
        return Sql.of(query, f" FETCH FIRST {rows:d} ROWS ONLY")

    def savepoint(self) -> tuple[str, str, str]:
        return ("SAVEPOINT keeperdb_edits", "ROLLBACK TO SAVEPOINT keeperdb_edits", "")

    def as_text(self, column: ShapeColumn) -> str:
        return f"TO_CHAR({self.column(column)})"

    def nulls_first(self) -> bool:
        return False

    def is_sortable(self, column: ShapeColumn) -> bool:
        return column.base_type not in self._large


_DIALECTS: dict[str, type[EditDialect]] = {
    "postgres": _PostgreSql,
    "redshift": _Redshift,
    "mysql": _MySql,
    "sqlite": _Sqlite,
    "tsql": _SqlServer,
    "oracle": _Oracle,
}


def dialect_of(engine: Engine) -> EditDialect:
    """How that product is written to; standard SQL for unknown ones."""
    return _DIALECTS.get(engine.dialect, EditDialect)(engine)


def _moment_pattern(cell: str) -> str:
    """Oracle's pattern for as much of a moment as there is: it takes neither more nor less."""
    if len(cell) <= 10:
        return "YYYY-MM-DD"
    return "YYYY-MM-DD HH24:MI:SS" if cell[16:17] == ":" else "YYYY-MM-DD HH24:MI"


def _whole_number(text: str) -> Sql:
    """As a number, so that an index is used; what is none, the server refuses."""
    return Sql.of(Bind(int(text)) if _INTEGER.fullmatch(text) else Bind(text))


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _without_attributes(column: ShapeColumn) -> str:
    """`int unsigned zerofill` is `int`."""
    return column.base_type.split(" ")[0]


def _not_unicode(text: str) -> bytes | None:
    """The bytes of a text that is no UTF-8, as the rows of SQLite give it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return None
