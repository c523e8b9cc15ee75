"""The snippets that all editors share: read once, written in the background."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.gui.runner import Runner
from keeperdb.query.snippets import BUILT_IN, Snippet, SnippetFile
from keeperdb.task import Task


class SnippetShelf(QObject):
    """`own` are the person's, `all` those with the built-in ones. `changed` follows every change of either."""

    changed = Signal()

    def __init__(self, path: Path, runner: Runner) -> None:
        super().__init__(runner)
        self._file = SnippetFile(path)
        self._runner = runner
        self.own: list[Snippet] = []
        self.all: list[Snippet] = sorted(BUILT_IN, key=lambda each: each.abbreviation)

    def read(self) -> None:
        """In the background, before the first window. A file that cannot be read leaves the built-in ones."""
        try:
            self.take(self._file.own())
        except StoreError:
            return

    def find(self, abbreviation: str) -> Snippet | None:
        return next((each for each in self.all if each.abbreviation == abbreviation), None)

    def take(self, own: Sequence[Snippet]) -> None:
        """Have these instead of the person's snippets, in memory."""
        self.own = sorted(own, key=lambda each: each.abbreviation)
        found = {each.abbreviation: each for each in (*BUILT_IN, *self.own)}
        self.all = sorted(found.values(), key=lambda each: each.abbreviation)
        self.changed.emit()

    def keep(self, own: Sequence[Snippet], failed: Callable[[KeeperDBError], object]) -> None:
        """Take `own` into use at once, and write them; `failed` is told where that is not possible."""
        before = list(self.own)
        self.take(own)
        wanted = list(self.own)

        def refuse(error: KeeperDBError) -> None:
            if self.own == wanted:
                self.take(before)
            failed(error)

        self._runner.start(lambda _: self._file.save(wanted), owner=self, failed=refuse)

    def read_file(
        self, path: Path, done: Callable[[list[Snippet]], object], failed: Callable[[KeeperDBError], object]
    ) -> None:
        """The snippets of a file that somebody shared."""
        self._runner.start(lambda _: SnippetFile(path).shared(), owner=self, done=done, failed=failed)

    def write_file(self, path: Path, done: Callable[[None], object], failed: Callable[[KeeperDBError], object]) -> None:
        """Write the person's snippets to a file that can be shared."""
        own = list(self.own)

        def write(_: Task) -> None:
            SnippetFile(path).save(own)

        self._runner.start(write, owner=self, done=done, failed=failed)
