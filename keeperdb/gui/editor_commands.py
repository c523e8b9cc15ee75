"""What the editor's keys do to the text: new line, indent, outdent, comment; each is one step of undo."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QTextBlock, QTextCursor

_BLANKS = re.compile(r"[ \t]*")
_OPENING = re.compile(r"[({]\s*$")


def insert_line(cursor: QTextCursor, indent: str) -> None:
    """Break the line; the new one is indented as this one, and deeper after an opening bracket."""
    before = cursor.block().text()[: cursor.positionInBlock()]
    blanks = _leading(before)
    with one_step(cursor):
        cursor.insertText("\n" + blanks + (indent if _OPENING.search(before) else ""))


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
    texts = [block.text() for block in _blocks(cursor) if block.text().strip()]
    if texts and all(text.lstrip().startswith("--") for text in texts):
        _on_lines(cursor, _uncomment)
    else:
        column = min((len(_leading(text)) for text in texts), default=0)
        _on_lines(cursor, lambda text: text[:column] + "-- " + text[column:] if text.strip() or not texts else text)


def insert_indent(cursor: QTextCursor, indent: str) -> None:
    """Go to the next tab stop."""
    if indent == "\t":
        cursor.insertText("\t")
    else:
        cursor.insertText(" " * (len(indent) - cursor.positionInBlock() % len(indent)))


@contextmanager
def one_step(cursor: QTextCursor) -> Iterator[None]:
    """What is done inside is undone at once."""
    cursor.beginEditBlock()
    try:
        yield
    finally:
        cursor.endEditBlock()


def _leading(text: str) -> str:
    match = _BLANKS.match(text)
    return match[0] if match else ""


def _uncomment(text: str) -> str:
    blanks = _leading(text)
    rest = text[len(blanks) :]
    return blanks + rest.removeprefix("--").removeprefix(" ") if rest.startswith("--") else text


def _blocks(cursor: QTextCursor) -> list[QTextBlock]:
    """The lines that the selection touches; a last line of which nothing is selected does not count."""
    document = cursor.document()
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    last = document.findBlock(end)
    if end > start and last.position() == end:
        last = last.previous()
    block, blocks = document.findBlock(start), []
    while block.isValid() and block.blockNumber() <= last.blockNumber():
        blocks.append(block)
        block = block.next()
    return blocks


def _on_lines(cursor: QTextCursor, change: Callable[[str], str]) -> None:
    with one_step(cursor):
        for block in _blocks(cursor):
            old, new = block.text(), change(block.text())
            if new != old:
                _replace_difference(block, old, new)


def _replace_difference(block: QTextBlock, old: str, new: str) -> None:
    """Change only what differs, so that carets and selections in the rest of the line stay where they are."""
    tail = 0
    while tail < min(len(old), len(new)) and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    units = len(old[: len(old) - tail].encode("utf-16-le")) // 2
    edit = QTextCursor(block)
    edit.setPosition(block.position() + units, QTextCursor.MoveMode.KeepAnchor)
    edit.insertText(new[: len(new) - tail])
