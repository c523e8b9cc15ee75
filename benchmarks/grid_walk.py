"""Run in a process of its own: one engine's million rows in a real SQL tab; prints what was measured as JSON."""

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from PySide6.QtCore import QEvent, QEventLoop, QObject, QSortFilterProxyModel, Qt, QTimer
from PySide6.QtWidgets import QTableView, QWidget

from benchmarks.heartbeat import Heartbeat
from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.registry import get_engine
from keeperdb.gui.collecting import Collecting
from keeperdb.gui.main import make_qt
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import apply_theme
from keeperdb.keychain import Secret
from keeperdb.query.arranging import Filter
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.settings import Settings
from keeperdb.task import Task

ROWS = 1_000_000
_PROXY_ROWS = 100_000
_SIZE = (1600, 900)
_JUMPS = 200
_FRAME = 16  # milliseconds
_PATIENCE = 120.0  # seconds
_TEXT, _COMMENT = 2, 6  # columns


class Opener:
    """Opens sessions as a window does."""

    def __init__(self, profile: ConnectionProfile, password: str) -> None:
        self._profile = profile
        self._credential = Credential(profile.user, Secret(password))

    def open(self, task: Task) -> Session:
        engine = get_engine(self._profile.engine)
        return Session(self._profile, engine, engine.connect(self._profile, self._credential, task))

    def ask_password(self, error: Exception, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        raise error


class Paints(QObject):
    """When a widget was painted last, as a time of `time.perf_counter`."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.last = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.last = time.perf_counter()
        return False


class Walk:
    """A tab on `big`, led through what the figures are about."""

    def __init__(self, profile: ConnectionProfile, password: str, folder: Path) -> None:
        self._qt = make_qt()
        apply_theme(self._qt, "light")
        self._collecting = Collecting(self._qt)
        self._runner = Runner(self._qt)
        engine = get_engine(profile.engine)
        opener = Opener(profile, password)
        self.tab = QueryTab(self._runner, Settings(folder / "settings.json"), profile, engine, opener, "query 1")
        self.tab.resize(*_SIZE)
        self.tab.show()
        self._heart = Heartbeat()
        self.found: dict[str, float] = {}

    def run(self, query: str) -> None:
        self._run_query("SELECT 1")  # the session is open, and everything imported
        self.found["idle"] = self._stall(lambda: self._wait(0.5))
        self._first_rows(query)
        self._arrive()
        self._select_all()
        self._arrange()
        self._jump()

    def close(self) -> None:
        self.tab.close_session()
        self._runner.shutdown()
        self._collecting.stop()

    def _first_rows(self, query: str) -> None:
        delays = []
        for _ in range(5):
            batch = _FirstBatch()
            self._run_query(query)
            paints = Paints(self._view.grid.viewport())
            self._until(lambda paints=paints: paints.last > 0 and self._view.model.rowCount() > 0)
            delays.append(batch.seconds_until(paints.last))
        self.found["first rows"] = median(delays) * 1000

    def _arrive(self) -> None:
        view, frames = self._view, []
        grid = view.grid

        def paint() -> None:
            begun = time.perf_counter()
            grid.viewport().repaint()
            frames.append((time.perf_counter() - begun) * 1000)

        timer = QTimer(interval=_FRAME, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(paint)
        timer.start()
        begun = time.perf_counter()
        self._heart.restart()
        self.tab.fetching.fetch_all(view)
        self._until(lambda: view.result.is_complete and not self.tab.is_busy)
        self.found["arrival"] = self._heart.worst
        self.found["arrival seconds"] = time.perf_counter() - begun
        timer.stop()
        self.found["frame p95"] = quantiles(frames, n=20)[-1]
        self._until(lambda: view.model.rowCount() == ROWS)

    def _select_all(self) -> None:
        grid = self._view.grid

        def select() -> None:
            grid.clearSelection()
            begun = time.perf_counter()
            grid.selectAll()
            grid.viewport().repaint()
            times.append((time.perf_counter() - begun) * 1000)

        times: list[float] = []
        for _ in range(5):
            select()
        self.found["select all"] = median(times)
        grid.clearSelection()

    def _arrange(self) -> None:
        view = self._view
        self._heart.restart()
        self.found["sort"] = self._arranged(lambda: view.arranging.press(_TEXT, False))
        self.found["filter"] = self._arranged(lambda: view.arranging.filter(Filter("abc", _COMMENT)))
        self.found["filter again"] = self._filter_again()
        self.found["arranging stall"] = self._heart.worst
        self.found["filter everywhere"] = self._arranged(lambda: view.arranging.filter(Filter("abc")), 1)

    def _arranged(self, act: Callable[[], None], times: int = 5) -> float:
        """Seconds until the rows stand as they should and are painted; each time from nothing."""
        seconds = []
        for _ in range(times):
            self._view.arranging.clear()
            self._until(lambda: self._runner.is_idle)
            begun = time.perf_counter()
            act()
            self._until(lambda: not self._view.arranging.is_working)
            self._view.grid.viewport().repaint()
            seconds.append(time.perf_counter() - begun)
        self._view.arranging.clear()
        return median(seconds)

    def _filter_again(self) -> float:
        """Seconds for another letter, as one types: the column was read for the letters before."""
        view, seconds = self._view, []
        for text in ("a", "ab", "abc", "abcd", "abc", "ab"):
            begun = time.perf_counter()
            view.arranging.filter(Filter(text, _COMMENT))
            self._until(lambda: not view.arranging.is_working)
            view.grid.viewport().repaint()
            seconds.append(time.perf_counter() - begun)
        view.arranging.clear()
        return median(seconds[1:])

    def _jump(self) -> None:
        rows = "SELECT " + ", ".join(f"id + {n} AS c{n}" for n in range(20)) + " FROM big"
        self._run_query(rows)
        view = self._view
        self.tab.fetching.fetch_all(view)
        self._until(lambda: view.result.is_complete and not self.tab.is_busy and view.model.rowCount() == ROWS)
        grid = view.grid
        grid.setParent(None)
        grid.resize(*_SIZE)
        grid.show()
        for column in range(20):
            grid.setColumnWidth(column, 76)
        self._wait(0.2)
        self.found["jump"] = _jumps(grid)
        plain = QTableView()
        plain.setModel(view.model)
        plain.resize(*_SIZE)
        plain.show()
        for column in range(20):
            plain.setColumnWidth(column, 76)
        self._wait(0.2)
        self.found["plain jump"] = _jumps(plain)
        self.found["proxy sort"] = _proxy_sort(view.result)

    def _run_query(self, query: str) -> None:
        self.tab.editor.setPlainText(query)
        self.tab.run_all()
        self._until(lambda: not self.tab.is_busy and self.tab.results.current is not None)

    @property
    def _view(self) -> ResultView:
        view = self.tab.results.current
        assert view is not None
        return view

    def _stall(self, act: Callable[[], None]) -> float:
        self._heart.restart()
        act()
        return self._heart.worst

    def _wait(self, seconds: float) -> None:
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.perf_counter() + _PATIENCE
        while not is_so():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"after {list(self.found)}")
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)


class _FirstBatch:
    """When the next result has its first rows, noted on the lane."""

    def __init__(self) -> None:
        self._at = 0.0
        self._original = ResultSet._append
        batch = self

        def append(result: ResultSet, block: object) -> None:
            if not batch._at:
                batch._at = time.perf_counter()
            batch._original(result, block)  # type: ignore[arg-type]

        ResultSet._append = append  # type: ignore[method-assign]

    def seconds_until(self, moment: float) -> float:
        ResultSet._append = self._original  # type: ignore[method-assign]
        return moment - self._at


def _jumps(grid: QTableView) -> float:
    """The 95th percentile of going to a random row and painting it, in milliseconds."""
    bar, numbers, times = grid.verticalScrollBar(), random.Random(1), []
    for _ in range(_JUMPS):
        row = numbers.randrange(ROWS - 100)
        begun = time.perf_counter()
        bar.setValue(row)
        grid.viewport().repaint()
        grid.verticalHeader().viewport().repaint()
        times.append((time.perf_counter() - begun) * 1000)
    return quantiles(times, n=20)[-1]


def _proxy_sort(result: ResultSet) -> float:
    """Seconds that Qt's own proxy takes to sort the first rows by a column."""

    class Head(ResultModel):
        def rowCount(self, parent: object = None) -> int:
            return _PROXY_ROWS

    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(Head(result))
    begun = time.perf_counter()
    proxy.sort(1, Qt.SortOrder.DescendingOrder)
    return time.perf_counter() - begun


def main(place: dict[str, str], query: str) -> None:
    profile = ConnectionProfile("big", **place).with_(port=int(place.get("port", 0)))
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(profile, os.environ.get("PGPASSWORD") or os.environ.get("MYSQL_PWD") or "", Path(folder))
        try:
            walk.run(query)
        finally:
            walk.close()
    print(json.dumps(walk.found))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2])
