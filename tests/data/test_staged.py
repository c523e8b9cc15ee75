"""Staged changes are a model of the table: steps can be undone, are kept exactly, and end in the same rows."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.edit_cells import NewValue, Stand, cell_from_json, cell_to_json
from keeperdb.data.edit_json import lay_out_json
from keeperdb.data.edit_paste import split_block, value_from
from keeperdb.data.edit_plan import Staging
from keeperdb.data.edits import commit
from keeperdb.data.keys import best_key
from keeperdb.data.staged import RowState, StagedChanges, StoredRow
from keeperdb.engines.registry import get_engine
from keeperdb.errors import StoreError
from keeperdb.query.session import Session
from keeperdb.query.table_shape import ShapeColumn, describe_table
from keeperdb.task import Task

CELLS = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(blacklist_categories=()))
    | st.binary(max_size=20)
)
WRITABLE = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(max_size=9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 5), st.sampled_from("ab"), WRITABLE),
        st.tuples(st.just("insert"), WRITABLE, WRITABLE),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("revert"), st.integers(0, 5)),
        st.tuples(st.just("undo")),
        st.tuples(st.just("redo")),
        st.tuples(st.just("duplicate"), st.integers(0, 5)),
    ),
    max_size=15,
)


def row(number, a="x", b=None):
    return StoredRow((number,), {"id": number, "a": a, "b": b})


@given(CELLS)
def test_cells_are_kept_exactly(cell):
    back = cell_from_json(json.loads(json.dumps(cell_to_json(cell))))
    assert (back, type(back)) == (cell, type(cell))
    assert repr(back) == repr(cell)  # -0.0 too


@given(STEPS)
def test_random_edits_leave_the_rows_that_a_model_of_them_has(steps):
    engine = get_engine("sqlite")
    profile = ConnectionProfile(name="memory", engine="sqlite")
    session = Session(profile, engine, engine.connect(profile, None, Task()))
    stored = [row(n, f"a{n}", n) for n in range(6)]
    session.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)", Task())
    for each in stored:
        session.execute("INSERT INTO t VALUES (:i, :a, :b)", Task(),
                        parameters={"i": each.values["id"], "a": each.values["a"], "b": each.values["b"]})  # fmt: skip
    shape = describe_table(session, ("t",), Task())
    changes = StagedChanges(("t",), ("id",))
    expected = {each.key[0]: dict(each.values) for each in stored}
    history = [(dict(expected), [])]
    place = 0
    for step in steps:
        rows, added = ({n: dict(v) for n, v in history[place][0].items()}, [dict(v) for v in history[place][1]])
        before = changes.changes
        _apply(step, changes, stored, rows, added)
        if step[0] == "undo":
            place = max(0, place - 1)
        elif step[0] == "redo":
            place = min(len(history) - 1, place + 1)
        elif changes.changes is not before:
            history = [*history[: place + 1], (rows, added)]
            place += 1
    kept = StagedChanges.from_json(json.loads(json.dumps(changes.to_json())))
    commit(session, [Staging(shape, best_key(shape), kept)], Task())
    result = session.execute("SELECT id, a, b FROM t ORDER BY id", Task())[-1]
    result.fetch(1_000, Task())
    found = [tuple(result.value(n, column) for column in range(3)) for n in range(result.row_count)]
    rows, added = history[place]
    assert [repr(each) for each in found if each[0] in rows] == [
        repr((n, values["a"], values["b"])) for n, values in sorted(rows.items())
    ]
    new = [each[1:] for each in found[len(rows) :]] if len(found) >= len(rows) else []
    assert [repr(each) for each in new] == [repr((values["a"], values["b"])) for values in added]
    session.close()


def _apply(step, changes, stored, rows, added):
    kind, *rest = step
    if kind == "set":
        number, column, cell = rest
        changes.set_cells([(stored[number], column, NewValue(cell))])
        if number in rows:
            rows[number][column] = cell
    elif kind == "insert":
        changes.insert([{"a": NewValue(rest[0]), "b": NewValue(rest[1])}])
        added.append({"a": rest[0], "b": rest[1]})
    elif kind == "duplicate":
        values = stored[rest[0]].values
        changes.insert([{"a": NewValue(values["a"]), "b": NewValue(values["b"])}])
        added.append({"a": values["a"], "b": values["b"]})
    elif kind == "delete":
        changes.delete([stored[rest[0]]])
        rows.pop(rest[0], None)
    elif kind == "revert":
        changes.revert([stored[rest[0]].key])
        rows[rest[0]] = dict(stored[rest[0]].values)
    elif kind == "undo":
        changes.undo()
    else:
        changes.redo()


def test_a_value_that_is_there_already_takes_the_change_back():
    changes = StagedChanges(("t",), ("id",))
    changes.set_cells([(row(1), "a", NewValue("y"))])
    assert changes.state((1,)) is RowState.MODIFIED
    changes.set_cells([(row(1), "a", NewValue("x"))])
    assert len(changes) == 0
    assert changes.undo_words == "Change a cell"


def test_discarding_can_be_undone_and_a_commit_cannot():
    changes = StagedChanges(("t",), ("id",))
    (number,) = changes.insert([{"a": NewValue(stand=Stand.NOW)}])
    changes.discard()
    changes.undo()
    assert changes.inserted == [number]
    changes.forget()
    changes.undo()
    assert len(changes) == 0
    assert changes.insert([{}]) != [number]


@pytest.mark.parametrize(
    "break_",
    [
        lambda c: c | {"version": 2},
        lambda c: c | {"path": "t"},
        lambda c: c | {"more": 1},
        lambda c: c | {"rows": [{"state": "same"}]},
        lambda c: c | {"rows": [c["rows"][0] | {"key": []}]},
        lambda c: c | {"rows": [c["rows"][0] | {"new": {"a": {"sql": "1; DROP TABLE t"}}}]},
        lambda c: c | {"rows": [c["rows"][0] | {"new": {"a": {"value": {"float": "x"}}}}]},
        lambda c: c | {"rows": [*c["rows"], *c["rows"]]},
        lambda c: [],
    ],
)
def test_what_was_not_written_by_it_is_refused_whole(break_):
    changes = StagedChanges(("t",), ("id",))
    changes.set_cells([(row(1), "a", NewValue("y"))])
    with pytest.raises(StoreError):
        StagedChanges.from_json(break_(changes.to_json()))


def test_json_is_laid_out_without_touching_its_numbers():
    text = '{"a":1.10,"b":[1e400,{}],"c\\"":"x, {y}"}'
    laid = lay_out_json(text)
    assert laid.replace("\n", "").replace("  ", "") == '{"a": 1.10,"b": [1e400,{}],"c\\"": "x, {y}"}'
    assert laid.count("\n") == 7


def test_typed_text_becomes_a_value_of_its_column_or_says_what_is_wrong():
    def typed(text, type_name, dialect, **more):
        found = value_from(text, ShapeColumn("c", type_name, **more), dialect)
        return found.value.cell if found.value is not None else found.problem

    assert typed("true", "tinyint(1)", "mysql") == "1"
    assert typed("true", "boolean", "postgres") == "true"
    assert typed("no", "BOOLEAN", "sqlite") == 0
    assert typed("007", "INTEGER", "sqlite") == 7
    assert typed("007", "TEXT", "sqlite") == "007"
    assert typed("9223372036854775808", "INTEGER", "sqlite") == 9223372036854775808.0
    assert typed("0x00ff", "bytea", "postgres") == b"\x00\xff"
    assert typed("", "integer", "postgres") is None
    assert typed("", "text", "postgres") == ""
    assert "needs a value" in typed("", "integer", "postgres", is_required=True)
    assert "no whole number" in typed("1.5", "integer", "postgres")
    assert "not one of the values" in typed("x", "mood", "postgres", choices=("a", "b"))
    assert "no date" in typed("2024-02-30", "date", "mysql")
    assert "hexadecimal" in typed("0xzz", "blob", "mysql") or "no bytes" in typed("0xzz", "blob", "mysql")


def test_a_block_is_split_as_spreadsheets_write_it():
    assert split_block('a\t"b\nc"\r\n\td\n') == [["a", "b\nc"], ["", "d"]]
    assert split_block("one, two") == [["one, two"]]
    assert split_block('1,"x,y"\n2,z\n') == [["1", "x,y"], ["2", "z"]]
