"""Run in a process of its own, with HOST PORT DATABASE USER FOLDER: opens schema trees and types in their filter."""

import json
import os
import shutil
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.figures import middle
from benchmarks.heartbeat import Heartbeat
from keeperdb.connections.profile import CommitMode, ConnectionProfile, Credential
from keeperdb.engines.registry import get_engine
from keeperdb.errors import ConnectError
from keeperdb.gui.collecting import Collecting
from keeperdb.gui.main import make_qt
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.runner import Runner
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.keychain import Secret
from keeperdb.query.catalog import Catalog
from keeperdb.query.session import Session
from keeperdb.task import Task

_RUNS = 5
_TYPED = ("sales_order_line_12345", "29999", "order", "9", "nothing like it", "7_", "line_1")


class Opener:
    """How a tab opens its session; here nobody can be asked."""

    def __init__(self, profile: ConnectionProfile, credential: Credential) -> None:
        self.profile = profile
        self._credential = credential

    def open(self, task: Task) -> Session:
        engine = get_engine(self.profile.engine)
        return Session(self.profile, engine, engine.connect(self.profile, self._credential, task))

    def ask_password(self, error: ConnectError, then: object, otherwise: object) -> None:
        raise error


class Tree:
    """A tree in a window of its own, on a session that is open."""

    def __init__(self, app: QApplication, runner: Runner, opener: Opener, folder: Path) -> None:
        self._app = app
        heart = Heartbeat()
        self.window = QWidget()
        self.window.resize(360, 900)
        lane = runner.lane("session")
        session = opener.open(Task())
        self._session = QuerySession(runner, opener, CommitMode.AUTO, self.window, session=session, lane=lane)
        heart.restart()
        begun = time.perf_counter()
        self.tree = SchemaTree(
            self._session, session.engine, session.database, self.window, catalog=Catalog(folder / "catalog")
        )
        self.tree.resize(self.window.size())
        self.window.show()
        while not self._has_names():
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.tree.view.viewport().repaint()
        self.seconds = time.perf_counter() - begun
        app.processEvents()
        self.stall = heart.worst

    def keys(self) -> list[float]:
        """Milliseconds of each key of what is typed: the filter, the layout and the paint that follow."""
        field, spent = self.tree.filter, []
        for word in _TYPED:
            for end in [*range(1, len(word) + 1), 0]:
                begun = time.perf_counter()
                field.setText(word[:end])
                self.tree.apply_filter()
                self.tree.view.doItemsLayout()
                self.tree.view.viewport().repaint()
                spent.append((time.perf_counter() - begun) * 1000)
                self._app.processEvents()
        return spent

    def wait_until_kept(self, folder: Path) -> None:
        """Until what the server told is on the disk."""
        while not any(folder.glob("catalog/*/*.json")):
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.01)

    def close(self) -> None:
        self._session.close()
        self.window.close()

    def _has_names(self) -> bool:
        """Whether the heading of the tables has more below it than a word that they are loading."""
        item = self.tree.model.root
        while item.nodes:
            if len(item.nodes) > 1_000:
                return True
            opened = [child for _, child in item.opened if child.nodes]
            if not opened:
                return False
            item = opened[0]
        return False


def main() -> None:
    host, port, database, user, folder = sys.argv[1:]
    credential = Credential(user, Secret(os.environ["PGPASSWORD"]))
    opener = Opener(ConnectionProfile("Many", "postgresql", host=host, port=int(port), database=database), credential)
    app = make_qt()
    collecting = Collecting(app)
    runner = Runner(app)
    first: list[float] = []
    kept: list[float] = []
    keys: list[float] = []
    stalls: list[float] = []
    Tree(app, runner, opener, Path(folder)).close()  # imports and caches of the process
    for _ in range(_RUNS):
        shutil.rmtree(Path(folder) / "catalog", ignore_errors=True)
        for times in (first, kept):
            tree = Tree(app, runner, opener, Path(folder))
            times.append(tree.seconds)
            stalls.append(tree.stall)
            tree.wait_until_kept(Path(folder))
            keys += tree.keys() if times is kept else []
            tree.close()
    runner.shutdown(20)
    collecting.stop()
    keys.sort()
    found = {"first": middle(first), "kept": middle(kept), "filter": keys[int(len(keys) * 0.95)]}
    print(json.dumps(found | {"stall": middle(stalls)}))


if __name__ == "__main__":
    main()
