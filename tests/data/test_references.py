"""Foreign keys in results of real servers: which rows they name, and which rows name those of the result."""

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.references import find_references, rows_statement
from keeperdb.engines.registry import get_engine
from keeperdb.query.session import Session
from keeperdb.task import Task

TABLES = (
    "CREATE TABLE {0}ref_artist (id INT PRIMARY KEY, name VARCHAR(50))",
    (
        "CREATE TABLE {0}ref_album (label INT, number INT, artist_id INT, PRIMARY KEY (label, number), "
        "FOREIGN KEY (artist_id) REFERENCES {0}ref_artist (id))"
    ),
    (
        "CREATE TABLE {0}ref_track (id INT PRIMARY KEY, album_label INT, album_number INT, "
        "FOREIGN KEY (album_label, album_number) REFERENCES {0}ref_album (label, number))"
    ),
    "INSERT INTO {0}ref_artist VALUES (1, 'it''s'), (2, 'b')",
    "INSERT INTO {0}ref_album VALUES (7, 1, 1), (7, 2, 2), (8, 1, NULL)",
    "INSERT INTO {0}ref_track VALUES (100, 7, 2), (101, 7, 2), (102, 8, NULL)",
)


@pytest.fixture(params=["sqlite", "postgresql_server", "mysql_server"])
def session(request, tmp_path):
    if request.param == "sqlite":
        profile, credential = ConnectionProfile("m", "sqlite", path=":memory:"), None
    else:
        server = request.getfixturevalue(request.param)
        profile, credential = server.profile(), server.credential
    engine = get_engine(profile.engine)
    session = Session(profile, engine, engine.connect(profile, credential, Task()))
    for statement in TABLES:
        session.execute(statement.format(""), Task(), confirmed=True)
    yield session
    for table in ("ref_track", "ref_album", "ref_artist"):
        session.execute(f"DROP TABLE {table}", Task(), confirmed=True)
    session.close()


def query(session, statement):
    result = session.execute(statement, Task())[-1]
    result.fetch(100, Task())
    return result


def rows(session, statement):
    result = query(session, statement)
    return [[result.text(row, column) for column in range(len(result.columns))] for row in range(result.row_count)]


def test_a_key_of_two_columns_is_followed_through_aliases(session):
    result = query(
        session,
        "SELECT t.album_number AS n, t.album_label AS l, a.artist_id, t.id, 1 AS one "
        "FROM ref_track t LEFT JOIN ref_album a ON a.label = t.album_label AND a.number = t.album_number ORDER BY t.id",
    )
    found = find_references(session, result, Task())
    album, artist = found.of_column(0), found.of_column(2)
    assert album.path[-1] == "ref_album"
    assert dict(album.pairs) == {"label": 1, "number": 0}
    statement = rows_statement(session.engine, album, result, 0, result.columns)
    assert rows(session, statement) == [["7", "2", "2"]]
    assert rows(session, rows_statement(session.engine, artist, result, 0, result.columns)) == [["2", "b"]]
    assert rows_statement(session.engine, album, result, 2, result.columns) is None
    assert found.of_column(4) is None
    assert found.table == ()


def test_rows_that_refer_to_a_row_are_found(session):
    result = query(session, "SELECT * FROM ref_album ORDER BY label, number")
    found = find_references(session, result, Task())
    assert [reference.name for reference in found.referring] == ["ref_track (album_label, album_number)"]
    statement = rows_statement(session.engine, found.referring[0], result, 1, result.columns)
    assert rows(session, f"{statement} ORDER BY id") == [["100", "7", "2"], ["101", "7", "2"]]
    assert found.table[-1] == "ref_album"
    assert found.keys == (0, 1)


def test_a_result_that_is_no_table_has_no_keys(session):
    result = query(session, "SELECT count(*) FROM ref_album GROUP BY label")
    found = find_references(session, result, Task())
    assert (found.followed, found.referring, found.table) == ((), (), ())
