"""A table of the schema tree is written to a file beside what the tree does."""

import pytest

from keeperdb.connections.profile import CommitMode
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.gui.export_dialog import ExportChoice, ExportDialog
from keeperdb.gui.notices import ErrorDialog, Notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.gui.table_export import TableExport

TRACK = Node(NodeKind.TABLE, "track", ("track",), has_children=True)


@pytest.fixture
def export(qtbot, runner, opener, tab, settings):
    session = QuerySession(runner, opener, CommitMode.AUTO, tab)
    tree = SchemaTree(session, get_engine("sqlite"), "main")
    qtbot.addWidget(tree)
    tree.show()
    qtbot.waitUntil(lambda: not session.is_busy, timeout=20_000)
    export = TableExport(tree, settings)
    export.tree = tree
    yield export
    export.close()
    session.close()


def test_all_rows_are_written_and_the_strip_goes(qtbot, export, tmp_path):
    export.tree.export_requested.emit(TRACK)
    dialog = export.tree.window().findChild(ExportDialog)
    assert dialog.windowTitle() == "Export track"
    dialog.path.setText(str(tmp_path / "track.csv"))
    dialog.accept()
    assert export.tree.progress_strip.isVisible()
    qtbot.waitUntil(lambda: not export.is_running, timeout=20_000)
    assert len((tmp_path / "track.csv").read_text().splitlines()) == 25_001
    assert not export.tree.progress_strip.isVisible()
    assert "25,000 rows were written" in export.tree.window().findChild(Notice).text


def test_stop_leaves_no_file(qtbot, export, tmp_path):
    export.start(TRACK, ExportChoice(tmp_path / "track.csv"))
    export.tree.progress_strip.stop()
    qtbot.waitUntil(lambda: not export.is_running, timeout=20_000)
    assert list(tmp_path.glob("*track*")) + list(tmp_path.glob(".keeperdb-*")) == []


def test_what_fails_is_said(qtbot, export, tmp_path):
    export.start(Node(NodeKind.TABLE, "gone", ("gone",)), ExportChoice(tmp_path / "gone.csv"))
    qtbot.waitUntil(lambda: not export.is_running, timeout=20_000)
    dialog = export.tree.window().findChild(ErrorDialog)
    assert dialog is not None
    dialog.close()
    assert not (tmp_path / "gone.csv").exists()
