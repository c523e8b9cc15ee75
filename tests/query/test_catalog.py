"""Lists of objects that are kept on disk: served while they are true, asked for anew when they are not."""

import json
import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.query import catalog_cache
from keeperdb.query.catalog import Catalog
from keeperdb.query.catalog_cache import CachedList, CatalogCache
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import find

MANY = 60
GROUP = Node(NodeKind.GROUP, "Tables", ("d", "s"), has_children=True)
ODD = 'o"dd. na\nme 😀\u202e\ud800'


class Counted:
    """A session whose catalogue queries are counted."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.asked: list[str] = []
        self.profile, self.database, self.user = session.profile, session.database, session.user

    def children(self, node, task):
        self.asked.append("children")
        return self._session.children(node, task)

    def details(self, node, task):
        self.asked.append("details")
        return self._session.details(node, task)

    def stamp(self, node, task):
        self.asked.append("stamp")
        return self._session.stamp(node, task)

    def run(self, statement: str) -> None:
        self._session.execute(statement, Task())

    def find(self, *path: str) -> Node:
        return find(self._session, *path)

    def names(self, catalog: Catalog, node: Node, **options: bool) -> list[str]:
        """The names below `node`; `asked` tells afterwards what the server was asked for them."""
        self.asked.clear()
        found = catalog.children(self, node, Task(), **options)
        asked = list(self.asked)
        catalog.details(self, node, Task(), **options)
        self.asked = asked
        return [each.name for each in found]


def opened(profile: ConnectionProfile, credential=None) -> Session:
    engine = get_engine(profile.engine)
    return Session(profile, engine, engine.connect(profile, credential, Task()))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def session(request, tmp_path):
    """A session on a database with 60 tables, and the path to the heading above them."""
    if request.param == "sqlite":
        path = tmp_path / "many.sqlite"
        path.touch()
        session, made, path_to = opened(ConnectionProfile("x", "sqlite", path=str(path))), (), ("Tables",)
    else:
        server = request.getfixturevalue(f"{request.param}_server")
        session = opened(server.profile(), server.credential)
        word = "SCHEMA" if request.param == "postgresql" else "DATABASE"
        made = (f"DROP {word} IF EXISTS cached" + " CASCADE" * (word == "SCHEMA"), f"CREATE {word} cached")
        path_to = (server.database, "cached", "Tables") if word == "SCHEMA" else ("cached", "Tables")
    for statement in made:
        session.execute(statement, Task())
    prefix = "" if request.param == "sqlite" else "cached."
    for number in range(MANY):
        session.execute(f"CREATE TABLE {prefix}t{number:02} (a INTEGER)", Task())
    counted = Counted(session)
    counted.prefix, counted.tables, counted.engine = prefix, counted.find(*path_to), request.param
    yield counted
    if made:
        session.execute(made[0], Task())
    session.close()


def test_a_list_is_served_from_the_disk_while_its_stamp_is_the_same(session, tmp_path):
    folder = tmp_path / "catalog"
    first = session.names(Catalog(folder), session.tables)
    assert "children" in session.asked
    assert session.names(Catalog(folder), session.tables) == first
    assert session.asked == ["stamp"]
    assert len(first) == MANY


@pytest.mark.parametrize(
    "change", ["CREATE TABLE {0}another (a INTEGER)", "DROP TABLE {0}t05", "ALTER TABLE {0}t07 RENAME TO {1}renamed"]
)
def test_every_change_of_names_is_seen_at_once(session, tmp_path, change):
    catalog = Catalog(tmp_path / "catalog")
    before = session.names(catalog, session.tables)
    target = session.prefix if session.engine == "mariadb" else ""
    session.run(change.format(session.prefix, target))
    after = session.names(catalog, session.tables)
    assert after != before
    assert after == [node.name for node in session._session.children(session.tables, Task())]


def test_a_comment_is_seen_at_once_in_postgresql(session, tmp_path):
    if session.engine != "postgresql":
        return
    catalog = Catalog(tmp_path / "catalog")
    session.names(catalog, session.tables)
    session.run("COMMENT ON TABLE cached.t01 IS 'new'")
    assert [node.comment for node in catalog.children(session, session.tables, Task())][1] == "new"


def test_anew_asks_the_server_whatever_is_kept(session, tmp_path):
    catalog = Catalog(tmp_path / "catalog")
    session.names(catalog, session.tables)
    session.names(catalog, session.tables, anew=True)
    assert "children" in session.asked


def test_details_are_kept_with_the_names(session, tmp_path):
    folder, server = tmp_path / "catalog", session._session
    session.names(Catalog(folder), session.tables)
    session.asked.clear()
    catalog = Catalog(folder)
    kept = catalog.children(session, session.tables, Task())
    assert catalog.details(session, session.tables, Task()) == []
    assert session.asked == ["stamp"]
    assert kept == (server.details(session.tables, Task()) or server.children(session.tables, Task()))


def test_another_user_or_database_has_lists_of_its_own(session, tmp_path):
    catalog = Catalog(tmp_path / "catalog")
    session.names(catalog, session.tables)
    session.user = "somebody else"
    session.names(catalog, session.tables)
    assert "children" in session.asked
    session.profile = session.profile.with_(host="other.example.com")
    session.names(catalog, session.tables)
    assert "children" in session.asked


@pytest.mark.parametrize(("path", "count"), [(":memory:", MANY), ("short.sqlite", 3)])
def test_a_short_list_and_a_database_in_memory_are_not_kept(tmp_path, path, count):
    where = path if path == ":memory:" else str(tmp_path / path)
    counted = Counted(opened(ConnectionProfile("x", "sqlite", path=where, options={"create": "on"})))
    for number in range(count):
        counted.run(f"CREATE TABLE t{number} (a)")
    assert len(counted.names(Catalog(tmp_path / "catalog"), counted.find("Tables"))) == count
    counted._session.close()
    assert not (tmp_path / "catalog").exists()


def test_a_file_that_was_replaced_is_another_database(tmp_path):
    path, other = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    for file, letter in ((path, "a"), (other, "b")):
        with sqlite3.connect(file) as database:
            for number in range(MANY):
                database.execute(f"CREATE TABLE {letter}{number:02} (x)")
        database.close()
    catalog, profile = Catalog(tmp_path / "catalog"), ConnectionProfile("x", "sqlite", path=str(path))
    for letter in "ab":
        session = Counted(opened(profile))
        assert session.names(catalog, session.find("Tables"))[0] == f"{letter}00"
        session._session.close()
        if letter == "a":
            other.replace(path)


def nodes(count: int) -> list[Node]:
    path = GROUP.path
    return [
        Node(NodeKind.TABLE, f"{ODD}{n}", (*path, f"{ODD}{n}"), "detail", True, False, "comment", n, n * 2)
        for n in range(count)
    ]


def test_what_is_kept_comes_back_unchanged_whatever_the_names(tmp_path):
    cache = CatalogCache(tmp_path, ("postgresql", "host", "5432", "d", "u"))
    elsewhere = [Node(NodeKind.GROUP, "Columns", ("d", "s", "t"), has_children=True)]
    for found in (nodes(100), elsewhere, []):
        cache.write(GROUP, CachedList("stamp", found, has_details=True), Task())
        assert cache.read(GROUP) == CachedList("stamp", found, has_details=True)


def test_neither_host_nor_user_nor_database_stand_in_names_or_files(tmp_path):
    identity = ("postgresql", "planted-host", "5432", "planted-database", "planted-user")
    CatalogCache(tmp_path, identity).write(replace(GROUP, path=()), CachedList("s", []), Task())
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "planted" not in str(file.relative_to(tmp_path)) + file.read_text()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 1}', b"\xff\xfe"])
def test_a_damaged_file_is_no_list(tmp_path, damage):
    cache = CatalogCache(tmp_path, ("x",))
    cache.write(GROUP, CachedList("stamp", nodes(3)), Task())
    [file] = list(tmp_path.rglob("*.json"))
    file.write_bytes(damage)
    assert cache.read(GROUP) is None


@pytest.mark.parametrize(
    "change", [{"version": 0}, {"at": 1.0}, {"nodes": [["table", "x"]] * 3}, {"nodes": [[1] * 9] * 3}, {"count": 2}]
)
def test_a_file_of_another_version_or_age_or_form_is_no_list(tmp_path, change):
    cache = CatalogCache(tmp_path, ("x",))
    cache.write(GROUP, CachedList("stamp", nodes(3)), Task())
    [file] = list(tmp_path.rglob("*.json"))
    head, *rows = file.read_text().splitlines()
    rows = [json.dumps(change["nodes"])] if "nodes" in change else rows
    file.write_text("\n".join([json.dumps(json.loads(head) | change), *rows]))
    assert cache.read(GROUP) is None


def test_the_folder_stays_small_and_forgets_what_is_old(tmp_path, monkeypatch):
    old = CatalogCache(tmp_path, ("old",))
    old.write(GROUP, CachedList("stamp", nodes(3)), Task())
    long_ago = time.time() - 30 * 24 * 3600
    for path in tmp_path.rglob("*.json"):
        os.utime(path, (long_ago, long_ago))
    monkeypatch.setattr(catalog_cache, "_MOST_BYTES", 20_000)
    for number in range(20):
        CatalogCache(tmp_path, (str(number),)).write(GROUP, CachedList("stamp", nodes(50)), Task())
    files = list(tmp_path.rglob("*.json"))
    assert sum(path.stat().st_size for path in files) <= 20_000
    assert old.read(GROUP) is None
    assert CatalogCache(tmp_path, ("19",)).read(GROUP) is not None


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path):
    blocked: Path = tmp_path / "file"
    blocked.write_text("x")
    cache = CatalogCache(blocked / "below", ("x",))
    cache.write(GROUP, CachedList("stamp", nodes(3)), Task())
    assert cache.read(GROUP) is None
