"""Counts starts that did not get as far as a usable window, so that a bad session cannot stop the next start."""

import json
from pathlib import Path

from keeperdb.paths import write_atomically

_MOST_FAILED = 2  # starts in a row after which nothing is restored


class StartGuard:
    """`begin` before anything is restored, `succeeded` when the window can be used; both block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self) -> bool:
        """Count this start; say whether it must be a safe one, because the last two failed. Raises `StoreError`."""
        failed = self._failed()
        self._write(failed + 1)
        return failed >= _MOST_FAILED

    def succeeded(self) -> None:
        """This start has worked. Raises `StoreError`."""
        self._write(0)

    def _failed(self) -> int:
        try:
            return int(json.loads(self._path.read_bytes())["failed_starts"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return 0

    def _write(self, failed: int) -> None:
        write_atomically(self._path, json.dumps({"failed_starts": failed}).encode())
