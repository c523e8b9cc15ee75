"""The value panel: every kind of value, hostile ones too, made in the background; nothing is ever taken for HTML."""

import json
import struct
import zlib

import pytest
from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QColor, QGuiApplication, QImage

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.gui.value_content import ContentForm, content_forms
from keeperdb.gui.value_panel import ValuePanel
from keeperdb.gui.value_text import FIRST_CHARACTERS
from keeperdb.gui.xml_text import indented_xml, looks_like_xml

TEXT, JSON, BYTES = (Column("c", kind.value, kind) for kind in (CellKind.TEXT, CellKind.JSON, CellKind.BINARY))
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">'
    '<!ENTITY x SYSTEM "file:///etc/passwd">]><lolz>&lol2;&x;</lolz>'
)


class OneCell:
    def __init__(self, column, text):
        self.columns = (column,)
        self._text = text

    def text(self, row, column):
        return self._text

    def value(self, row, column):
        return self._text


@pytest.fixture
def panel(qtbot, runner):
    panel = ValuePanel(runner)
    qtbot.addWidget(panel)
    panel.resize(400, 500)
    panel.show()
    return panel


@pytest.fixture
def show(qtbot, runner, panel):
    def show(column, text, form=None):
        panel.show_cell(OneCell(column, text), 0, 0)
        qtbot.waitUntil(lambda: runner.is_idle)
        if form is not None:
            panel.form.setCurrentIndex(panel.form.findData(form.value))
        qtbot.waitUntil(lambda: runner.is_idle)
        return panel

    return show


def png(width=30, height=20) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(content.data())


