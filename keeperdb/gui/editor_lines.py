"""Whole lines around a caret: moved, duplicated, deleted, joined; each is one step of undo."""

from PySide6.QtGui import QTextBlock, QTextCursor

from keeperdb.gui.editor_commands import KEEP, Move, character_at, one_step, selected_blocks
from keeperdb.gui.text_position import length_in_units


def move_lines(cursor: QTextCursor, by: int) -> None:
    """Exchange the selected lines with the one above (`by` is -1) or below (1); the selection goes with them."""
    blocks = selected_blocks(cursor)
    neighbour = blocks[0].previous() if by < 0 else blocks[-1].next()
    if not neighbour.isValid():
        return
    anchor, position = cursor.anchor(), cursor.position()
    text = neighbour.text()
    shift = by * (length_in_units(text) + 1)
    with one_step(cursor):
        _take_out(neighbour)
        edit = QTextCursor(cursor.document())
        if by < 0:
            edit.setPosition(_end(cursor.document().findBlock(blocks[-1].position())))
            edit.insertText("\n" + text)
        else:
            edit.setPosition(blocks[0].position())
            edit.insertText(text + "\n")
    cursor.setPosition(anchor + shift)
    cursor.setPosition(position + shift, KEEP)


def duplicate_lines(cursor: QTextCursor) -> None:
    """Write the selection again behind itself, or the line below itself; the copy has the caret."""
    if cursor.hasSelection():
        text = cursor.selectedText().replace("\u2029", "\n")
        start = cursor.selectionEnd()
        cursor.setPosition(start)
        cursor.insertText(text)
        cursor.setPosition(start)
        cursor.setPosition(start + length_in_units(text), KEEP)
        return
    column, block = cursor.positionInBlock(), cursor.block()
    edit = QTextCursor(cursor.document())
    edit.setPosition(_end(block))
    edit.insertText("\n" + block.text())
    cursor.setPosition(block.next().position() + column)


def delete_lines(cursor: QTextCursor) -> None:
    """Delete the selected lines with their ends; the caret keeps its column as far as there is one."""
    blocks = selected_blocks(cursor)
    column = cursor.positionInBlock()
    with one_step(cursor):
        cursor.setPosition(blocks[0].position())
        cursor.setPosition(_end(blocks[-1]), KEEP)
        cursor.removeSelectedText()
        if not cursor.atEnd():
            cursor.deleteChar()
        elif not cursor.atStart():
            cursor.deletePreviousChar()
            cursor.movePosition(Move.StartOfBlock)
    block = cursor.block()
    cursor.setPosition(min(block.position() + column, _end(block)))


def join_lines(cursor: QTextCursor) -> None:
    """Put the selected lines, or this one and the next, on one line, with one space where a line ended."""
    blocks = selected_blocks(cursor)
    count = max(1, len(blocks) - 1)
    with one_step(cursor):
        cursor.setPosition(_end(blocks[0]))
        for _ in range(count):
            following = cursor.block().next()
            if not following.isValid():
                return
            text = following.text()
            blanks = len(text) - len(text.lstrip())
            cursor.setPosition(following.position() + blanks, KEEP)
            before = character_at(cursor, cursor.anchor() - 1)
            has_space = not before or before.isspace() or not text.strip()
            cursor.insertText("" if has_space else " ")
            cursor.setPosition(_end(cursor.block()))


def _take_out(block: QTextBlock) -> None:
    """Remove a line with one of its ends."""
    edit = QTextCursor(block)
    edit.setPosition(_end(block), KEEP)
    edit.removeSelectedText()
    if block.next().isValid():
        edit.deleteChar()
    else:
        edit.deletePreviousChar()


def _end(block: QTextBlock) -> int:
    return block.position() + block.length() - 1
