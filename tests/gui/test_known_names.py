"""The names of real servers, as the window knows them."""

import pytest
from PySide6.QtCore import QObject

from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.gui.known_names import KnownNames
from keeperdb.gui.query_session import QuerySession
from keeperdb.query.catalog import Catalog
from keeperdb.query.completion.kept import KeptNames
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.completion.propose import Language, complete
from keeperdb.task import Task


@pytest.fixture
def known(qtbot, runner, edited, tmp_path):
    """The names that a session of a real server knows, and what it made."""
    own, other = edited.new_path("head"), edited.new_path("line")
    edited.run(f"CREATE TABLE {edited.table(own)} (id integer PRIMARY KEY, title varchar(20))")
    edited.run(
        f"CREATE TABLE {edited.table(other)} (id integer PRIMARY KEY, head_id integer NOT NULL,"
        f" FOREIGN KEY (head_id) REFERENCES {edited.table(own)} (id))"
    )
    holder = QObject()
    lane = runner.lane("browse")
    browsing = QuerySession(runner, None, CommitMode.AUTO, holder, session=edited.session, lane=lane)
    kept = KeptNames(tmp_path / "catalog", edited.session.profile)
    names = KnownNames(runner, browsing, Catalog(tmp_path / "catalog"), holder, kept)
    names.kept = kept
    names.begin()
    qtbot.waitUntil(lambda: names.index.is_whole and not names.is_reading, timeout=30_000)
    names.made = (own, other)
    names.beside = edited.open()  # beside the session that browses
    yield names
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)
    lane.close()
    holder.deleteLater()


def test_tables_columns_and_keys_of_a_server_are_proposed(qtbot, known, edited):
    own, other = known.made
    index, engine = known.index, edited.session.engine
    assert index.find([own[-1]]).path == own
    assert index.is_default(index.find([own[-1]]))
    known.want([own, other])
    qtbot.waitUntil(lambda: known.index.shape(other) is not None and known.index.shape(own) is not None)
    language = Language(engine.dialect, engine.quote)
    text = f"select * from {own[-1]} h join "
    joins = [each.text for each in complete(text, len(text), known.index, language).proposals]
    assert f"{other[-1]} on {other[-1]}.head_id = h.id" in joins


def test_a_table_is_described_once_and_anew_after_a_refresh(qtbot, known, edited):
    own, _ = known.made
    known.want([own])
    qtbot.waitUntil(lambda: known.index.shape(own) is not None)
    known.want([own])
    assert not known.is_reading
    edited.run(f"ALTER TABLE {edited.table(own)} ADD extra integer", known.beside)
    before = known.index
    known.refresh()
    qtbot.waitUntil(lambda: known.index is not before and known.index.shape(own) is not None, timeout=20_000)
    assert [each.name for each in known.index.shape(own).columns] == ["id", "title", "extra"]


def test_a_table_that_is_gone_is_asked_for_once(qtbot, known):
    asked = []
    known._session.runner.unhandled.connect(lambda *each: asked.append(each))
    known.want([(*known.made[0][:-1], "gone")])
    qtbot.waitUntil(lambda: not known.is_reading)
    known.want([(*known.made[0][:-1], "gone")])
    assert not known.is_reading
    assert asked == []


@pytest.mark.parametrize("edited", ["postgresql"], indirect=True)
def test_names_of_other_schemas_are_known_but_need_theirs(qtbot, known, edited):
    schema = f"other_{known.made[0][-1]}"
    edited.run(f"CREATE SCHEMA {schema}", known.beside)
    edited.run(f"CREATE TABLE {schema}.far (a integer)", known.beside)
    edited.run(f"CREATE SEQUENCE {schema}_numbers", known.beside)
    known.refresh()
    path = (known.made[0][0], schema, "far")
    qtbot.waitUntil(lambda: known.index.find([schema, "far"]) is not None, timeout=20_000)
    assert known.index.find([schema, "far"]).path == path
    assert not known.index.is_default(known.index.find([schema, "far"]))
    assert f"{schema}_numbers" in known.index.others
    edited.run(f"DROP SCHEMA {schema} CASCADE", known.beside)


def test_names_are_kept_for_a_window_that_is_not_connected(qtbot, known, runner, opener, tmp_path):
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)
    closed = QuerySession(runner, opener, CommitMode.AUTO, known)
    later = KnownNames(runner, closed, Catalog(tmp_path / "catalog"), known, known.kept)
    later.begin()
    qtbot.waitUntil(lambda: not later.index.is_empty)
    assert later.index.find(known.made[0][-1:]).path == known.made[0]
    assert later.index.defaults == known.index.defaults
    assert not later.index.is_whole  # so that no table is said to be missing
    qtbot.waitUntil(lambda: not later.is_reading)
    assert opener.opened == []
    closed.close()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1, "at": 9e9, "defaults": [[]]}\n[[[1], 0, ""]]'])
def test_a_damaged_file_of_names_is_no_names(tmp_path, content):
    kept = KeptNames(tmp_path, ConnectionProfile("x", "sqlite", path="y"))
    kept.write(NameIndex([TableName(("a",))], [()]), Task())
    (path,) = tmp_path.glob("*/*")
    assert kept.read(Task()).find(["a"]).path == ("a",)
    path.write_bytes(content)
    assert kept.read(Task()) is None
