"""What the editor's keys do to the text around one caret: new line, indent, outdent, comment, pairs of brackets.

Each is one step of undo, and leaves the caret and the selection where the person expects them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QTextBlock, QTextCursor

from keeperdb.gui.text_position import length_in_units

_BLANKS = re.compile(r"[ \t]*")
_OPENING = re.compile(r"(?:[({\[]|\b(?:begin|then|else|loop|case|declare))\s*$", re.IGNORECASE)
PAIRS = {"(": ")", "[": "]", "{": "}", "'": "'", '"': '"', "`": "`"}
_QUOTES = "'\"`"

Move = QTextCursor.MoveOperation
KEEP = QTextCursor.MoveMode.KeepAnchor


def insert_line(cursor: QTextCursor, indent: str) -> None:
    """Break the line; the new one is indented as this one, and deeper after an opening bracket, BEGIN and the like.

    What closes the bracket right behind the caret gets a line of its own.
    """
    start = _start(cursor)
    before = start.block().text().encode("utf-16-le")[: 2 * start.positionInBlock()].decode("utf-16-le", "ignore")
    after = character_at(cursor, cursor.selectionEnd())
    blanks = _leading(before)
    is_opened = bool(_OPENING.search(before))
    with one_step(cursor):
        cursor.insertText("\n" + blanks + (indent if is_opened else ""))
        if is_opened and before.rstrip()[-1:] in PAIRS and PAIRS[before.rstrip()[-1]] == after:
            place = cursor.position()
            cursor.insertText("\n" + blanks)
            cursor.setPosition(place)


def indent_lines(cursor: QTextCursor, indent: str) -> None:
    """Put `indent` before each selected line that is not empty."""
    _on_lines(cursor, lambda text: indent + text if text.strip() else text)


def outdent_lines(cursor: QTextCursor, indent: str) -> None:
    """Take one indent, or what there is of it, from each selected line."""
    width = len(indent.expandtabs(4))

    def outdent(text: str) -> str:
        if text.startswith("\t"):
            return text[1:]
        return text[min(width, len(text) - len(text.lstrip(" "))) :]

    _on_lines(cursor, outdent)


def toggle_comment(cursor: QTextCursor) -> None:
    """Comment the selected lines with `--`, or take it away where all of them have it."""
    texts = [block.text() for block in selected_blocks(cursor) if block.text().strip()]
    if texts and all(text.lstrip().startswith("--") for text in texts):
        _on_lines(cursor, _uncomment)
    else:
        column = min((len(_leading(text)) for text in texts), default=0)
        _on_lines(cursor, lambda text: text[:column] + "-- " + text[column:] if text.strip() or not texts else text)


def toggle_block_comment(cursor: QTextCursor) -> None:
    """Put `/* */` around the selection, or around the line; take it away where it stands around it."""
    if not cursor.hasSelection():
        cursor.movePosition(Move.StartOfBlock)
        cursor.movePosition(Move.EndOfBlock, KEEP)
    text = cursor.selectedText()
    inner = text.strip()
    if inner.startswith("/*") and inner.endswith("*/") and len(inner) >= 4:
        new = text.replace(inner, inner[2:-2].removeprefix(" ").removesuffix(" "))
    else:
        new = f"/* {text} */"
    replace_selection(cursor, new.replace("\u2029", "\n"))


def insert_indent(cursor: QTextCursor, indent: str) -> None:
    """Go to the next tab stop."""
    if indent == "\t":
        cursor.insertText("\t")
    else:
        cursor.insertText(" " * (len(indent) - cursor.positionInBlock() % len(indent)))


def type_text(cursor: QTextCursor, text: str, *, closes_pairs: bool = False) -> None:
    """Type `text`; `closes_pairs` writes the second of two brackets or quotes, and steps over one that stands there."""
    after = character_at(cursor, cursor.selectionEnd())
    if closes_pairs and not cursor.hasSelection() and text == after and text in PAIRS.values():
        cursor.movePosition(Move.NextCharacter)
    elif closes_pairs and text in PAIRS and cursor.hasSelection():
        selected = cursor.selectedText().replace("\u2029", "\n")
        with one_step(cursor):
            cursor.insertText(text)
            replace_selection(cursor, selected)
            end = cursor.position()
            tail = QTextCursor(cursor)
            tail.setPosition(max(cursor.anchor(), end))
            tail.insertText(PAIRS[text])
            cursor.setPosition(end - length_in_units(selected))
            cursor.setPosition(end, KEEP)
    elif closes_pairs and text in PAIRS and _may_close(cursor, text, after):
        with one_step(cursor):
            cursor.insertText(text + PAIRS[text])
            cursor.movePosition(Move.PreviousCharacter)
    else:
        cursor.insertText(text)


def delete_back(cursor: QTextCursor, *, closes_pairs: bool = False) -> None:
    """Delete the selection or the character before the caret; of an empty pair of brackets, both."""
    before = character_at(cursor, cursor.position() - 1)
    is_pair = closes_pairs and PAIRS.get(before, "no") == character_at(cursor, cursor.position())
    with one_step(cursor):
        if is_pair and not cursor.hasSelection():
            cursor.deleteChar()
        cursor.deletePreviousChar()


def replace_selection(cursor: QTextCursor, text: str) -> None:
    """Put `text` in the place of the selection, and select it."""
    with one_step(cursor):
        start = cursor.selectionStart()
        cursor.insertText(text)
        end = cursor.position()
        cursor.setPosition(start)
        cursor.setPosition(end, KEEP)


def change_case(cursor: QTextCursor, change: Callable[[str], str]) -> None:
    """Write the selection, or the word at the caret, in capitals or small letters."""
    if not cursor.hasSelection():
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
    old = cursor.selectedText().replace("\u2029", "\n")
    if old != change(old):
        replace_selection(cursor, change(old))


def character_at(cursor: QTextCursor, position: int) -> str:
    """The character at a place of the document; empty before its start."""
    return str(cursor.document().characterAt(position)) if position >= 0 else ""


@contextmanager
def one_step(cursor: QTextCursor) -> Iterator[None]:
    """What is done inside is undone at once."""
    cursor.beginEditBlock()
    try:
        yield
    finally:
        cursor.endEditBlock()


def selected_blocks(cursor: QTextCursor) -> list[QTextBlock]:
    """The lines of the selection; the last one not if nothing of it is selected."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    last = document.findBlock(cursor.selectionEnd())
    if last != block and cursor.selectionEnd() == last.position():
        last = last.previous()
    blocks = []
    while block.isValid() and block.blockNumber() <= last.blockNumber():
        blocks.append(block)
        block = block.next()
    return blocks


