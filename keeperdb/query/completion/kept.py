"""The names of a database kept on disk, so that completion knows them before, and without, a connection."""

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import StoreError
from keeperdb.paths import write_atomically
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.task import Task

_VERSION = 1
_LONGEST = 7 * 24 * 3600  # seconds, as lists of the catalogue are kept
_FILE = "names.json"
_ROWS_A_LINE = 250  # the JSON module keeps every other thread waiting while it reads or writes one
_PAUSE = 0.002  # seconds between two lines


class KeptNames:
    """Of one connection, in `folder`; no values and no secrets. Neither reading nor writing raises; both block."""

    def __init__(self, folder: Path, profile: ConnectionProfile) -> None:
        identity = (profile.engine, profile.host.lower(), str(profile.port or ""), profile.path)
        text = json.dumps([*identity, profile.database, profile.user])
        self._path = folder / f"n{hashlib.sha256(text.encode()).hexdigest()[:31]}" / _FILE

    def read(self, task: Task) -> NameIndex | None:
        """What was kept; the index is not whole, for tables may have been made since."""
        try:
            head, *lines = self._path.read_bytes().splitlines()
            content = json.loads(head)
            if content["version"] != _VERSION or content["at"] < time.time() - _LONGEST:
                return None
            tables = list(_tables(lines, task))
            return NameIndex(tables, [tuple(each) for each in content["defaults"]], is_whole=False)
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            return None

    def write(self, index: NameIndex, task: Task) -> None:
        """Keep the names of `index`, with pauses, in which a window can be painted."""
        lines = [json.dumps({"version": _VERSION, "at": time.time(), "defaults": index.defaults}).encode()]
        for start in range(0, len(index.tables), _ROWS_A_LINE):
            task.sleep(_PAUSE)
            rows = [[each.path, each.is_view, each.comment] for each in index.tables[start : start + _ROWS_A_LINE]]
            lines.append(json.dumps(rows, separators=(",", ":")).encode())
        with contextlib.suppress(StoreError):  # what is not kept is read from the server again
            write_atomically(self._path, b"\n".join(lines))


def _tables(lines: Sequence[bytes], task: Task) -> Iterator[TableName]:
    for line in lines:
        task.sleep(_PAUSE)
        for path, is_view, comment in json.loads(line):
            if not path or not all(isinstance(part, str) for part in (*path, comment)):
                raise TypeError
            yield TableName(tuple(path), bool(is_view), comment)
