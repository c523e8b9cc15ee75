"""What is generated for servers that do not run here is SQL of their dialect, with every value apart from the text."""

import pytest
import sqlglot

from keeperdb.data.edit_batches import preview
from keeperdb.data.edit_cells import NewValue, Stand
from keeperdb.data.edit_dialects import dialect_of
from keeperdb.data.edit_plan import Staging, plan
from keeperdb.data.paging import ColumnOrder, PageRequest, page_sql
from keeperdb.data.row_filters import Condition, Operator, RowFilter
from keeperdb.data.staged import StagedChanges, StoredRow
from keeperdb.engines.registry import get_engine
from keeperdb.query.table_shape import KeyKind, ShapeColumn, TableKey, TableShape
from keeperdb.query.table_shape_sql import queries_of

_KEY = TableKey(KeyKind.PRIMARY, ("ID",))
_TYPES = {
    "sqlserver": ("int", "nvarchar", "datetime2(7)", "varbinary", "decimal(10,2)"),
    "oracle": ("NUMBER", "VARCHAR2(40)", "TIMESTAMP(6) WITH TIME ZONE", "RAW(16)", "NUMBER(10,2)"),
    "redshift": ("integer", "character varying(40)", "timestamp without time zone", "varbyte", "numeric(10,2)"),
}


def staging(engine):
    names = ("ID", "na]me\"'", "WHEN_", "RAW_", "PRICE")
    columns = tuple(
        ShapeColumn(name, type_, is_required=name == "ID")
        for name, type_ in zip(
            names if engine != "oracle" else ("ID", "na]me'", *names[2:]), _TYPES[engine], strict=True
        )
    )
    path = ("db", "dbo", "ware") if engine != "oracle" else ("SHOP", "WARE")
    shape = TableShape(path, columns, (_KEY,))
    changes = StagedChanges(path, _KEY.columns)
    text = columns[1].name
    moment = "2024-02-29 12:00:00.123456" + (" +02:00" if engine == "oracle" else "")
    values = {"ID": "1", text: "it's", "WHEN_": moment, "RAW_": b"\x00\xff", "PRICE": "1.50"}
    stored = StoredRow(("1",), values)
    changes.set_cells([(stored, text, NewValue("new 'x' \\")), (stored, "WHEN_", NewValue(stand=Stand.NOW))])
    changes.set_cells([(stored, "PRICE", NewValue(stand=Stand.DEFAULT))])
    changes.delete([StoredRow(("2",), values | {"ID": "2", text: None})])
    changes.insert([{text: NewValue("a"), "RAW_": NewValue(b"\x01")}, {}])
    return Staging(shape, _KEY, changes)


@pytest.mark.parametrize("name", list(_TYPES))
def test_changes_are_sql_of_the_dialect_with_values_apart(name):
    engine = get_engine(name)
    written = plan(engine, [staging(name)])
    assert [change.state.value for change in written] == ["deleted", "modified", "inserted", "inserted"]
    for change in written:
        text, values = change.sql.bound()
        assert "it's" not in text
        assert len(values) == text.count(":v")
        (parsed,) = sqlglot.parse(change.sql.shown(engine.dialect), read=engine.dialect)
        assert parsed.key in ("delete", "update", "insert")
    condition = written[1].sql.shown(engine.dialect).partition("\nWHERE ")[2]
    assert condition.count(" AND ") == 4  # the key, and everything else that was read
    assert "IS NULL" in written[0].sql.shown(engine.dialect)


@pytest.mark.parametrize("name", list(_TYPES))
def test_pages_are_sql_of_the_dialect(name):
    engine = get_engine(name)
    shape = staging(name).shape
    chosen = RowFilter(
        (Condition("PRICE", Operator.MORE, "3"), Condition(shape.columns[1].name, Operator.CONTAINS, "a%b"))
    )
    page = PageRequest(shape, _KEY, 50, (ColumnOrder("WHEN_", True),), chosen, {"ID": "7", "WHEN_": None})
    text = page_sql(engine, page).shown(engine.dialect)
    (parsed,) = sqlglot.parse(text, read=engine.dialect)
    assert parsed.key == "select"
    limit = {"sqlserver": "TOP (51)", "oracle": "FETCH FIRST 51 ROWS ONLY", "redshift": "LIMIT 51"}[name]
    assert limit in text
    assert text.count("ORDER BY") == 1


