"""What was listed of databases, kept on disk: one small file per list, each with the stamp it was valid at."""

import contextlib
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import StoreError
from keeperdb.paths import write_atomically
from keeperdb.task import Task

_VERSION = 1
_MOST_BYTES = 64 * 1024 * 1024  # of the whole folder; 30,000 tables are 3 MB
_LONGEST = 7 * 24 * 3600  # seconds a list is kept: names of a server should not outlive their use here for long
_NAME_CHARACTERS = 32
_PAUSE = 0.002  # seconds between two lines
_ROWS_A_LINE = 250  # the JSON module keeps every other thread waiting while it reads or writes one


@dataclass(frozen=True, slots=True)
class CachedList:
    """The nodes below one node, as they were at `stamp`; `has_details` if `DriverConnection.details` is in them."""

    stamp: str
    nodes: list[Node]
    has_details: bool = False


class CatalogCache:
    """Lists of one server, database and user in `folder`. Holds names, comments and estimates; no values, no secrets.

    Reading never raises: a file that is missing, damaged or of another version is no list. Neither does writing.
    """

    def __init__(self, folder: Path, identity: Sequence[str]) -> None:
        """`identity` says whose lists these are: engine, address, database, user. Only its hash is stored."""
        self._root = folder
        self._folder = folder / _hash(identity)

    def read(self, node: Node | None) -> CachedList | None:
        """The list below `node`, or None."""
        try:
            head, *lines = self._path(node).read_bytes().splitlines()
            content = json.loads(head)
            if content["version"] != _VERSION or content["at"] < time.time() - _LONGEST:
                return None
            path = node.path if node is not None else ()
            nodes = [_decode(row, path) for line in lines for row in json.loads(line)]
            if len(nodes) != content["count"]:
                return None
            return CachedList(content["stamp"], nodes, content["has_details"])
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None

    def write(self, node: Node | None, found: CachedList, task: Task) -> None:
        """Keep the list below `node`; with pauses, in which a window can be painted."""
        path = node.path if node is not None else ()
        head = {
            "version": _VERSION,
            "at": time.time(),
            "stamp": found.stamp,
            "has_details": found.has_details,
            "count": len(found.nodes),
        }
        lines = [_line(head)]
        for start in range(0, len(found.nodes), _ROWS_A_LINE):
            task.sleep(_PAUSE)
            lines.append(_line([_encode(each, path) for each in found.nodes[start : start + _ROWS_A_LINE]]))
        with contextlib.suppress(StoreError):  # what is not kept is asked for again
            write_atomically(self._path(node), b"\n".join(lines))
            _prune(self._root)

    def forget(self, node: Node | None) -> None:
        """Remove the list below `node`."""
        with contextlib.suppress(OSError):
            self._path(node).unlink(missing_ok=True)

    def _path(self, node: Node | None) -> Path:
        parts = () if node is None else (node.kind.value, node.name, *node.path)
        return self._folder / f"{_hash(parts)}.json"


def _hash(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:_NAME_CHARACTERS]


def _line(content: object) -> bytes:
    """On one line: JSON writes line breaks in texts as escapes."""
    return json.dumps(content, separators=(",", ":")).encode()


def _encode(node: Node, path: tuple[str, ...]) -> list[Any]:
    """A node as a row; its path only where it is not its parent's with its own name."""
    own = None if node.path == (*path, node.name) else list(node.path)
    row = [node.kind.value, node.name, node.detail, node.has_children, node.is_system, node.comment]
    return [*row, node.row_estimate, node.size_bytes, own]


def _decode(row: list[Any], path: tuple[str, ...]) -> Node:
    """Raises `ValueError`, `TypeError` or `IndexError` for what is no row of ours."""
    kind, name, detail, has_children, is_system, comment, rows, size, own = row
    if not (isinstance(name, str) and isinstance(detail, str) and isinstance(comment, str)):
        raise TypeError
    whole = (*path, name) if own is None else tuple(own)
    return Node(_KINDS[kind], name, whole, detail, has_children, is_system, comment, rows, size)


def _prune(root: Path) -> None:
    """Remove lists that are too old, then the oldest until the folder is small enough."""
    files = []
    for path in root.glob("*/*"):
        with contextlib.suppress(OSError):
            found = path.stat()
            files.append((found.st_mtime, found.st_size, path))
    kept, oldest = 0, time.time() - _LONGEST
    for changed, size, path in sorted(files, key=lambda each: each[0], reverse=True):
        kept += size
        if kept > _MOST_BYTES or changed < oldest:
            with contextlib.suppress(OSError):
                path.unlink()
                path.parent.rmdir()  # which fails while something else is in it


_KINDS = {kind.value: kind for kind in NodeKind}
