"""The schema tree on a real session: lazy, filtered, and with what can be done from it."""

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu

from keeperdb.connections.profile import CommitMode
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.gui.notices import ErrorDialog
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.schema_item import MOST_CHILDREN
from keeperdb.gui.schema_model import DETAIL_ROLE, SchemaModel
from keeperdb.gui.schema_tree import SchemaTree

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def tree(qtbot, runner, opener, tab):
    session = QuerySession(runner, opener, CommitMode.AUTO, tab)
    tree = SchemaTree(session, get_engine("sqlite"), "main")
    qtbot.addWidget(tree)
    tree.resize(320, 600)
    with qtbot.waitExposed(tree):
        tree.show()
    tree.activateWindow()
    tree.view.setFocus()
    settle(qtbot, tree)
    yield tree
    session.close()


def settle(qtbot, tree) -> None:
    qtbot.waitUntil(lambda: not tree.session.is_busy, timeout=20_000)


def shown(tree, index: QModelIndex | None = None) -> list:
    """What can be seen, as nested lists of (text, what is below)."""
    index = index or QModelIndex()
    rows = [tree.model.index(row, 0, index) for row in range(tree.model.rowCount(index))]
    return [(each.data(), shown(tree, each) if tree.view.isExpanded(each) else []) for each in rows]


def find(tree, *names: str) -> QModelIndex:
    index = QModelIndex()
    for name in names:
        rows = [tree.model.index(row, 0, index) for row in range(tree.model.rowCount(index))]
        index = next(each for each in rows if each.data() == name)
    return index


def expand(qtbot, tree, *names: str) -> QModelIndex:
    index = find(tree, *names)
    tree.view.expand(index)
    settle(qtbot, tree)
    return find(tree, *names)


def click(qtbot, tree, index, act=None) -> None:
    tree.view.scrollTo(index)
    (act or qtbot.mouseClick)(tree.view.viewport(), Qt.MouseButton.LeftButton, pos=tree.view.visualRect(index).center())


def test_tables_are_open_at_the_start_and_the_rest_is_loaded_when_opened(qtbot, tree):
    assert shown(tree) == [("Tables", [("kinds", []), ('odd "name" & <b>', []), ("track", [])]), ("Views", [])]
    assert tree.model.item(find(tree, "Views")).nodes is None
    expand(qtbot, tree, "Views")
    assert find(tree, "Views", "long_tracks").isValid()


def test_a_table_has_columns_keys_indexes_and_triggers(qtbot, tree):
    expand(qtbot, tree, "Tables", "track")
    assert [name for name, _ in shown(tree, find(tree, "Tables", "track"))] == [
        "Columns",
        "Keys",
        "Indexes",
        "Triggers",
    ]
    expand(qtbot, tree, "Tables", "track", "Columns")
    assert [name for name, _ in shown(tree, find(tree, "Tables", "track", "Columns"))] == ["id", "name", "milliseconds"]
    expand(qtbot, tree, "Tables", "track", "Indexes")
    assert find(tree, "Tables", "track", "Indexes", "track_by_length").isValid()


def test_a_node_without_children_says_so_in_words(qtbot, tree):
    expand(qtbot, tree, "Tables", "kinds")
    expand(qtbot, tree, "Tables", "kinds", "Triggers")
    assert shown(tree, find(tree, "Tables", "kinds", "Triggers")) == [("Nothing here", [])]


def test_loading_is_said_while_it_lasts(qtbot, tree):
    tree.view.expand(find(tree, "Views"))
    assert shown(tree, find(tree, "Views")) == [("Loading…", [])]
    settle(qtbot, tree)
    assert shown(tree, find(tree, "Views")) == [("long_tracks", [])]


def test_an_error_stands_in_the_tree_and_enter_tries_again(qtbot, tree, opener):
    opener.opened[-1].close()
    tree.view.expand(find(tree, "Views"))
    settle(qtbot, tree)
    words = shown(tree, find(tree, "Views"))[0][0]
    assert words.endswith("Press Enter to try again.")
    tree.view.setCurrentIndex(find(tree, "Views", words))
    qtbot.keyClick(tree.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(tree, find(tree, "Views")) == [("long_tracks", [])])


def test_enter_on_a_table_asks_for_its_data(qtbot, tree):
    tree.view.setCurrentIndex(find(tree, "Tables", 'odd "name" & <b>'))
    with qtbot.waitSignal(tree.table_requested) as asked:
        qtbot.keyClick(tree.view, Qt.Key.Key_Return)
    assert asked.args[0].path == ('odd "name" & <b>',)


