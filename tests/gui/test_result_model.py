"""What a cell says, and how the model grows with its result."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.gui.cell_text import CellStyle, cell_text, elide_middle, one_line, tooltip
from keeperdb.gui.result_model import ResultModel
from keeperdb.task import Task


@pytest.fixture
def run(open_session):
    session = open_session()

    def run(sql: str, rows: int = 1000):
        result = session.execute(sql, Task())[-1]
        result.fetch(rows, Task())
        return result

    return run


def test_the_model_obeys_the_rules_of_qt(qtmodeltester, run, qapp):
    qtmodeltester.check(ResultModel(run("SELECT * FROM kinds")))


def test_null_empty_and_the_word_null_look_different(run, qapp):
    model = ResultModel(run("SELECT name FROM kinds ORDER BY id"))
    assert model.cell(1, 0) == ("NULL", CellStyle.NULL)
    assert model.cell(2, 0) == ("(empty)", CellStyle.EMPTY)
    assert model.cell(3, 0) == ("NULL", CellStyle.VALUE)


class OneCell:
    """A result of one cell, for kinds that SQLite does not tell."""

    def __init__(self, kind: CellKind, text: str | None) -> None:
        self.columns = (Column("doc", kind.value, kind),)
        self._text = text

    def text(self, row: int, column: int) -> str | None:
        return self._text


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (CellKind.JSON, "null", ("JSON null", CellStyle.NULL)),
        (CellKind.JSON, None, ("NULL", CellStyle.NULL)),
        (CellKind.TEXT, "null", ("null", CellStyle.VALUE)),
    ],
)
def test_json_null_has_its_own_word(kind, text, shown):
    assert cell_text(OneCell(kind, text), 0, 0, "NULL") == shown


def test_binary_is_short_hexadecimal_with_its_size(run, qapp):
    model = ResultModel(run("SELECT photo FROM kinds ORDER BY id"))
    assert model.cell(0, 0) == ("0x00ff", CellStyle.VALUE)
    assert model.cell(2, 0) == ("(empty)", CellStyle.EMPTY)
    text, _ = model.cell(3, 0)
    assert text.startswith("0x000102")
    assert text.endswith("… (100 bytes)")


def test_control_and_direction_characters_are_visible_on_one_line(run, qapp):
    model = ResultModel(run("SELECT name FROM kinds WHERE id = 5"))
    assert model.data(model.index(0, 0)) == "two↵lines⇥and ⟨U+202E⟩tricks"


def test_a_long_value_is_cut_and_says_so(run, qapp):
    model = ResultModel(run("SELECT printf('%.*c', 5000, 'x')"))
    text, _ = model.cell(0, 0)
    assert len(text) == 301
    assert text.endswith("…")


def test_numbers_stand_right_and_text_left(run, qapp):
    model = ResultModel(run("SELECT id, name, amount FROM kinds"))
    alignments = [model.data(model.index(0, column), Qt.ItemDataRole.TextAlignmentRole) for column in range(3)]
    assert [bool(each & int(Qt.AlignmentFlag.AlignRight)) for each in alignments] == [True, False, True]


def test_a_header_has_name_and_type(run, qapp):
    model = ResultModel(run("SELECT amount FROM kinds"))
    assert model.headerData(0, Qt.Orientation.Horizontal) == "amount"
    tip = model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole).lower()
    assert "amount" in tip
    assert "real" in tip


def test_rows_that_arrive_are_shown_by_grow(run, qapp, open_session):
    session = open_session()
    result = session.execute("SELECT id FROM track ORDER BY id", Task())[-1]
    model = ResultModel(result)
    view = QTableView()
    view.setModel(model)
    assert model.rowCount() == 0
    result.fetch(100, Task())
    assert model.rowCount() == 0
    assert model.grow() == 100
    result.fetch(50, Task())
    assert (model.grow(), model.rowCount()) == (50, 150)
    assert model.data(model.index(149, 0)) == "150"
    assert model.grow() == 0


def test_another_word_for_null_acts_at_once(qtbot, run):
    model = ResultModel(run("SELECT NULL"))
    with qtbot.waitSignal(model.dataChanged):
        model.set_null_text("∅")
    assert model.cell(0, 0) == ("∅", CellStyle.NULL)


def test_tooltips_never_hold_markup_of_the_data():
    assert tooltip("<img src=x>\n&") == "<qt>&lt;img src=x&gt;<br>&amp;</qt>"


def test_a_name_is_elided_in_the_middle():
    assert elide_middle("abcdefghij", 5) == "ab…ij"
    assert elide_middle("abc", 5) == "abc"


def test_printable_text_stays_as_it_is():
    assert one_line("Ünïcode ✓ 漢字") == "Ünïcode ✓ 漢字"
