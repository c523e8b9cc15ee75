"""The SQL editor: plain text with line numbers, folding, several carets, search, and the statement at the caret."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFont,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from keeperdb.gui import carets_placing, editor_keys
from keeperdb.gui import editor_marks as marks
from keeperdb.gui.brackets import brackets
from keeperdb.gui.carets import Carets
from keeperdb.gui.editor_actions import add_actions
from keeperdb.gui.editor_loading import LONG, Loading
from keeperdb.gui.editor_preferences import EditorPreferences
from keeperdb.gui.editor_statements import StatementIndex
from keeperdb.gui.find_bar import FindBar
from keeperdb.gui.folding import Folding
from keeperdb.gui.highlighter import Highlighter
from keeperdb.gui.line_numbers import LineNumbers
from keeperdb.gui.notices import show_notice
from keeperdb.gui.runner import Runner
from keeperdb.gui.shortcuts import shortcuts
from keeperdb.gui.text_position import Positions, to_characters
from keeperdb.gui.theme import mono_font
from keeperdb.query.statements import Statement

__all__ = ["Editor", "EditorPreferences"]

_LARGE = 12_000_000  # characters; a longer text is shown before it is edited
_SETTLE = 60  # milliseconds after the last key until the statement is looked for
_SETTLE_LONG = 300  # the same in a long text
_BRACKETS = 20_000  # characters of the longest statement whose brackets are matched
_ZOOM = (6, 48)  # pixels


class Editor(QPlainTextEdit):
    """Edits a script in `dialect` (sqlglot's name). Positions in its methods count characters, not Qt's units.

    What is built on it (completion, outline) reads `script()`, `selection()` and `statements`, and follows
    `textChanged`, `caret_moved` and `statements.changed`.
    """

    hidden_found = Signal(int)  # how many hidden characters the text has
    caret_moved = Signal(int, int, int)  # line and column, both from 1, and how many carets there are
    loaded = Signal()  # a long text is there as a whole

    def __init__(
        self,
        dialect: str = "",
        preferences: EditorPreferences | None = None,
        parent: QWidget | None = None,
        runner: Runner | None = None,
    ) -> None:
        """Without a `runner`, statements are known of short texts only."""
        super().__init__(parent)
        self.dialect = dialect
        self.runner = runner
        self.preferences = preferences or EditorPreferences()
        self.setAccessibleName("SQL editor")
        self.setProperty("role", "pane")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._show_run_key()
        shortcuts().changed.connect(self._show_run_key)
        self._loading: Loading | None = None
        self._text: tuple[int, str, Positions] = (-1, "", Positions(""))
        self._error: QTextCursor | None = None
        self._statement: QTextCursor | None = None
        self._found: list[marks.Selection] = []
        self._live: list[marks.Selection] = []
        self._link: marks.Selection | None = None
        self._zoom = 0  # pixels more than the setting says
        self._column_from: QPoint | None = None  # where a column selection began
        self.highlighter = Highlighter(self.document(), dialect)
        self.carets = Carets(self)
        self.statements = StatementIndex(self, runner)
        self.folding = Folding(self)
        self.line_numbers = LineNumbers(self)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE)
        self._settle.timeout.connect(self._mark_settled)
        self.find_bar = FindBar(self)
        self._connect()
        add_actions(self, self.find_bar)
        self.set_preferences(self.preferences)

    def _show_run_key(self) -> None:
        key = shortcuts().native("query.run")
        self.setPlaceholderText(f"Write SQL here. {key} runs the statement at the caret." if key else "Write SQL here.")

    @property
    def is_loading(self) -> bool:
        """Whether a long text still comes in; it cannot be edited until `loaded`."""
        return self._loading is not None

    def setPlainText(self, text: str) -> None:
        """Replace the text; a long one comes in piece by piece, until `loaded`."""
        if self._loading is not None:
            self._loading.stop()
            self._loading = None
        self.carets.clear()
        if len(text) < LONG:
            super().setPlainText(text)
            return
        self._loading = Loading(self, text.replace("\r\n", "\n").replace("\r", "\n"))
        self._loading.finished.connect(self._end_loading)

    def set_preferences(self, preferences: EditorPreferences) -> None:
        """Take font, tabs, wrapping and margin as the person set them."""
        self.preferences = preferences
        self._zoom = 0
        self._take_font()
        wrap = (
            QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if preferences.word_wrap else QTextOption.WrapMode.NoWrap
        )
        self.setWordWrapMode(wrap)
        option = self.document().defaultTextOption()
        flags = QTextOption.Flag.ShowTabsAndSpaces if preferences.show_spaces else QTextOption.Flag(0)
        option.setFlags(flags)
        self.document().setDefaultTextOption(option)
        self.line_numbers.shows_numbers = preferences.line_numbers
        self.line_numbers.shows_folds = preferences.folding
        self._fit_margin()

    def zoom(self, by: int) -> None:
        """Make the text larger or smaller by `by` pixels in this tab, 0 for the size of the setting."""
        size = self.preferences.font_size + self._zoom + by
        self._zoom = max(_ZOOM[0], min(_ZOOM[1], size)) - self.preferences.font_size if by else 0
        self._take_font()
        self._fit_margin()

    def toggle_wrap(self) -> None:
        """Break long lines, or not, in this tab."""
        zoom = self._zoom
        self.set_preferences(replace(self.preferences, word_wrap=not self.preferences.word_wrap))
        self.zoom(zoom)

    def toggle_spaces(self) -> None:
        """Draw spaces and tabs, or not, in this tab."""
        zoom = self._zoom
        self.set_preferences(replace(self.preferences, show_spaces=not self.preferences.show_spaces))
        self.zoom(zoom)

    def script(self) -> str:
        """The whole text exactly as typed, lines ended by a line feed."""
        if self._loading is not None:
            return self._loading.text
        self._read()
        return self._text[1]

    def positions(self) -> Positions:
        """Translates between characters of `script` and Qt's units."""
        self._read()
        return self._text[2]

    def selection(self) -> tuple[int, int]:
        """Start and end of the selection; the caret twice when nothing is selected."""
        return self.range_of(self.textCursor())

    def place(self, start: int, end: int) -> QTextCursor:
        """A cursor over a range; it follows the text as that is edited."""
        cursor, positions, last = QTextCursor(self.document()), self.positions(), self.document().characterCount() - 1
        cursor.setPosition(min(positions.to_units(start), last))
        cursor.setPosition(min(positions.to_units(end), last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def range_of(self, place: QTextCursor) -> tuple[int, int]:
        """Where a place made by `place` is now."""
        positions = self.positions()
        return positions.to_characters(place.selectionStart()), positions.to_characters(place.selectionEnd())

    def place_text(self, start: int, end: int) -> str:
        """The text between two of Qt's positions."""
        positions = self.positions()
        return self.script()[positions.to_characters(start) : positions.to_characters(end)]

    def statement_at_caret(self) -> Statement | None:
        """The statement that would run, if it is known by now."""
        return self.statements.at(self.selection()[0])

    def caret(self) -> tuple[int, int, int]:
        """The line and the column of the caret, in characters from 1, and how many carets there are."""
        cursor = self.textCursor()
        column = to_characters(cursor.block().text(), cursor.positionInBlock())
        return cursor.blockNumber() + 1, column + 1, len(self.carets.others) + 1

    def visible_lines(self) -> tuple[int, int]:
        """The first and the last line that are on the screen, from 0."""
        first = self.firstVisibleBlock().blockNumber()
        bottom = self.cursorForPosition(QPoint(0, self.viewport().height() - 1)).blockNumber()
        return first, max(first, bottom)

    def mark_error(self, place: QTextCursor) -> None:
        """Underline a range, and go there."""
        self._error = place
        caret = QTextCursor(place)
        caret.setPosition(place.selectionStart())
        self.carets.clear()
        self.setTextCursor(caret)
        self.centerCursor()
        self.line_numbers.error_line = caret.blockNumber()
        self._mark()

    def clear_error(self) -> None:
        self._error = None
        self.line_numbers.error_line = None
        self._mark()

    def error_range(self) -> tuple[int, int] | None:
        """The range that is underlined as wrong."""
        return None if self._error is None else self.range_of(self._error)

    def mark_found(self, places: list[QTextCursor], current: QTextCursor | None) -> None:
        """Mark what a search found on the screen, and the place it stands at."""
        self._found = [marks.found(each, is_current=False) for each in places]
        if current is not None:
            self._found.append(marks.found(current, is_current=True))
        self._mark()

    def mark_live(self, found: list[marks.Selection], lines: dict[int, str]) -> None:
        """Mark what is wrong before it runs; `lines` are the colours of the dots beside it."""
        self._live = found
        self.line_numbers.live_lines = lines
        self.line_numbers.update()
        self._mark()

    def mark_link(self, link: marks.Selection | None) -> None:
        """Underline the name that a click with Ctrl would follow."""
        self._link = link
        self._mark()

    def go_to_line(self, number: int) -> None:
        """Put the caret at the beginning of a line, counted from 1, which is shown in the middle."""
        block = self.document().findBlockByNumber(max(1, min(number, self.blockCount())) - 1)
        self.carets.clear()
        self.setTextCursor(QTextCursor(block))
        self.centerCursor()

    def go_to_bracket(self) -> None:
        """Put the caret beside the partner of the bracket that it stands at."""
        place = self._bracket_at_caret()
        if place is not None and place[1] is not None:
            self.setTextCursor(self.place(place[1], place[1]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            return self._override(event) or super().event(event)
        return super().event(event)

    def _override(self, event: QKeyEvent) -> bool:
        """Keep a key that elsewhere is a shortcut."""
        if editor_keys.keeps(self, event):
            event.accept()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.isReadOnly() or not editor_keys.press(self, event):
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if self.carets.are_many and event.commitString():
            text = event.commitString()
            self.carets.each(lambda cursor: cursor.insertText(text))
            event.accept()
        else:
            super().inputMethodEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self._column_from = event.position().toPoint()
            self.carets.add(self.cursorForPosition(self._column_from))
        else:
            self.carets.clear()
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._column_from is None:
            super().mouseMoveEvent(event)
        elif (event.position().toPoint() - self._column_from).manhattanLength() > self.fontMetrics().averageCharWidth():
            carets_placing.column(self, self.carets, self._column_from, event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._column_from is None:
            super().mouseReleaseEvent(event)
        self._column_from = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy the characters as they are: Qt would turn no-break spaces into spaces. Of many carets, a line each."""
        text = self.script()
        ranges = [self.range_of(each) for each in self.carets.all() if each.hasSelection()]
        data = QMimeData()
        data.setText("\n".join(text[start:end] for start, end in ranges))
        return data

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            if self.carets.are_many:
                self.carets.paste(source.text())
            else:
                self.textCursor().insertText(source.text())
            self.ensureCursorVisible()

    def cut(self) -> None:
        self.copy()
        self.carets.each(lambda cursor: cursor.removeSelectedText())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_margin()
        self.find_bar.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.highlighter.color(self.firstVisibleBlock(), self.visible_lines()[1])
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        marks.paint_hidden(self, painter)
        marks.paint_folded(self, painter)
        self.carets.paint(painter)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "highlighter"):
            self.highlighter.follow_theme()
            self._mark()

    def _connect(self) -> None:
        self.blockCountChanged.connect(self._fit_margin)
        self.updateRequest.connect(self._scroll_margin)
        self.cursorPositionChanged.connect(self._moved)
        self.textChanged.connect(self._settle.start)
        self.highlighter.advanced.connect(self.viewport().update)
        self.carets.changed.connect(self._moved)
        self.statements.changed.connect(self._show_statement)
        self.statements.hidden_counted.connect(self.hidden_found)

    def _end_loading(self) -> None:
        self._loading = None
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        self.setTextCursor(cursor)
        self._settle.start()
        if len(self.script()) > _LARGE:
            self._ask_to_edit()
        self.loaded.emit()

    def _ask_to_edit(self) -> None:
        """A huge text is shown first; each change of it takes a moment."""
        self.setReadOnly(True)
        show_notice(
            self.window(),
            "This script is very large, so it is only shown. Editing it may be slow.",
            "warning",
            action=("Edit anyway", lambda: self.setReadOnly(False)),
        )

    def _read(self) -> None:
        revision = self.document().revision()
        if self._text[0] != revision or self._loading is not None:
            text = self.document().toRawText().replace("\u2029", "\n")
            self._text = (revision if self._loading is None else -1, text, Positions(text))

    def _take_font(self) -> None:
        font: QFont = mono_font(self.preferences.font_size + self._zoom)
        self.setFont(font)
        self.setTabStopDistance(self.preferences.tab_width * self.fontMetrics().horizontalAdvance(" "))

    def _fit_margin(self) -> None:
        width = self.line_numbers.sizeHint().width()
        self.setViewportMargins(width, 0, 0, 0)
        inside = self.contentsRect()
        self.line_numbers.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))

    def _scroll_margin(self, rect: QRect, by: int) -> None:
        if by:
            self.line_numbers.scroll(0, by)
        else:
            self.line_numbers.update(0, rect.y(), self.line_numbers.width(), rect.height())

    def _moved(self) -> None:
        self.line_numbers.update()
        self._mark()
        self._settle.start(_SETTLE if self.document().characterCount() < LONG else _SETTLE_LONG)
        self.caret_moved.emit(*self.caret())

    def _mark(self) -> None:
        # drawn over the placeholder, the mark of the line would make it pale
        selections = [] if self.document().isEmpty() else [marks.current_line(self.textCursor())]
        if self._statement is not None:
            selections.append(marks.statement(self._statement))
        selections += self._live
        selections += self._found
        selections += self._bracket_marks()
        selections += [marks.selected(each) for each in self.carets.others if each.hasSelection()]
        if self._error is not None:
            selections.append(marks.error(self._error))
        if self._link is not None:
            selections.append(self._link)
        self.setExtraSelections(selections)

    def _mark_settled(self) -> None:
        """Once the caret rests: find its statement and the hidden characters."""
        if self.statements.is_current:
            self._show_statement()
        else:
            self.statements.look()

    def _show_statement(self) -> None:
        """Mark the statement that would run; a selection runs as it is."""
        statement = None if self.textCursor().hasSelection() else self.statement_at_caret()
        self._statement = self.place(statement.start, statement.end) if statement is not None else None
        lines = None
        if self._statement is not None:
            document = self.document()
            first = document.findBlock(self._statement.selectionStart()).blockNumber()
            lines = first, document.findBlock(self._statement.selectionEnd()).blockNumber()
        self.line_numbers.mark(lines)
        self.line_numbers.update()
        self._mark()

    def _bracket_at_caret(self) -> tuple[int, int | None] | None:
        """The bracket beside the caret and its partner, if it has one."""
        if self.is_loading or not self.statements.is_current:
            return None
        caret = self.selection()[0]
        statement = self.statements.at(caret)
        if statement is None or len(statement.text) > _BRACKETS:
            return None
        found = brackets(statement.text, self.dialect)
        near = found.near(caret - statement.start)
        if near is None:
            return None
        partner = found.partners.get(near)
        return near + statement.start, None if partner is None else partner + statement.start

    def _bracket_marks(self) -> list[marks.Selection]:
        place = None if self.textCursor().hasSelection() else self._bracket_at_caret()
        if place is None:
            return []
        here, partner = place
        if partner is None:
            return [marks.lonely_bracket(self.place(here, here + 1))]
        return [marks.bracket(self.place(each, each + 1)) for each in (here, partner)]
