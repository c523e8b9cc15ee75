"""The export dialog on a real session: every format, its own options, what the person is told."""

import csv
import json

import pyarrow.parquet as pq
import pytest
from PySide6.QtCore import Qt

from keeperdb.data import xlsx_file
from keeperdb.data.export import ExportFormat
from keeperdb.gui.export_dialog import ExportDialog

OPTIONS = {
    "csv": {"delimiter", "header", "guard", "bom"},
    "tsv": {"header", "guard", "bom"},
    "xlsx": {"header"},
    "sql": {"table", "rows_per_insert"},
}


def settle(qtbot, tab) -> None:
    qtbot.waitUntil(lambda: not tab.is_busy and not tab.fetching.is_active, timeout=20_000)


def open_dialog(qtbot, tab, sql: str, form: str) -> ExportDialog:
    tab.editor.setPlainText(sql)
    tab.run_all()
    settle(qtbot, tab)
    tab.export()
    dialog = tab.window().findChild(ExportDialog)
    dialog.format.setCurrentIndex(dialog.format.findData(form))
    return dialog


def export(qtbot, tab, dialog: ExportDialog, path) -> None:
    dialog.path.setText(str(path))
    dialog.accept()
    settle(qtbot, tab)


@pytest.mark.parametrize("form", [form.value for form in ExportFormat])
def test_each_format_shows_its_own_options_and_writes_its_file(qtbot, tab, tmp_path, form):
    dialog = open_dialog(qtbot, tab, "select id, name from track order by id", form)
    shown = {name for name in set().union(*OPTIONS.values()) if getattr(dialog, name).isVisible()}
    assert shown == OPTIONS.get(form, set())
    assert dialog.path.text().endswith(f".{form}")
    path = tmp_path / f"out.{form}"
    export(qtbot, tab, dialog, path)
    assert "25,000 rows were written" in tab.results.messages.toPlainText()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith((".keeperdb", "out"))] == [path.name]
    content = path.read_bytes()
    if form == "parquet":
        assert pq.read_table(path).column("id").to_pylist() == list(range(1, 25_001))
    elif form == "json":
        assert json.loads(content)[-1] == {"id": 25_000, "name": "Track 25000"}
    elif form == "xlsx":
        assert content.startswith(b"PK")
    else:
        assert b"Track 25000" in content


def test_options_of_csv_reach_the_file(qtbot, tab, tmp_path):
    dialog = open_dialog(qtbot, tab, "select '=1' as a, 'x' as b", "csv")
    dialog.delimiter.setCurrentIndex(dialog.delimiter.findData(";"))
    dialog.guard.setChecked(True)
    dialog.bom.setChecked(True)
    export(qtbot, tab, dialog, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == "\ufeffa;b\n'=1;x\n".encode()


def test_the_table_of_inserts_is_named_after_the_result_and_can_be_changed(qtbot, tab, tmp_path):
    dialog = open_dialog(qtbot, tab, "-- name: Sales 2026\nselect 1 as a union all select 2", "sql")
    assert dialog.table.text() == "Sales_2026"
    dialog.table.setText("main.it's")
    dialog.rows_per_insert.setValue(1)
    export(qtbot, tab, dialog, tmp_path / "out.sql")
    lines = (tmp_path / "out.sql").read_text().split(";\n")
    assert lines == [f'INSERT INTO "main"."it\'s" ("a") VALUES\n({number})' for number in (1, 2)] + [""]


def test_what_the_format_could_not_hold_is_said(qtbot, tab, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_file, "_MOST_ROWS", 20_000)
    dialog = open_dialog(qtbot, tab, "select id from track", "xlsx")
    export(qtbot, tab, dialog, tmp_path / "out.xlsx")
    assert "the rows are on 2 sheets" in tab.results.messages.toPlainText()


def test_the_keyboard_reaches_every_option_in_the_order_it_is_seen(qtbot, tab):
    dialog = open_dialog(qtbot, tab, "select 1", "csv")
    dialog.path.setFocus()
    seen = []
    for _ in range(8):
        seen.append(dialog.focusWidget())
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    places = [widget.mapTo(dialog, widget.rect().topLeft()) for widget in seen]
    assert [(place.y(), place.x()) for place in places] == sorted((place.y(), place.x()) for place in places)
    assert {dialog.delimiter, dialog.header, dialog.guard, dialog.bom} <= set(seen)
    dialog.reject()


def test_tabs_are_written_between_values(qtbot, tab, tmp_path):
    dialog = open_dialog(qtbot, tab, "select 'a' as x, 'b,c' as y", "tsv")
    export(qtbot, tab, dialog, tmp_path / "out.tsv")
    lines = (tmp_path / "out.tsv").read_text().splitlines()
    assert list(csv.reader(lines, delimiter="\t")) == [["x", "y"], ["a", "b,c"]]


def test_a_result_cut_at_the_row_cap_is_written_whole_by_running_it_again(qtbot, tab, tmp_path):
    dialog = cut_result(qtbot, tab, "select id from track order by id")
    assert dialog.fetched_rows.isChecked()
    dialog.run_again.setChecked(True)
    export(qtbot, tab, dialog, tmp_path / "all.csv")
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 25_001


def test_a_statement_that_changes_data_is_not_run_a_second_time(qtbot, tab, tmp_path):
    dialog = cut_result(qtbot, tab, "update track set name = name || '!' where id < 1000 returning id, name")
    dialog.run_again.setChecked(True)
    export(qtbot, tab, dialog, tmp_path / "all.csv")
    assert not (tmp_path / "all.csv").exists()
    assert "not run a second time" in tab.results.error_strip.message.text()


def cut_result(qtbot, tab, sql: str) -> ExportDialog:
    """The dialog over a result of which only the first rows were kept."""
    tab.editor.setPlainText(sql)
    tab.run_all()
    settle(qtbot, tab)
    view = tab.results.current
    view.result.close()
    view.result.is_complete = False
    tab.export()
    return tab.window().findChild(ExportDialog)
