"""Old values of every kind are compared exactly: what is the same is found, what is different by a hair is not."""

import pytest

from keeperdb.data.edit_cells import NewValue
from keeperdb.data.edits import EditError, EditReason, commit
from keeperdb.task import Task
from tests.data.test_edits import make, stage

# type, what is stored, what another session makes of it
_TYPES = {
    "postgresql": [
        ("text", "'a'", "'A'"),
        ("character(5)", "'ab'", "'aB'"),
        ("varchar(9)", "'ü '", "'ü'"),
        ("numeric(12,4)", "1.5", "1.5001"),
        ("real", "0.1", "0.10000001"),
        ("double precision", "0.1", "0.30000000000000004"),
        ("double precision", "'NaN'", "0"),
        ("bigint", "9007199254740993", "9007199254740992"),
        ("boolean", "true", "false"),
        ("date", "'2024-02-29'", "'0044-03-15 BC'"),
        ("timestamptz", "'2024-02-29 12:00:00.123456+05:30'", "'infinity'"),
        ("timestamp(3)", "'2024-02-29 12:00:00.123'", "'2024-02-29 12:00:00.124'"),
        ("timetz", "'12:00+02'", "'10:00+00'"),
        ("interval", "'1 day'", "'24 hours'"),
        ("json", "'{\"a\":  1}'", "'{\"a\": 1}'"),
        ("jsonb", "'{\"a\": 1}'", "'{\"a\": 2}'"),
        ("xml", "'<a/>'", "'<b/>'"),
        ("point", "'(1,2)'", "'(1.0000001,2)'"),
        ("polygon", "'((0,0),(1,0),(1,1))'", "'((0,0),(1,0),(1,1.0000001))'"),
        ("bytea", "'\\x00ff27'", "'\\x00ff28'"),
        ("integer[]", "'{1,NULL,3}'", "'{1,2,3}'"),
        ("text[]", '\'{"a,b",""}\'', "'{a,b}'"),
        ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'"),
        ("inet", "'10.0.0.1/8'", "'10.0.0.1/9'"),
        ("bit(4)", "B'0101'", "B'0111'"),
        ("int4range", "'[1,5)'", "'[1,6)'"),
        ("tsvector", "'a b'", "'a c'"),
        ("money", "'1.50'", "'1.51'"),
    ],
    "mariadb": [
        ("varchar(9)", "'a'", "'A'"),
        ("varchar(9)", "'a'", "'a '"),
        ("varchar(9) character set latin1", "'ü'", "'u'"),
        ("char(5)", "'ab'", "'aB'"),
        ("longtext", "'x\\\\y'", "'x/y'"),
        ("tinyint(1)", "1", "0"),
        ("bigint unsigned", "18446744073709551615", "18446744073709551614"),
        ("decimal(20,4)", "9007199254740993.0001", "9007199254740993.0002"),
        ("float", "0.1", "0.2"),
        ("double", "0.1", "0.30000000000000004"),
        ("date", "'2024-02-29'", "'2024-03-01'"),
        ("datetime(6)", "'2024-02-29 12:00:00.123456'", "'2024-02-29 12:00:00.123457'"),
        ("timestamp(3)", "'2024-02-29 12:00:00.123'", "'2024-02-29 12:00:00.124'"),
        ("time", "'-838:59:59'", "'12:00:00'"),
        ("year", "2024", "2023"),
        ("enum('it''s','b')", "'it''s'", "'b'"),
        ("set('a','b')", "'a,b'", "'a'"),
        ("bit(5)", "b'00101'", "b'00111'"),
        ("varbinary(9)", "0x00ff27", "0x00ff28"),
        ("blob", "0x00ff27", "0x00ff28"),
        ("json", "'{\"a\":  1}'", "'{\"a\": 1}'"),
        ("point", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(1 3)')"),
    ],
    "sqlite": [
        ("TEXT COLLATE NOCASE", "'a'", "'A'"),
        ("TEXT COLLATE RTRIM", "'a'", "'a '"),
        ("TEXT", "CAST(X'ff41' AS TEXT)", "CAST(X'fe41' AS TEXT)"),
        ("TEXT", "'a' || char(0) || 'b'", "'a'"),
        ("", "1", "'1'"),
        ("", "X'31'", "'1'"),
        ("", "1.5", "1.25"),
        ("REAL", "0.1", "0.30000000000000004"),
        ("REAL", "1e999", "0"),
        ("INTEGER", "9223372036854775807", "9223372036854775806"),
        ("BLOB", "X'00ff27'", "X'00ff28'"),
    ],
}


def test_old_values_of_every_type_are_compared_exactly(edited):
    types = _TYPES[edited.name]
    columns = ", ".join(f"c{n} {type_}" for n, (type_, _, _) in enumerate(types))
    _, table, shape = make(edited, f"CREATE TABLE {{t}} (id int PRIMARY KEY, mark int, {columns})")
    values = ", ".join(value for _, value, _ in types)
    edited.run(f"INSERT INTO {table} VALUES (1, 0, {values})")
    staging, (row,) = stage(edited, shape)
    staging.changes.set_cells([(row, "mark", NewValue("1"))])
    commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT mark FROM {table}") == [("1",)]

    other = edited.open()
    for n, (type_, value, different) in enumerate(types):
        edited.run(f"UPDATE {table} SET mark = 0, c{n} = {different}", other)
        staging.changes.forget()
        _, (fresh,) = stage(edited, shape)
        old = {**fresh.values, f"c{n}": row.values[f"c{n}"]}
        staging.changes.set_cells([(type(fresh)(fresh.key, old), "mark", NewValue("1"))])
        with pytest.raises(EditError) as caught:
            commit(edited.session, [staging], Task())
        assert caught.value.reason is EditReason.CHANGED, type_
        assert set(caught.value.current) == {f"c{n}"}, type_
        edited.run(f"UPDATE {table} SET c{n} = {value}", other)


def test_what_a_grid_shows_of_every_type_can_be_written_back(edited):
    types = _TYPES[edited.name]
    columns = ", ".join(f"c{n} {type_}" for n, (type_, _, _) in enumerate(types))
    _, table, shape = make(edited, f"CREATE TABLE {{t}} (id int PRIMARY KEY, {columns})")
    edited.run(f"INSERT INTO {table} VALUES (1, {', '.join(value for _, value, _ in types)})")
    staging, (row,) = stage(edited, shape)
    written = {name: NewValue(cell) for name, cell in row.values.items() if name != "id"}
    if edited.name == "mariadb":
        written = {name: value for name, value in written.items() if shape.by_name[name].base_type != "point"}
    staging.changes.insert([{"id": NewValue(2 if edited.name == "sqlite" else "2"), **written}])
    commit(edited.session, [staging], Task())
    _, (before, after) = stage(edited, shape)
    assert {name: after.values[name] for name in written} == {name: before.values[name] for name in written}
