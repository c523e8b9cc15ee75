"""A whole value to read: NULL and empty in words, JSON in order, bytes as a dump, long values from their beginning."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.gui.value_dialog import ValueDialog
from keeperdb.gui.value_text import FIRST_CHARACTERS, Form, about, forms, indented, shown_value, size_in_words

TEXT, JSON, BYTES = (Column("c", kind.value, kind) for kind in (CellKind.TEXT, CellKind.JSON, CellKind.BINARY))


class OneCell:
    def __init__(self, column: Column, text: str | None) -> None:
        self.columns = (column,)
        self._text = text

    def text(self, row: int, column: int) -> str | None:
        return self._text

    def value(self, row: int, column: int) -> str | None:
        return self._text


@pytest.fixture
def open_dialog(qtbot, runner):
    def open_dialog(column: Column, text: str | None) -> ValueDialog:
        dialog = ValueDialog(OneCell(column, text), 0, 0, runner)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return open_dialog


def test_null_empty_and_the_word_null_are_told_apart():
    words = [about(text, TEXT) for text in (None, "", "NULL")] + [about("null", JSON), about("0x", BYTES)]
    assert words == [
        "text · NULL, no value",
        "text · empty text, 0 characters",
        "text · 4 characters · 4 bytes",
        "json · the JSON value null, which is not NULL",
        "binary · empty, 0 bytes",
    ]


def test_sizes_are_bytes_in_utf8():
    assert about("漢字", TEXT) == "text · 2 characters · 6 bytes"
    assert size_in_words(1_536_000) == "1.5 MB (1,536,000 bytes)"


def test_json_is_indented_with_every_digit_and_double_name_kept():
    assert indented('{"n": 1.10, "n":9007199254740993,"e":{},"l":[ ],"s":"a\\"{[,:"}') == (
        '{\n  "n": 1.10,\n  "n": 9007199254740993,\n  "e": {},\n  "l": [],\n  "s": "a\\"{[,:"\n}'
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_indented_json_says_the_same(value):
    assert json.loads(indented(json.dumps(value))) == value


def test_what_is_not_json_stays_as_it_is():
    assert indented("{not json") == "{not json"
    assert indented("[" * 100_000) == "[" * 100_000


def test_forms_fit_the_value():
    assert forms(None, TEXT) == (Form.TEXT,)
    assert forms("0x00", BYTES)[0] is Form.HEX
    assert forms("[1]", TEXT)[0] is Form.JSON
    assert forms("plain", TEXT) == (Form.TEXT, Form.HEX)


def test_text_can_be_read_as_bytes():
    assert shown_value("é\n", TEXT, Form.HEX).text == f"00000000  {'c3 a9 0a':<47}  ..."


def test_a_long_value_is_shown_from_its_beginning_until_all_is_asked_for(qtbot, open_dialog):
    text = "x" * (FIRST_CHARACTERS * 3)
    dialog = open_dialog(TEXT, text)
    assert len(dialog.view.toPlainText()) == FIRST_CHARACTERS
    assert dialog.all_button.isVisible()
    dialog.all_button.click()
    qtbot.waitUntil(lambda: len(dialog.view.toPlainText()) == len(text))
    assert not dialog.all_button.isVisible()


def test_long_json_is_indented_in_the_background(qtbot, open_dialog):
    dialog = open_dialog(JSON, json.dumps(list(range(40_000))))
    qtbot.waitUntil(lambda: dialog.view.toPlainText().startswith("[\n  0,\n  1,"))


def test_json_can_be_looked_at_as_it_is(qtbot, open_dialog):
    dialog = open_dialog(JSON, '{"a":1}')
    assert dialog.view.toPlainText() == '{\n  "a": 1\n}'
    dialog.form.setCurrentIndex(dialog.form.findData(Form.TEXT.value))
    assert dialog.view.toPlainText() == '{"a":1}'


def test_null_is_said_where_the_text_would_stand(open_dialog):
    assert open_dialog(TEXT, None).view.placeholderText() == "NULL: there is no value"
    assert open_dialog(TEXT, "").view.placeholderText() == "Empty text"
    assert open_dialog(TEXT, "NULL").view.placeholderText() == ""
