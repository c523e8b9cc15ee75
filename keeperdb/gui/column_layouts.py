"""How the columns of results were last arranged, remembered by the shape of the query: its column names and types."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from keeperdb.engines.blocks import Column
from keeperdb.errors import KeeperDBError
from keeperdb.gui.runner import Runner
from keeperdb.paths import write_atomically

_MOST_SHAPES = 400
_MOST_BYTES = 4 * 1024 * 1024  # of the file: more was not written by us
_PAUSE = 400  # milliseconds without a change, so that a drag is written once
_WIDEST = 4_000  # pixels


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """Columns by their numbers: `order` as shown (empty: as they came), widths in pixels where a person set them."""

    order: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    pinned: tuple[int, ...] = ()
    widths: tuple[tuple[int, int], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.order or self.hidden or self.pinned or self.widths)


def shape_of(columns: Sequence[Column]) -> str:
    """What results of the same query have in common. A hash: names of columns are not written to the file."""
    shape = json.dumps([[column.name, column.type_name] for column in columns]).encode()
    return hashlib.sha256(shape).hexdigest()[:24]


class ColumnLayouts(QObject):
    """Keeps layouts in `path`, the latest shapes only; None keeps them as long as the program runs."""

    def __init__(self, runner: Runner, path: Path | None = None) -> None:
        super().__init__(runner)
        self._runner = runner
        self._path = path
        self._lock = threading.Lock()
        self._layouts: OrderedDict[str, ColumnLayout] = OrderedDict()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self.flush)

    def read(self) -> None:
        """Read the file; what cannot be used in it is as if it were not there. Blocks."""
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
            values = json.loads(content) if len(content) <= _MOST_BYTES else {}
            self._layouts = OrderedDict((str(shape), _layout(value)) for shape, value in values.items())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._layouts = OrderedDict()

    def of(self, columns: Sequence[Column]) -> ColumnLayout:
        """The layout of results of that shape, as far as it fits them."""
        found = self._layouts.get(shape_of(columns), ColumnLayout())
        return found if _fits(found, len(columns)) else ColumnLayout()

    def keep(self, columns: Sequence[Column], layout: ColumnLayout) -> None:
        """Remember a layout; it is written after a short pause, in the background."""
        shape = shape_of(columns)
        self._layouts.pop(shape, None)
        if not layout.is_empty:
            self._layouts[shape] = layout
        while len(self._layouts) > _MOST_SHAPES:
            self._layouts.popitem(last=False)
        self._timer.start()

    def flush(self) -> None:
        """Write now, in the background."""
        self._timer.stop()
        path = self._path
        if path is not None:
            values = {shape: asdict(layout) for shape, layout in self._layouts.items()}
            self._runner.start(lambda _: self._write(path, values), owner=self, failed=_ignore)

    def _write(self, path: Path, values: dict[str, dict[str, object]]) -> None:
        with self._lock:
            write_atomically(path, json.dumps(values).encode())


def _layout(value: dict[str, object]) -> ColumnLayout:
    """Raises `KeyError` or `TypeError` for what is none."""
    parts = {name: value[name] for name in ("order", "hidden", "pinned", "widths")}
    numbers = {name: tuple(int(each) for each in part) for name, part in parts.items() if name != "widths"}  # type: ignore[attr-defined]
    pairs = tuple((int(column), min(int(width), _WIDEST)) for column, width in parts["widths"])  # type: ignore[attr-defined]
    return ColumnLayout(**numbers, widths=pairs)


def _fits(layout: ColumnLayout, count: int) -> bool:
    named = [*layout.order, *layout.hidden, *layout.pinned, *(column for column, _ in layout.widths)]
    is_whole = not layout.order or sorted(layout.order) == list(range(count))
    return is_whole and all(0 <= column < count for column in named) and len(set(layout.hidden)) < max(count, 1)


def _ignore(_: KeeperDBError) -> None:
    """Columns that could not be remembered are shown as they come the next time."""
