"""Run in a process of its own: opens a SQL file of 5 MB, scrolls, edits; prints the worst stalls as JSON."""

import json
import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.heartbeat import Heartbeat
from keeperdb.gui.editor import Editor
from keeperdb.gui.main import make_qt
from keeperdb.gui.runner import Runner

_BYTES = 5_000_000
_STATEMENT = """\
-- artists of {0}
INSERT INTO artist (id, name, formed, note)
VALUES ({0}, 'AC/DC', '1973-11-01', 'it''s loud'),
       ({0} + 1, 'Ñandú', NULL, /* nothing
       known */ $x$ text; $x$);
SELECT a.id, upper(a.name) FROM artist AS a WHERE a.id = {0} AND (a.formed IS NOT NULL OR a.note = 'x');
"""
_PATIENCE = 60.0  # seconds


class Walk:
    """One editor in a window, led through a long file."""

    def __init__(self) -> None:
        self._qt: QApplication = make_qt()
        self._runner = Runner(self._qt)
        self.editor = Editor("postgres", runner=self._runner)
        self.editor.resize(1200, 800)
        self.editor.show()
        self._heart = Heartbeat()
        self.worst: dict[str, float] = {}

    def run(self) -> None:
        text = _script()
        self._flow("idle", lambda: self._wait(0.5))
        self._flow("open a SQL file of 5 MB", lambda: self._open(text))
        self._flow("scroll through it", self._scroll)
        self._flow("type in its middle", self._type)
        self._flow("wait for its statements", self._statements)
        self._flow("scroll through it again", self._scroll)
        self._flow("find in it", self._find)
        self._flow("open a comment at its start", self._comment)
        self._runner.shutdown()

    def _open(self, text: str) -> None:
        loaded: list[bool] = []
        self.editor.loaded.connect(lambda: loaded.append(True))
        self.editor.setPlainText(text)
        self._until(lambda: bool(loaded))

    def _scroll(self) -> None:
        bar = self.editor.verticalScrollBar()
        for step in range(100):
            bar.setValue(bar.maximum() * step // 100)
            self._wait(0.01)
        for _ in range(50):
            bar.setValue(bar.value() - 3)
            self._wait(0.01)

    def _type(self) -> None:
        cursor = QTextCursor(self.editor.document().findBlockByNumber(self.editor.blockCount() // 2))
        self.editor.setTextCursor(cursor)
        for letter in "SELECT 'x';":
            QTest.keyClick(self.editor, letter)
            self._wait(0.03)

    def _statements(self) -> None:
        self._until(lambda: self.editor.statements.is_current and self.editor.highlighter.is_complete)

    def _find(self) -> None:
        bar = self.editor.find_bar
        bar.open(replaces=False)
        for letter in "artist":
            QTest.keyClick(bar.field, letter)
            self._wait(0.05)
        self._until(lambda: "found" in bar.said.text() or " of " in bar.said.text())
        for _ in range(20):
            bar.go(1)
            self._wait(0.01)
        QTest.keyClick(bar.field, Qt.Key.Key_Escape)

    def _comment(self) -> None:
        cursor = QTextCursor(self.editor.document())
        self.editor.setTextCursor(cursor)
        QTest.keyClicks(self.editor, "/*")
        self._until(lambda: self.editor.highlighter.is_complete)

    def _flow(self, name: str, walk: Callable[[], None]) -> None:
        self._heart.restart()
        walk()
        self._wait(0.1)
        self.worst[name] = self._heart.worst

    def _wait(self, seconds: float) -> None:
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.perf_counter() + _PATIENCE
        while not is_so():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"after {list(self.worst)}")
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)


def _script() -> str:
    """5 MB of statements, with comments and quotes over several lines."""
    pieces: list[str] = []
    size = number = 0
    while size < _BYTES:
        pieces.append(_STATEMENT.format(number))
        size += len(pieces[-1].encode())
        number += 1
    return "".join(pieces)


def main() -> None:
    walk = Walk()
    walk.run()
    idle = walk.worst.pop("idle")
    print(json.dumps({name: (worst, idle) for name, worst in walk.worst.items()}))


if __name__ == "__main__":
    main()