def test_a_double_click_on_a_table_asks_for_its_data(qtbot, tree):
    click(qtbot, tree, find(tree, "Tables", "track"))
    with qtbot.waitSignal(tree.table_requested) as asked:
        click(qtbot, tree, find(tree, "Tables", "track"), qtbot.mouseDClick)
    assert asked.args[0].path == ("track",)


def test_a_double_click_opens_and_closes_a_heading(qtbot, tree):
    tables = find(tree, "Tables")
    click(qtbot, tree, tables)
    click(qtbot, tree, tables, qtbot.mouseDClick)
    assert not tree.view.isExpanded(find(tree, "Tables"))


def test_select_is_generated_with_every_column(qtbot, tree):
    with qtbot.waitSignal(tree.open_requested) as asked:
        tree.generate_select(tree.model.item(find(tree, "Tables", "track")).node)
    sql, title, is_run = asked.args
    assert sql.split() == ["SELECT", '"id",', '"name",', '"milliseconds"', "FROM", '"track";']
    assert (title, is_run) == ("track", False)


def test_names_are_copied_plain_and_as_sql_needs_them(qtbot, tree):
    tree.view.setCurrentIndex(find(tree, "Tables", 'odd "name" & <b>'))
    qtbot.keyClick(tree.view, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == 'odd "name" & <b>'
    qtbot.keyClick(tree.view, Qt.Key.Key_C, CONTROL | SHIFT)
    assert QGuiApplication.clipboard().text() == '"odd ""name"" & <b>"'


def test_ddl_is_shown_in_a_tab_that_is_not_run_and_copied(qtbot, tree):
    tree.view.setCurrentIndex(find(tree, "Tables", "track"))
    with qtbot.waitSignal(tree.open_requested) as asked:
        qtbot.keyClick(tree.view, Qt.Key.Key_D, CONTROL)
    sql, title, is_run = asked.args
    assert sql.startswith("CREATE TABLE track (id INTEGER PRIMARY KEY")
    assert "CREATE INDEX track_by_length" in sql
    assert (title, is_run) == ("track DDL", False)
    tree.copy_ddl(tree.model.item(find(tree, "Tables", "track")).node)
    settle(qtbot, tree)
    assert QGuiApplication.clipboard().text() == sql


def test_ddl_that_there_is_not_is_said(qtbot, tree):
    tree.show_ddl(Node(NodeKind.TABLE, "gone", ("gone",)))
    qtbot.waitUntil(lambda: tree.findChild(ErrorDialog) is not None)
    assert any("“gone”" in label.text() for label in tree.findChild(ErrorDialog).findChildren(QLabel))
    tree.findChild(ErrorDialog).close()


def test_the_menu_offers_what_fits_the_node(qtbot, tree):
    def texts(*names: str) -> list[str]:
        tree.view.setCurrentIndex(find(tree, *names))
        tree.view.customContextMenuRequested.emit(QPoint(5, 5))
        menu = tree.findChild(QMenu)
        found = [action.text() for action in menu.actions() if action.isVisible()]
        menu.close()
        qtbot.waitUntil(lambda: tree.findChild(QMenu) is None)
        return found

    general = ["Refresh", "Refresh all", "Show system objects"]
    assert texts("Tables", "track") == [
        *("Open data", "Export table…", "Generate SELECT", "Generate INSERT", "Generate UPDATE", "Generate DELETE"),
        *("Show DDL", "Copy DDL", "Copy name", "Copy qualified name"),
        *general,
    ]
    assert texts("Views") == general


def test_typing_in_the_filter_leaves_what_matches(qtbot, tree):
    tree.filter.setFocus()
    qtbot.keyClicks(tree.filter, "TRA")
    qtbot.waitUntil(lambda: [name for name, _ in shown(tree, find(tree, "Tables"))] == ["track"])
    settle(qtbot, tree)
    assert shown(tree, find(tree, "Views")) == [("long_tracks", [])]
    tree.filter.clear()
    qtbot.waitUntil(lambda: len(shown(tree, find(tree, "Tables"))) == 3)


def test_the_filter_finds_columns_of_opened_tables(qtbot, tree):
    expand(qtbot, tree, "Tables", "track")
    expand(qtbot, tree, "Tables", "track", "Columns")
    qtbot.keyClicks(tree.filter, "millis")
    expected = ("Tables", [("track", [("Columns", [("milliseconds", [])])])])
    qtbot.waitUntil(lambda: shown(tree)[:1] == [expected])


def test_a_filter_without_a_match_says_so(qtbot, tree):
    expand(qtbot, tree, "Views")
    qtbot.keyClicks(tree.filter, "zzz")
    qtbot.waitUntil(lambda: shown(tree) == [("No object has that in its name", [])])


def test_f5_loads_anew(qtbot, tree, opener):
    import sqlite3

    with sqlite3.connect(opener.profile.path) as database:
        database.execute("CREATE TABLE added (x)")
    database.close()
    tree.view.setCurrentIndex(find(tree, "Tables"))
    qtbot.keyClick(tree.view, Qt.Key.Key_F5)
    settle(qtbot, tree)
    assert find(tree, "Tables", "added").isValid()
    assert tree.view.isExpanded(find(tree, "Tables"))


def test_system_objects_are_left_out_until_asked_for(qtbot, tree):
    expand(qtbot, tree, "Tables", "track")
    expand(qtbot, tree, "Tables", "track", "Indexes")
    path = ("Tables", "track", "Indexes")
    assert [name for name, _ in shown(tree, find(tree, *path))] == ["track_by_length"]
    tree.model.set_shows_system(True)
    assert any("sqlite_autoindex" in tree.model.index(row, 0, find(tree, *path)).data() for row in range(2))


def test_details_stand_beside_the_name_and_names_are_no_markup(qtbot, tree):
    expand(qtbot, tree, "Tables", "track")
    expand(qtbot, tree, "Tables", "track", "Columns")
    name = find(tree, "Tables", "track", "Columns", "name")
    assert name.data(Qt.ItemDataRole.AccessibleTextRole) == "name, column text not null"
    tip = find(tree, "Tables", 'odd "name" & <b>').data(Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in tip


def nodes(count: int) -> list[Node]:
    return [Node(NodeKind.TABLE, f"t{number}", (f"t{number}",), has_children=True) for number in range(count)]


def test_the_model_obeys_the_rules_of_qt(qtmodeltester, qapp):
    model = SchemaModel()
    model.begin_loading(model.root)
    model.set_children(model.root, [Node(NodeKind.GROUP, "Tables", has_children=True), *nodes(3)])
    model.set_children(model.item(model.index(0, 0)), [])
    model.set_error(model.item(model.index(1, 0)), "Could not load.")
    qtmodeltester.check(model)


def test_thousands_of_tables_are_shown_in_part_and_found_by_the_filter(qapp):
    model = SchemaModel()
    model.set_children(model.root, nodes(30_000))
    assert model.rowCount() == MOST_CHILDREN + 1
    assert model.index(MOST_CHILDREN, 0).data() == "29,000 more: press Enter"
    model.set_filter("t29999")
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["t29999"]


def test_what_the_server_estimates_stands_muted_beside_the_name(qapp):
    model = SchemaModel()
    about = {"comment": "of <b>all</b>\nlines", "row_estimate": 1_234_567, "size_bytes": 3 * 1024**2}
    model.set_children(model.root, [Node(NodeKind.TABLE, "t", ("t",), "foreign", True, **about), *nodes(1)])
    assert model.index(0, 0).data(DETAIL_ROLE) == "foreign · ≈ 1.2 M rows, 3 MB · of <b>all</b>↵lines"
    assert model.index(1, 0).data(DETAIL_ROLE) == ""
    assert "&lt;b&gt;all" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    model.set_details(model.root, [Node(NodeKind.TABLE, "t0", ("t0",), row_estimate=1)])
    assert model.index(1, 0).data(DETAIL_ROLE) == "≈ 1 row"


def test_enter_on_the_last_line_shows_more(qtbot, tree):
    item = tree.model.item(find(tree, "Tables"))
    tree.model.set_children(item, nodes(30_000))
    words = tree.model.index(MOST_CHILDREN, 0, find(tree, "Tables"))
    tree.view.setCurrentIndex(words)
    qtbot.keyClick(tree.view, Qt.Key.Key_Return)
    assert item.row_count == 2 * MOST_CHILDREN + 1
    assert tree.view.currentIndex().data() == f"t{MOST_CHILDREN}"
    assert tree.view.isExpanded(find(tree, "Tables"))


def test_what_is_opened_stays_open_while_a_filter_comes_and_goes(qtbot, tree):
    expand(qtbot, tree, "Tables", "track")
    expand(qtbot, tree, "Tables", "track", "Columns")
    before = shown(tree)
    for text in ("kinds", "millis", "nothing has this", ""):
        tree.filter.setText(text)
        tree.apply_filter()
    settle(qtbot, tree)
    assert shown(tree)[0] == before[0]
