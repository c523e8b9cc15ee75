"""The SQL editor: plain text with line numbers, highlighting, the statement at the caret and error places marked."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from keeperdb.gui import editor_commands as commands
from keeperdb.gui import editor_marks as marks
from keeperdb.gui.highlighter import Highlighter
from keeperdb.gui.line_numbers import LineNumbers
from keeperdb.gui.runner import Runner
from keeperdb.gui.text_position import matching_bracket, to_characters, to_units
from keeperdb.gui.theme import mono_font
from keeperdb.query.statements import Statement, choose, split
from keeperdb.settings import Settings

_SETTLE = 60  # milliseconds after the last key until the statement is looked for
_SHORT = 4_000  # characters that are split into statements at once; longer texts are split in the background
_LONG = 1_000_000  # characters; in longer texts neither the statement at the caret nor brackets are marked


@dataclass(frozen=True, slots=True)
class EditorPreferences:
    """How the editor looks and what its Tab key does; `font_size` is in pixels, `tab_width` in columns."""

    font_size: int = 13
    tab_width: int = 4
    indent_with_spaces: bool = True
    word_wrap: bool = False
    line_numbers: bool = True

    @classmethod
    def from_settings(cls, settings: Settings) -> "EditorPreferences":
        return cls(
            settings.number("editor.font_size"),
            settings.number("editor.tab_width"),
            settings.is_on("editor.indent_with_spaces"),
            settings.is_on("editor.word_wrap"),
            settings.is_on("editor.line_numbers"),
        )


class Editor(QPlainTextEdit):
    """Edits a script in `dialect` (sqlglot's name). Positions in its methods count characters, not Qt's units."""

    hidden_found = Signal(int)  # how many hidden characters the text has

    def __init__(
        self,
        dialect: str = "",
        preferences: EditorPreferences | None = None,
        parent: QWidget | None = None,
        runner: Runner | None = None,
    ) -> None:
        """Without a `runner`, the statement at the caret is marked in short texts only."""
        super().__init__(parent)
        self.dialect = dialect
        self.preferences = preferences or EditorPreferences()
        self.setAccessibleName("SQL editor")
        self.setProperty("role", "pane")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setPlaceholderText("Write SQL here. Ctrl+Enter runs the statement at the caret.")
        self.highlighter = Highlighter(self.document(), dialect)
        self.line_numbers = LineNumbers(self)
        self._runner = runner
        self._text: tuple[int, str] = (-1, "")
        self._statements: tuple[int, list[Statement]] = (-1, [])  # of which revision
        self._splitting = -1  # the revision that is being split in the background
        self._error: QTextCursor | None = None
        self._statement: QTextCursor | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE)
        self._settle.timeout.connect(self._mark_settled)
        self._connect()
        self._add_actions()
        self.set_preferences(self.preferences)

    def set_preferences(self, preferences: EditorPreferences) -> None:
        """Take font, tabs, wrapping and margin as the person set them."""
        self.preferences = preferences
        self.setFont(mono_font(preferences.font_size))
        self.setTabStopDistance(preferences.tab_width * self.fontMetrics().horizontalAdvance(" "))
        wrap = (
            QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if preferences.word_wrap else QTextOption.WrapMode.NoWrap
        )
        self.setWordWrapMode(wrap)
        self.line_numbers.shows_numbers = preferences.line_numbers
        self._fit_margin()

    def script(self) -> str:
        """The whole text exactly as typed, lines ended by a line feed."""
        revision = self.document().revision()
        if self._text[0] != revision:
            self._text = (revision, self.document().toRawText().replace("\u2029", "\n"))
        return self._text[1]

    def selection(self) -> tuple[int, int]:
        """Start and end of the selection; the caret twice when nothing is selected."""
        cursor, text = self.textCursor(), self.script()
        return to_characters(text, cursor.selectionStart()), to_characters(text, cursor.selectionEnd())

    def place(self, start: int, end: int) -> QTextCursor:
        """A cursor over a range; it follows the text as that is edited."""
        cursor, text = QTextCursor(self.document()), self.script()
        cursor.setPosition(min(to_units(text, start), self.document().characterCount() - 1))
        last = min(to_units(text, end), self.document().characterCount() - 1)
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def mark_error(self, place: QTextCursor) -> None:
        """Underline a range, and go there."""
        self._error = place
        caret = QTextCursor(place)
        caret.setPosition(place.selectionStart())
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

    def range_of(self, place: QTextCursor) -> tuple[int, int]:
        """Where a place made by `place` is now."""
        text = self.script()
        return to_characters(text, place.selectionStart()), to_characters(text, place.selectionEnd())

    def toggle_comment(self) -> None:
        commands.toggle_comment(self.textCursor())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = self._command(event)
        if command is None:
            super().keyPressEvent(event)
        else:
            command(self.textCursor(), self._indent())
            self.ensureCursorVisible()
            event.accept()

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy the characters as they are: Qt would turn no-break spaces into spaces."""
        start, end = self.selection()
        data = QMimeData()
        data.setText(self.script()[start:end])
        return data

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.textCursor().insertText(source.text())
            self.ensureCursorVisible()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_margin()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        marks.paint_hidden(self, painter)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "highlighter"):
            self.highlighter.follow_theme()  # the colours may be the same; they are applied bit by bit
            self._mark()

    def _connect(self) -> None:
        self.blockCountChanged.connect(self._fit_margin)
        self.updateRequest.connect(self._scroll_margin)
        self.cursorPositionChanged.connect(self._moved)
        self.textChanged.connect(self._settle.start)

    def _add_actions(self) -> None:
        action = QAction("Toggle comment", self)
        action.setShortcut(QKeySequence("Ctrl+/"))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(self.toggle_comment)
        self.addAction(action)

    def _indent(self) -> str:
        return " " * self.preferences.tab_width if self.preferences.indent_with_spaces else "\t"

    def _command(self, event: QKeyEvent) -> Callable[[QTextCursor, str], None] | None:
        """What a key does here other than in any text."""
        key, plain = (
            event.key(),
            event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier),
        )
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            return commands.insert_line
        if key == Qt.Key.Key_Backtab:
            return commands.outdent_lines
        if key == Qt.Key.Key_Tab and plain:
            return commands.indent_lines if self._has_lines_selected() else commands.insert_indent
        return None

    def _has_lines_selected(self) -> bool:
        cursor = self.textCursor()
        document = self.document()
        return cursor.hasSelection() and (
            document.findBlock(cursor.selectionStart()) != document.findBlock(cursor.selectionEnd())
        )

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
        self._settle.start()

    def _mark(self) -> None:
        selections = [marks.current_line(self.textCursor())]
        if self._statement is not None:
            selections.append(marks.statement(self._statement))
        selections += [marks.bracket(cursor) for cursor in self._brackets()]
        if self._error is not None:
            selections.append(marks.error(self._error))
        self.setExtraSelections(selections)

    def _mark_settled(self) -> None:
        """Once the caret rests: find its statement and the hidden characters."""
        text = self.script()
        self._statement = self._find_statement(text)
        lines = None
        if self._statement is not None:
            document = self.document()
            first = document.findBlock(self._statement.selectionStart()).blockNumber()
            lines = first, document.findBlock(self._statement.selectionEnd()).blockNumber()
        self.line_numbers.mark(lines)
        self._mark()
        self.hidden_found.emit(0 if text.isascii() else len(marks.HIDDEN.findall(text)))

    def _find_statement(self, text: str) -> QTextCursor | None:
        if len(text) > _LONG or self.textCursor().hasSelection() or not self._has_statements(text):
            return None
        found = choose(self._statements[1], text, self.selection()[0])
        return self.place(found.start, found.end) if found is not None else None

    def _has_statements(self, text: str) -> bool:
        """Whether the text as it is now is split; if not, and it is long, that is begun in the background."""
        revision, dialect = self.document().revision(), self.dialect
        if self._statements[0] == revision:
            return True
        if len(text) <= _SHORT:
            self._statements = (revision, split(text, dialect))
            return True
        if self._runner is not None and self._splitting < 0:
            self._splitting = revision
            self._runner.start(lambda _: split(text, dialect), owner=self, done=self._take_statements)
        return False

    def _take_statements(self, statements: list[Statement]) -> None:
        self._statements, self._splitting = (self._splitting, statements), -1
        self._settle.start()

    def _brackets(self) -> list[QTextCursor]:
        if self.document().characterCount() > _LONG or self.textCursor().hasSelection():
            return []
        text, caret = self.script(), self.selection()[0]
        for position in (caret, caret - 1):
            partner = matching_bracket(text, position)
            if partner is not None:
                return [self.place(each, each + 1) for each in (position, partner)]
        return []