def _may_close(cursor: QTextCursor, text: str, after: str) -> bool:
    """A pair is written before space, the end or something that closes; a quote not behind a word."""
    before = character_at(cursor, cursor.position() - 1)
    if text in _QUOTES and (before.isalnum() or before in ("_", text)):
        return False
    return after in ("", "\u2029", ",", ";") or after.isspace() or after in PAIRS.values()


def _start(cursor: QTextCursor) -> QTextCursor:
    start = QTextCursor(cursor)
    start.setPosition(cursor.selectionStart())
    return start


def _leading(text: str) -> str:
    match = _BLANKS.match(text)
    return match[0] if match else ""


def _uncomment(text: str) -> str:
    blanks = _leading(text)
    rest = text[len(blanks) :]
    return blanks + rest.removeprefix("--").removeprefix(" ") if rest.startswith("--") else text


def _on_lines(cursor: QTextCursor, change: Callable[[str], str]) -> None:
    with one_step(cursor):
        for block in selected_blocks(cursor):
            old, new = block.text(), change(block.text())
            if new != old:
                _replace_difference(block, old, new)


def _replace_difference(block: QTextBlock, old: str, new: str) -> None:
    """Change only what differs, so that carets and selections in the rest of the line stay where they are."""
    tail = 0
    while tail < min(len(old), len(new)) and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    edit = QTextCursor(block)
    edit.setPosition(block.position() + length_in_units(old[: len(old) - tail]), KEEP)
    edit.insertText(new[: len(new) - tail])
