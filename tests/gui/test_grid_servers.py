"""The grid on real servers: zones, geometry, NULL and its likes, sorting what the server sent."""

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.registry import get_engine
from keeperdb.gui.cell_text import CellStyle
from keeperdb.gui.result_view import ResultView
from keeperdb.query.session import Session
from keeperdb.task import Task


@pytest.fixture
def show(qtbot, runner, settings):
    sessions = []

    def show(server, *statements: str) -> ResultView:
        profile: ConnectionProfile = server.profile()
        engine = get_engine(profile.engine)
        session = Session(profile, engine, engine.connect(profile, server.credential, Task()))
        sessions.append(session)
        for statement in statements:
            result = session.execute(statement, Task())[-1]
        result.fetch(10_000, Task())
        view = ResultView(result, runner, settings)
        qtbot.addWidget(view)
        view.show()
        return view

    yield show
    for session in sessions:
        session.close()


def cells(view, column=0):
    return [view.model.cell(row, column) for row in range(view.model.rowCount())]


def texts(view, column=0):
    return [view.model.shown.text(row, column) for row in range(view.model.rowCount())]


def arrange(qtbot, view, column):
    view.arranging.press(column, False)
    qtbot.waitUntil(lambda: not view.arranging.is_working)


def test_postgresql_tells_the_zone_of_its_session(qtbot, show, postgresql_server):
    view = show(
        postgresql_server,
        "SET TimeZone = 'America/St_Johns'",
        "SELECT x::timestamptz FROM "
        "(VALUES ('2026-07-01 12:00:00.000001+00'), ('infinity'), ('0044-03-15 BC'), (NULL)) v(x)",
    )
    assert view.result.time_zone == "America/St_Johns"
    sent = [text for text, _ in cells(view)]
    assert sent[0] == "2026-07-01 09:30:00.000001-02:30"
    view.set_time_zone("utc")
    assert [text for text, _ in cells(view)] == ["2026-07-01 12:00:00.000001+00:00", *sent[1:]]
    view.set_time_zone("session")
    qtbot.waitUntil(lambda: [text for text, _ in cells(view)] == sent)


def test_null_empty_json_null_and_the_word_differ(show, postgresql_server):
    view = show(
        postgresql_server,
        "SELECT NULL::text, '', 'NULL', 'null'::jsonb, NULL::jsonb, ''::bytea, '{NULL,\"NULL\"}'::text[]",
    )
    assert [view.model.cell(0, column) for column in range(7)] == [
        ("NULL", CellStyle.NULL),
        ("(empty)", CellStyle.EMPTY),
        ("NULL", CellStyle.VALUE),
        ("JSON null", CellStyle.NULL),
        ("NULL", CellStyle.NULL),
        ("(empty)", CellStyle.EMPTY),
        ('{NULL,"NULL"}', CellStyle.VALUE),
    ]


def test_postgresql_columns_are_sorted_as_the_server_sorts_them(qtbot, show, postgresql_server):
    for values, kind in (
        ("'1.5', '-3', '1e30', 'NaN', '-Infinity', 'Infinity', '0.10', NULL", "numeric"),
        ("'9223372036854775807', '-9223372036854775808', '0', NULL", "int8"),
        ("'1e300', '-Infinity', 'Infinity', '0.1', NULL", "float8"),
        ("'infinity', '-infinity', '0044-03-15 BC', '2026-01-01 00:00+05', '29000-01-01', NULL", "timestamptz"),
        ("'infinity', '4713-01-01 BC', '1999-12-31', '5874897-12-31', NULL", "date"),
        ("'23:59:59.5', '00:00', '24:00', NULL", "time"),
        ("'b', 'a', '', NULL", "text"),
        ("true, false, NULL", "bool"),
    ):  # fmt: skip
        rows = f"SELECT x::{kind} AS x FROM unnest(ARRAY[{values}]::{'text' if kind != 'bool' else 'bool'}[]) AS v(x)"
        expected = texts(show(postgresql_server, f"SELECT * FROM ({rows}) r ORDER BY x NULLS LAST"))
        view = show(postgresql_server, rows)
        arrange(qtbot, view, 0)
        assert texts(view) == expected, kind


def test_mariadb_columns_are_sorted_as_the_server_sorts_them(qtbot, show, mariadb_server):
    for values, kind in (
        ("18446744073709551615 UNION ALL SELECT 2 UNION ALL SELECT 10", "UNSIGNED"),
        ("'-838:59:59' UNION ALL SELECT '12:00:00' UNION ALL SELECT '838:59:59' UNION ALL SELECT '-00:00:01'", "TIME"),
        ("1.5 UNION ALL SELECT -3 UNION ALL SELECT 0.10", "DECIMAL(30,10)"),
    ):
        rows = f"SELECT CAST(x AS {kind}) AS x FROM (SELECT NULL AS x UNION ALL SELECT {values}) v"
        expected = texts(show(mariadb_server, f"{rows} ORDER BY x IS NULL, x"))
        view = show(mariadb_server, rows)
        arrange(qtbot, view, 0)
        assert texts(view) == expected, kind


def test_mariadb_geometry_is_shown_as_text(show, mariadb_server):
    view = show(
        mariadb_server,
        "SELECT ST_GeomFromText('POLYGON((0 0,1.5 0,1 1,0 0))', 4326), ST_GeomFromText('POINT(1 2)'), NULL",
    )
    assert [view.model.cell(0, column)[0] for column in range(2)] == [
        "SRID=4326;POLYGON((0 0,1.5 0,1 1,0 0))",
        "POINT(1 2)",
    ]
    assert view.model.shown.text(0, 1) == "0x00000000" + "0101000000" + "000000000000f03f" + "0000000000000040"
