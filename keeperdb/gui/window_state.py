"""Where the main window was and how it was divided, kept in a small file that is read and written in the background."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from keeperdb.paths import write_atomically


@dataclass(frozen=True, slots=True)
class WindowState:
    """`geometry` is Qt's own form, in base64; the sizes are pixels of the parts of a splitter."""

    geometry: str = ""
    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "WindowState":
        """The state in `path`; an empty one if there is none, or it cannot be used. Blocks."""
        try:
            values = json.loads(path.read_bytes())
            base64.b64decode(values["geometry"], validate=True)
            return cls(str(values["geometry"]), _sizes(values, "columns"), _sizes(values, "rows"))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        """Keep it in `path`. Blocks. Raises `StoreError`."""
        write_atomically(path, json.dumps(asdict(self)).encode())


def _sizes(values: Mapping[str, object], name: str) -> tuple[int, ...]:
    sizes = values[name]
    if not isinstance(sizes, list):
        raise TypeError(name)
    return tuple(int(size) for size in sizes)
