"""Selected cells as text: every form exact, whatever is in the cells, on SQLite, PostgreSQL and MariaDB."""

import ast
import csv
import io
import json

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.copy_formats import cells_as_text
from keeperdb.data.copy_options import CellSelection, CopyFormat, CopyOptions
from keeperdb.data.options import SqlOptions
from keeperdb.engines.registry import ENGINES, get_engine
from keeperdb.errors import Cancelled, ExportError
from keeperdb.query.session import Session
from keeperdb.task import Task

HOSTILE = (
    "=cmd|' /C calc'!A1",
    "<script>alert(1)</script>",
    "a\u202eb",
    'it\'s \\ "x"',
    "NULL",
    "",
    None,
    "two\nlines\t.",
)


@pytest.fixture
def session(tmp_path):
    profile, engine = ConnectionProfile("m", "sqlite", path=":memory:"), get_engine("sqlite")
    session = Session(profile, engine, engine.connect(profile, None, Task()))
    yield session
    session.close()


def rows_of(session, *statements):
    for statement in statements:
        result = session.execute(statement, Task(), confirmed=True)[-1]
    result.fetch(1000, Task())
    return result


def everything(result):
    columns = len(result.columns)
    return CellSelection(((0, 0, result.row_count - 1, columns - 1),), tuple(range(columns)))


@pytest.fixture
def hostile(session):
    session.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", Task())
    for number, text in enumerate(HOSTILE):
        session.execute("INSERT INTO t VALUES (:n, :t)", Task(), parameters={"n": number, "t": text})
    return rows_of(session, "SELECT id, text FROM t ORDER BY id")


def copy(result, form, cells=None, **options):
    return cells_as_text(result, cells or everything(result), form, Task(), CopyOptions(**options))


def test_csv_reads_back_and_guards_formulas_only_when_told(hostile):
    read = list(csv.reader(io.StringIO(copy(hostile, CopyFormat.CSV))))
    assert read[0] == ["id", "text"]
    assert [row[1] for row in read[1:]] == [text or "" for text in HOSTILE]
    guarded = list(csv.reader(io.StringIO(copy(hostile, CopyFormat.CSV_ROWS, guards_formulas=True))))
    assert guarded[0] == ["0", "'" + HOSTILE[0]]


def test_tsv_is_never_guarded(hostile):
    assert HOSTILE[0] in copy(hostile, CopyFormat.TSV, guards_formulas=True)


def test_json_lines_tell_null_from_the_empty_text_and_from_the_word(hostile):
    lines = [json.loads(line) for line in copy(hostile, CopyFormat.JSONL).split("\n")]
    assert [line["text"] for line in lines] == list(HOSTILE)


def test_html_has_no_markup_from_the_data(hostile):
    text = copy(hostile, CopyFormat.HTML)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "\u202e" not in text


def test_python_reads_back_as_python(session):
    result = rows_of(
        session, "SELECT 9007199254740993 AS n, 1.5 AS f, X'00ff' AS b, 'it''s \\ \"x\"' AS t, NULL AS z, 2 AS n"
    )
    text = copy(result, CopyFormat.PYTHON)
    assert ast.literal_eval(text.removeprefix("rows = ")) == [
        {"n": 9007199254740993, "f": 1.5, "b": b"\x00\xff", "t": 'it\'s \\ "x"', "z": None, "n_2": 2}
    ]


def test_in_has_each_value_once_and_no_null(session):
    result = rows_of(session, "SELECT column1 AS x FROM (VALUES ('b'), ('a'), ('b'), (NULL), ('it''s'))")
    assert copy(result, CopyFormat.IN_LIST) == "('b', 'a', 'it''s')"
    nothing = rows_of(session, "SELECT NULL AS x")
    assert copy(nothing, CopyFormat.IN_LIST) == "(NULL)"