def huge_png() -> bytes:
    """A few bytes that claim a picture of 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def test_html_is_shown_as_the_text_that_it_is(show):
    hostile = "<img src=http://example.invalid/x.png><script>alert(1)</script><b>bold</b>"
    panel = show(TEXT, hostile, ContentForm.TEXT)
    assert panel.view.toPlainText() == hostile
    assert panel.view.document().toPlainText() == hostile
    assert ContentForm.IMAGE not in content_forms(hostile, TEXT)


def test_null_and_the_empty_text_are_said_in_words(show):
    assert show(TEXT, None).view.placeholderText() == "NULL: there is no value"
    assert show(TEXT, "").view.placeholderText() == "Empty text"
    assert "empty text, 0 characters" in show(TEXT, "").about.text()
    assert not show(TEXT, None).save_button.isEnabled()


def test_json_is_a_tree_with_every_digit_and_double_names(show):
    panel = show(JSON, '{"n": 1.10, "n": 9007199254740993, "l": [null, {"b": "<b>"}]}')
    root = panel.tree.topLevelItem(0)
    shown = [(root.child(row).text(0), root.child(row).text(1)) for row in range(root.childCount())]
    assert shown == [("n", "1.10"), ("n", "9007199254740993"), ("l", "[2]")]
    assert root.child(2).child(0).text(1) == "null"


def test_deep_json_is_shown_as_text(show):
    deep = "[" * 100_000
    panel = show(JSON, deep[:50_000], ContentForm.TREE)
    assert panel.view.toPlainText().startswith("[[[")


def test_a_megabyte_of_json_is_shown_from_its_beginning_until_all_is_asked_for(qtbot, runner, show):
    text = json.dumps([{"number": number, "name": "x" * 50} for number in range(15_000)])
    panel = show(JSON, text)
    assert len(panel.view.toPlainText()) == FIRST_CHARACTERS
    assert panel.all_button.isVisible()
    panel.load_all()
    qtbot.waitUntil(lambda: runner.is_idle)
    assert panel.tree.topLevelItem(0).text(1) == "[15,000]"
    assert not panel.all_button.isVisible()


def test_a_long_text_is_lazy_and_copied_whole(qtbot, runner, show):
    text = "x" * (FIRST_CHARACTERS + 1000)
    panel = show(TEXT, text)
    assert len(panel.view.toPlainText()) == FIRST_CHARACTERS
    panel.copy()
    assert QGuiApplication.clipboard().text() == text
    panel.load_all()
    qtbot.waitUntil(lambda: runner.is_idle)
    assert panel.view.toPlainText() == text


def test_xml_is_put_in_order_and_no_entity_is_resolved(show):
    panel = show(TEXT, BOMB, ContentForm.XML)
    assert "&lol2;&x;" in panel.view.toPlainText()
    assert "root:" not in panel.view.toPlainText()
    assert panel.rest.text() == "Entities and the DOCTYPE are shown, not resolved"


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("<a><b/><c>t <i>x</i></c></a>", "<a>\n  <b/>\n  <c>t <i>x</i></c>\n</a>"),
        ('<a x="1>2"/>', '<a x="1>2"/>'),
        ("<a><![CDATA[</a>]]></a>", "<a>\n  <![CDATA[</a>]]>\n</a>"),
        ("<a><b", "<a><b"),
        ("<!--" * 100_000, "<!--" * 100_000),
        ("<" * 100_000, "<" * 100_000),
    ],
)
def test_xml_keeps_its_characters(text, ordered):
    assert indented_xml(text)[0] == ordered


def test_text_with_a_bracket_is_not_xml():
    assert [looks_like_xml(text) for text in ("<a/>", "<?xml version='1.0'?>", "< 5", "<3 you", "a<b")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_picture_is_shown_with_its_size(show):
    panel = show(BYTES, f"0x{png().hex()}")
    assert panel.pages.currentWidget() is panel.picture
    assert panel.rest.text() == "30 × 20 pixels, PNG"
    panel.copy()
    assert QGuiApplication.clipboard().image().size().width() == 30


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png()[:60], "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "cannot be read"),
        (b"\xff\xd8\xff" + b"broken" * 20, "cannot be read"),
        (huge_png(), "too many to show"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_or_huge_picture_is_refused_in_words(show, content, words, qtlog):
    with qtlog.disabled():
        panel = show(BYTES, f"0x{content.hex()}", ContentForm.IMAGE)
    assert words in panel.rest.text() or panel.picture.pixmap().width() <= 30


def test_a_vector_picture_is_only_text():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
    assert ContentForm.IMAGE not in content_forms(svg, TEXT)
    assert ContentForm.IMAGE not in content_forms(f"0x{svg.encode().hex()}", BYTES)


def test_a_value_is_saved_as_its_bytes(qtbot, runner, show, tmp_path):
    panel = show(BYTES, "0x00ff10")
    panel.save(tmp_path / "value.bin")
    qtbot.waitUntil(lambda: runner.is_idle)
    assert read(qtbot, runner, tmp_path / "value.bin") == b"\x00\xff\x10"
    show(TEXT, "a\u202eb\udc80").save(tmp_path / "value.txt")
    qtbot.waitUntil(lambda: runner.is_idle)
    assert read(qtbot, runner, tmp_path / "value.txt") == "a\u202eb\\udc80".encode()


def read(qtbot, runner, path):
    found = []
    runner.start(lambda _: path.read_bytes(), owner=runner, done=found.append)
    qtbot.waitUntil(lambda: bool(found))
    return found[0]


def test_a_value_that_is_left_is_not_shown_late(qtbot, runner, panel):
    panel.show_cell(OneCell(TEXT, "y" * 3_000_000), 0, 0)
    panel.show_cell(OneCell(TEXT, "short"), 0, 0)
    qtbot.waitUntil(lambda: runner.is_idle)
    assert panel.view.toPlainText() == "short"


def test_clearing_leaves_nothing_of_the_value(show):
    panel = show(BYTES, f"0x{png().hex()}")
    panel.clear()
    assert panel.rest.text() == ""
    assert panel.view.toPlainText() == ""
    assert not panel.copy_button.isEnabled()