@pytest.mark.parametrize("name", list(_TYPES))
def test_catalogue_queries_are_sql_of_the_dialect(name):
    engine = get_engine(name)
    queries = queries_of(engine.dialect)
    for statement in (queries.columns, queries.keys, queries.foreign_keys, queries.about):
        text = queries.placed(statement, ("db", "s", "t"), engine.quote)
        for parameter in ("schema", "name"):
            text = text.replace(f":{parameter}", "'x'")
        if text:
            (parsed,) = sqlglot.parse(text, read=engine.dialect)
            assert parsed.key == "select"


def test_keys_that_redshift_does_not_enforce_are_none():
    assert not queries_of("redshift").unique_is_enforced


def test_the_preview_of_sql_server_has_a_statement_a_line():
    text = preview(get_engine("sqlserver"), [staging("sqlserver")])
    assert text.count(";\n") == 4
    assert "CONVERT(varbinary(max), N'0x01', 1)" in text


def test_moments_of_oracle_have_the_pattern_of_what_is_written():
    dialect = dialect_of(get_engine("oracle"))
    zoned, plain = ShapeColumn("w", "TIMESTAMP(6) WITH TIME ZONE"), ShapeColumn("d", "DATE")
    written = {
        "2024-02-29 12:00:00.5 Europe/Vienna": "TO_TIMESTAMP_TZ('…', 'YYYY-MM-DD HH24:MI:SS.FF TZR')",
        "2024-02-29 12:00:00+02:00": "TO_TIMESTAMP_TZ('…', 'YYYY-MM-DD HH24:MI:SSTZH:TZM')",
        "2024-02-29 12:00:00": "TO_TIMESTAMP('…', 'YYYY-MM-DD HH24:MI:SS')",
        "2024-02-29 12:00": "TO_TIMESTAMP('…', 'YYYY-MM-DD HH24:MI')",
        "2024-02-29": "TO_TIMESTAMP('…', 'YYYY-MM-DD')",
    }
    for text, expected in written.items():
        assert dialect.value(zoned, text).shown("oracle") == expected.replace("…", text)
    assert dialect.value(plain, "2024-02-29").shown("oracle") == "TO_DATE('2024-02-29', 'YYYY-MM-DD')"


def test_bytes_of_redshift_are_digits_that_say_so():
    sql = dialect_of(get_engine("redshift")).value(ShapeColumn("b", "binary varying"), b"\x00\xff")
    assert sql.shown("redshift") == "FROM_HEX('00ff')"


def test_geometry_of_mysql_has_its_first_number_first():
    point, text = ShapeColumn("p", "point"), "SRID=4326;POINT(16.4 48.2)"
    with_order = dialect_of(get_engine("mysql")).value(point, text).shown("mysql")
    assert with_order == "ST_GeomFromText('POINT(16.4 48.2)', 4326, 'axis-order=long-lat')"
    assert dialect_of(get_engine("mariadb")).value(point, text).shown("mysql") == (
        "ST_GeomFromText('POINT(16.4 48.2)', 4326)"
    )


@pytest.mark.parametrize("name", list(_TYPES))
def test_rows_with_the_same_change_are_one_statement_of_the_dialect(name):
    engine, shape = get_engine(name), staging(name).shape
    changes = StagedChanges(shape.path, _KEY.columns)
    rows = [StoredRow((str(n),), {"ID": str(n), "PRICE": "1.50"}) for n in range(3)]
    changes.set_cells([(row, "PRICE", NewValue(None)) for row in rows])
    text = preview(engine, [Staging(shape, _KEY, changes)])
    (parsed,) = [each for each in sqlglot.parse(text, read=engine.dialect) if each is not None]
    assert parsed.key == "update"
    assert text.count("\n   OR ") == 2
