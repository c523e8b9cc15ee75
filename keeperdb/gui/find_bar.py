"""The bar over the editor that finds and replaces; the search runs in the background, whatever the pattern."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from keeperdb.errors import KeeperDBError, QueryError
from keeperdb.gui.editor_commands import KEEP
from keeperdb.gui.editor_loading import LONG
from keeperdb.gui.editor_search import Places, Wanted, find_all, replaced
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.runner import Lane
from keeperdb.gui.theme import font
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_PAUSE = 150  # milliseconds without a key until the search begins
_PATIENCE = 4_000  # milliseconds until a search is given up
_MARKED = 500  # places on the screen that are marked
_ESCAPE = (QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape)
_TOO_LONG = "Takes too long: make the expression simpler"


class FindBar(QFrame):
    """Stands over the top right corner of `editor`."""

    def __init__(self, editor: "Editor") -> None:
        super().__init__(editor)
        self._editor = editor
        self._places: Places | None = None  # None while they are looked for
        self._searched: tuple[int, Wanted, str | None] | None = None  # of which revision `_places` are
        self._limits: QTextCursor | None = None  # the selection to search in
        self._task: Task | None = None
        self._lane: Lane | None = None
        self._then: Callable[[], object] | None = None  # once the places are known
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._search)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._patience.timeout.connect(self._give_up)
        self.field = _field("Find", "Text to find")
        self.replacement = _field("Replace with", "Text to write instead")
        self.case = _toggle("Aa", "Match case")
        self.word = _toggle("W", "Whole words only")
        self.pattern = _toggle(".*", "Regular expression; groups are $1, $2 … in the replacement")
        self.inside = _toggle("In selection", "Search in what is selected now")
        self.said = plain_label(role="muted")
        self.said.setAccessibleName("Search result")
        self.replace_one = QPushButton("Replace")
        self.replace_every = QPushButton("Replace all")
        self._lay_out()
        self._connect()
        self.hide()

    def open(self, *, replaces: bool) -> None:
        """Show the bar, with the selected text in its field if that is one line."""
        selected = self._editor.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.field.setText(selected)
        for widget in (self.replacement, self.replace_one, self.replace_every):
            widget.setVisible(replaces)
        self.show()
        self.adjustSize()
        self.place()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()
        self._search()

    def close_bar(self) -> None:
        """Hide the bar and the marks; what was found last can still be gone to."""
        self._stop()
        self.hide()
        self.inside.setChecked(False)
        self._editor.mark_found([], None)
        self._editor.setFocus()

    def go(self, step: int) -> None:
        """Select the next place (`step` is 1) or the one before (-1), round the ends of the text."""
        if not self.field.text():
            self.open(replaces=False)
        else:
            self._with_places(lambda: self._go(step))

    def place(self) -> None:
        """Stand in the corner of the editor as it is now."""
        inside = self._editor.viewport().geometry()
        self.setMaximumWidth(max(240, inside.width() - 8))
        self.adjustSize()
        self.move(max(0, inside.right() - self.width() - 8), inside.top() + 4)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and (event.type(), event.key()) == _ESCAPE:
            event.accept()  # else it would be the shortcut that stops what runs
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes; no other key reaches the editor behind."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        event.accept()

    def _go(self, step: int) -> None:
        places, cursor = self._places, self._editor.textCursor()
        if places is None or not places:
            return
        if step > 0:
            index = places.index_from(cursor.selectionEnd() if cursor.hasSelection() else cursor.position())
        else:
            index = places.index_from(cursor.selectionStart()) - 1
        self._select(index % len(places))

    def _select(self, index: int) -> None:
        if self._places is None:
            return
        cursor = self._cursor(index)
        self._editor.carets.clear()
        self._editor.setTextCursor(cursor)
        if self.isVisible() and self._editor.cursorRect().top() < self.geometry().bottom():
            self._editor.centerCursor()
        self._show()

    def _replace(self) -> None:
        """Replace the place that is selected and go to the next; if none is selected, only go there."""
        places, cursor = self._places, self._editor.textCursor()
        if places is None or places.replacements is None or not places:
            return
        index = places.index_from(cursor.selectionStart())
        is_at = index < len(places) and (places.starts[index], places.ends[index]) == (
            cursor.selectionStart(),
            cursor.selectionEnd(),
        )
        if is_at:
            cursor.insertText(places.replacements[index])
            self._editor.setTextCursor(cursor)
            self._then = lambda: self._go(1)
            self._search()
        else:
            self._go(1)

    def _replace_all(self) -> None:
        places = self._places
        if places is None or places.replacements is None or not places:
            return
        text = self._editor.place_text(places.starts[0], places.ends[-1])
        revision, runner = self._editor.document().revision(), self._editor.runner
        if runner is None or len(text) < LONG:
            self._write(revision, places, replaced(text, places))
        else:
            runner.start(
                lambda _task: replaced(text, places),
                owner=self,
                done=lambda new: self._write(revision, places, new),
            )

    def _write(self, revision: int, places: Places, new: str) -> None:
        """Put the text in which all places are replaced where they are, unless the script was changed meanwhile."""
        if revision != self._editor.document().revision():
            self._search()
            return
        cursor = QTextCursor(self._editor.document())
        cursor.setPosition(places.starts[0])
        cursor.setPosition(places.ends[-1], KEEP)
        cursor.insertText(new)
        self._then = lambda: self.said.setText(f"Replaced {len(places):,}")
        self._search()

    def _with_places(self, act: Callable[[], object]) -> None:
        """Do something once the places in the text as it is now are known."""
        if self._places is not None and self._searched == self._key():
            act()
        else:
            self._then = act
            self._search()

    def _key(self) -> tuple[int, Wanted, str | None]:
        limits = (0, -1) if self._limits is None else (self._limits.selectionStart(), self._limits.selectionEnd())
        wanted = Wanted(
            self.field.text(), self.pattern.isChecked(), self.case.isChecked(), self.word.isChecked(), *limits
        )
        replacement = self.replacement.text() if not self.replacement.isHidden() else None
        return self._editor.document().revision(), wanted, replacement

    def _search(self) -> None:
        self._stop()
        self._places = None
        self._searched = key = self._key()
        if not key[1].text or self._editor.is_loading:
            self._take(key, Places([], []))
            return
        text, runner = self._editor.script(), self._editor.runner
        if runner is None:
            try:
                self._take(key, find_all(text, key[1], Task(), key[2]))
            except QueryError as error:
                self._fail(key, error)
            return
        self._lane = self._lane or runner.lane("search")
        self._patience.start()
        self._task = runner.start(
            lambda task: find_all(text, key[1], task, key[2]),
            owner=self,
            done=lambda places: self._take(key, places),
            failed=lambda error: self._fail(key, error),
            lane=self._lane,
        )

    def _take(self, key: tuple[int, Wanted, str | None], places: Places) -> None:
        if key != self._searched:
            return
        self._patience.stop()
        self._places, then, self._then = places, self._then, None
        self._show()
        if then is not None and key[0] == self._editor.document().revision():
            then()

    def _fail(self, key: tuple[int, Wanted, str | None], error: KeeperDBError) -> None:
        if key == self._searched:
            self._patience.stop()
            self._places, self._then = Places([], []), None
            self._show()
            self._say(error.message, is_wrong=True)

    def _give_up(self) -> None:
        """The search of a pattern that never ends goes on in its own thread, where it is in nobody's way."""
        if self._lane is not None:
            self._lane.close()
            self._lane = None
        key, self._task = self._searched, None
        if key is not None:
            self._fail(key, QueryError(_TOO_LONG))
        self._searched = None  # what it finds in the end is not waited for

    def _stop(self) -> None:
        self._timer.stop()
        self._patience.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _show(self) -> None:
        """Mark the places on the screen, and say how many there are."""
        places = self._places
        if places is None or not self.isVisible():
            return
        cursor = self._editor.textCursor()
        index = places.index_from(cursor.selectionStart())
        is_at = index < len(places) and (places.starts[index], places.ends[index]) == (
            cursor.selectionStart(),
            cursor.selectionEnd(),
        )
        self._editor.mark_found(self._on_screen(places), self._cursor(index) if is_at else None)
        more = "+" if places.is_cut else ""
        if not self.field.text():
            self._say("")
        elif not places:
            self._say("No results", is_wrong=True)
        else:
            self._say(f"{index + 1:,} of {len(places):,}{more}" if is_at else f"{len(places):,}{more} found")

    def _on_screen(self, places: Places) -> list[QTextCursor]:
        document = self._editor.document()
        first, last = self._editor.visible_lines()
        end = document.findBlockByNumber(last)
        begin = places.index_from(document.findBlockByNumber(first).position() - 1)
        stop = places.index_from(end.position() + end.length())
        return [self._cursor(index) for index in range(max(0, begin - 1), min(stop, begin + _MARKED))]

    def _cursor(self, index: int) -> QTextCursor:
        cursor = QTextCursor(self._editor.document())
        if self._places is not None:
            most = self._editor.document().characterCount() - 1
            cursor.setPosition(min(most, self._places.starts[index]))
            cursor.setPosition(min(most, self._places.ends[index]), KEEP)
        return cursor

    def _say(self, words: str, *, is_wrong: bool = False) -> None:
        self.said.setText(words)
        self.said.setToolTip(words)
        role = "danger" if is_wrong else "muted"
        if self.said.property("role") != role:
            self.said.setProperty("role", role)
            self.said.style().polish(self.said)
        self.place()

    def _limit(self, is_limited: bool) -> None:
        cursor = self._editor.textCursor()
        self._limits = cursor if is_limited and cursor.hasSelection() else None
        if is_limited and self._limits is None:
            self.inside.setChecked(False)
        self._search()

    def _changed(self) -> None:
        if self.isVisible():
            self._places = None
            self._timer.start()

    def _connect(self) -> None:
        for field in (self.field, self.replacement):
            field.textChanged.connect(lambda _: self._timer.start())
        for button in (self.case, self.word, self.pattern):
            button.toggled.connect(lambda _: self._search())
        self.inside.toggled.connect(self._limit)
        self.field.installEventFilter(self)
        self.replacement.installEventFilter(self)
        self.replace_one.clicked.connect(lambda: self._with_places(self._replace))
        self.replace_every.clicked.connect(lambda: self._with_places(self._replace_all))
        self._editor.textChanged.connect(self._changed)
        self._editor.verticalScrollBar().valueChanged.connect(lambda _: self._show())
        self._editor.loaded.connect(self._changed)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter goes on from the fields: to the next place, with Shift to the one before, or replaces."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        if watched is self.replacement:
            self._with_places(self._replace)
        else:
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        return True

    def _lay_out(self) -> None:
        self.setFont(font())  # not the editor's
        self.setProperty("role", "card")
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setAccessibleName("Find and replace")
        self.said.setMinimumWidth(90)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.case, self.word, self.pattern, self.inside):
            buttons.addWidget(button)
        buttons.addWidget(self.said)
        for icon, words, act in (
            ("chevron-up", "Previous place (Shift+Enter)", lambda: self.go(-1)),
            ("chevron-down", "Next place (Enter)", lambda: self.go(1)),
            ("close", "Close (Esc)", self.close_bar),
        ):
            buttons.addWidget(_button(icon, words, act))
        replacing = QHBoxLayout()
        replacing.setSpacing(4)
        replacing.addWidget(self.replace_one)
        replacing.addWidget(self.replace_every)
        replacing.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.field, 0, 0)
        grid.addLayout(buttons, 0, 1)
        grid.addWidget(self.replacement, 1, 0)
        grid.addLayout(replacing, 1, 1)
        QWidget.setTabOrder(self.field, self.replacement)


def _field(words: str, name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(words)
    field.setAccessibleName(name)
    field.setMinimumWidth(200)
    return field


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setCheckable(True)
    return button


def _button(icon: str, tip: str, act: Callable[[], object]) -> QToolButton:
    button = QToolButton()
    set_icon(button, icon, "muted")
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    button.clicked.connect(lambda _checked: act())
    return button