def test_a_template_is_filled_in_and_nothing_in_it_is_run(hostile):
    cells = CellSelection(((3, 0, 4, 1),), (0, 1))
    text = copy(hostile, CopyFormat.TEMPLATE, cells, template="{#}: {id} -> {text:sql} {{x}} {2:json}\\n")
    assert text.split("\n") == [
        "1: 3 -> E'it''s \\\\ \"x\"' {x} " + json.dumps(HOSTILE[3]),
        "2: 4 -> 'NULL' {x} " + json.dumps("NULL"),
        "",
    ]
    with pytest.raises(ExportError, match="__class__"):
        copy(hostile, CopyFormat.TEMPLATE, cells, template="{__class__}")
    with pytest.raises(ExportError, match="no form"):
        copy(hostile, CopyFormat.TEMPLATE, cells, template="{id:exec}")


def test_an_update_names_the_row_by_its_key_and_without_one_compares_all_columns_and_says_so(hostile):
    sql = SqlOptions.of(get_engine("sqlite"), ("t",))
    cells = CellSelection(((5, 1, 6, 1),), (0, 1))
    assert copy(hostile, CopyFormat.UPDATE, cells, sql=sql, keys=(0,)).split("\n") == [
        'UPDATE "t" SET "text" = \'\' WHERE "id" = 5;',
        'UPDATE "t" SET "text" = NULL WHERE "id" = 6;',
    ]
    without_key = copy(hostile, CopyFormat.UPDATE, cells, sql=sql)
    assert without_key.startswith("-- No key is known")
    assert 'WHERE "id" = 6 AND "text" IS NULL;' in without_key


def test_values_stand_alone_as_each_server_reads_them(hostile):
    cells = CellSelection(((5, 0, 6, 0),), (0,))
    texts = {
        name: copy(hostile, CopyFormat.VALUES, cells, sql=SqlOptions.of(get_engine(name), ("t",))) for name in ENGINES
    }
    assert texts["mysql"] == "VALUES\nROW(5),\nROW(6)"
    assert texts["mariadb"] == texts["postgresql"] == "VALUES\n(5),\n(6)"


def test_a_cancelled_copy_stops(hostile):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        cells_as_text(hostile, everything(hostile), CopyFormat.CSV, task, CopyOptions())


@pytest.mark.parametrize("server", ["postgresql_server", "mysql_server"])
def test_inserts_and_values_bring_the_same_values_back(request, server):
    server = request.getfixturevalue(server)
    profile = server.profile()
    engine = get_engine(profile.engine)
    with_session = Session(profile, engine, engine.connect(profile, server.credential, Task()))
    create = "CREATE TEMPORARY TABLE copied (n BIGINT, d DECIMAL(20,4), t TEXT)"
    try:
        source = rows_of(
            with_session,
            create,
            "SELECT 9223372036854775807 AS n, 12345678901234.5678 AS d, 'it''s <b> \u202e' AS t "
            "UNION ALL SELECT 1, NULL, NULL",
        )
        sql = SqlOptions.of(engine, ("copied",))
        rows_of_insert = copy(source, CopyFormat.INSERT, sql=sql)
        with_session.execute(rows_of_insert, Task(), confirmed=True)
        back = rows_of(with_session, "SELECT n, d, t FROM copied ORDER BY n DESC")
        assert [[back.text(row, column) for column in range(3)] for row in range(2)] == [
            [source.text(row, column) for column in range(3)] for row in range(2)
        ]
        if engine.id == "postgresql":
            alone = rows_of(with_session, copy(source, CopyFormat.VALUES, sql=sql))
            assert [alone.text(row, 0) for row in range(2)] == ["9223372036854775807", "1"]
        values = copy(source, CopyFormat.IN_LIST, CellSelection(((0, 0, 0, 0),), (0, 1, 2)), sql=sql)
        found = rows_of(with_session, f"SELECT count(*) FROM copied WHERE n IN {values}")
        assert found.text(0, 0) == "1"
    finally:
        with_session.close()
