"""Where each kind of window was and how it was divided: one small file, read and written in the background."""

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize
from PySide6.QtWidgets import QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.runner import Runner
from keeperdb.paths import write_atomically

Sizes = Mapping[str, tuple[int, ...]]

_FRAME = QSize(16, 48)  # what a window manager puts around a window, roughly


@dataclass(frozen=True, slots=True)
class Place:
    """`geometry` and `layout` (of panels) are Qt's own form; `sizes` are pixels of splitters' parts, by their names."""

    geometry: bytes = b""
    sizes: Sizes = field(default_factory=dict)
    layout: bytes = b""


class WindowPlaces(QObject):
    """Knows the place of each kind of window by a name, and keeps it when the window goes away."""

    def __init__(self, path: Path, runner: Runner) -> None:
        super().__init__(runner)
        self._path = path
        self._runner = runner
        self._lock = threading.Lock()
        self._places: dict[str, Place] = {}
        self._followed: dict[QObject, tuple[str, Callable[[], Sizes], Callable[[], bytes]]] = {}

    def read(self) -> None:
        """Read the file; what cannot be used in it is as if it were not there. Blocks."""
        try:
            values = json.loads(self._path.read_bytes())
            self._places = {str(name): _place(value) for name, value in values.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._places = {}

    def of(self, name: str) -> Place:
        return self._places.get(name, Place())

    def keep_sizes(self, name: str, sizes: Sizes) -> None:
        """Keep how something was divided that is no window and has no other place."""
        if self.of(name).sizes != sizes:
            self._places[name] = Place(sizes=sizes)
            self._runner.start(lambda _: self._write(), owner=self, failed=_ignore)

    def follow(
        self, name: str, window: QWidget, sizes: Callable[[], Sizes] = dict, layout: Callable[[], bytes] = bytes
    ) -> None:
        """Put `window` where the last of its kind was, inside the screen, and keep its place when it is hidden."""
        geometry = self.of(name).geometry
        if not geometry or not window.restoreGeometry(QByteArray(geometry)):
            window.resize(window.size().boundedTo(window.screen().availableSize() - _FRAME))
        self._followed[window] = (name, sizes, layout)
        window.installEventFilter(self)
        window.destroyed.connect(self._forget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide and watched in self._followed and isinstance(watched, QWidget):
            name, sizes, layout = self._followed[watched]
            self._places[name] = Place(bytes(watched.saveGeometry().data()), sizes(), layout())
            self._runner.start(lambda _: self._write(), owner=self, failed=_ignore)
        return False

    def _forget(self, window: QObject) -> None:
        self._followed.pop(window, None)

    def _write(self) -> None:
        """One at a time, each with all that is known by then. Raises `StoreError`."""
        with self._lock:
            values = {
                name: {
                    "geometry": _in_text(place.geometry),
                    "sizes": dict(place.sizes),
                    "layout": _in_text(place.layout),
                }
                for name, place in self._places.items()
            }
            write_atomically(self._path, json.dumps(values).encode())


def _place(value: Mapping[str, object]) -> Place:
    sizes = value["sizes"]
    if not isinstance(sizes, dict):
        raise TypeError("sizes")
    geometry = base64.b64decode(str(value["geometry"]), validate=True)
    layout = base64.b64decode(str(value.get("layout", "")), validate=True)
    return Place(geometry, {str(name): tuple(int(size) for size in parts) for name, parts in sizes.items()}, layout)


def _in_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _ignore(_: KeeperDBError) -> None:
    """A window that could not keep its place opens at the default one."""
