"""Statements to be filled in: each runs on the real server with values for its parameters."""

from keeperdb.query.table_shape import describe_table
from keeperdb.query.table_templates import delete_template, insert_template, update_template
from keeperdb.task import Task


def test_insert_update_and_delete_run_with_values(edited):
    path = edited.new_path("template")
    table, quote = edited.table(path), edited.session.engine.quote
    edited.run(f"CREATE TABLE {table} ({quote('id')} integer PRIMARY KEY, {quote('two words')} varchar(20))")
    shape = describe_table(edited.session, path, Task())
    engine, values = edited.session.engine, {"id": 1, "two_words": "a"}
    for template, expected in (
        (insert_template, [("1", "a")]),
        (lambda engine, shape: update_template(engine, shape), [("1", "b")]),
        (delete_template, []),
    ):
        text = template(engine, shape).rstrip().rstrip(";")
        if expected == [("1", "b")]:
            values["two_words"] = "b"
        used = {name: value for name, value in values.items() if f":{name}" in text}
        edited.session.execute(text, Task(), parameters=used, confirmed=True)
        assert edited.run(f"SELECT * FROM {table}") == expected
    assert "WHERE" in update_template(engine, shape)
    assert f"{quote('id')} = :id" in delete_template(engine, shape)


def test_without_a_key_the_condition_names_every_column(edited):
    path = edited.new_path("keyless")
    edited.run(f"CREATE TABLE {edited.table(path)} (a integer, b integer)")
    shape = describe_table(edited.session, path, Task())
    assert delete_template(edited.session.engine, shape).count("= :") == 2
