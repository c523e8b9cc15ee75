"""One folder of the journal per running program: two at once never write the same files."""

import contextlib
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from keeperdb.errors import StoreError
from keeperdb.paths import make_private_folder
from keeperdb.workspace.journal import Journal

if TYPE_CHECKING:
    from filelock import BaseFileLock

_MOST = 32  # programs of one user at once


class JournalClaim:
    """The journal of this program, for as long as it runs; the system gives it free when the program is killed."""

    def __init__(self, root: Path) -> None:
        """Blocks. Raises `StoreError` where `root` cannot be used."""
        self.journal, self._lock = _first_free(root)
        for folder in sorted(root.iterdir()):
            if folder.is_dir() and folder != self.journal.folder:
                self._adopt(folder)

    def release(self) -> None:
        """Leave the journal to the next program."""
        self._lock.release()

    def _adopt(self, folder: Path) -> None:
        """Take over what a program that has ended left in a folder of its own."""
        lock = _try_lock(folder)
        if lock is not None:
            try:
                self.journal.adopt(Journal(folder))
            finally:
                lock.release()


def _first_free(root: Path) -> "tuple[Journal, BaseFileLock]":
    for number in itertools.islice(itertools.count(1), _MOST):
        folder = root / str(number)
        make_private_folder(folder)
        lock = _try_lock(folder)
        if lock is not None:
            return Journal(folder), lock
    raise StoreError("The journal of open tabs is in use.", "Close other windows of KeeperDB, then start it again.")


def _try_lock(folder: Path) -> "BaseFileLock | None":
    """None where another program has it."""
    import filelock  # only here: importing it takes longer than reading all of our files

    lock = filelock.FileLock(folder / "lock", timeout=0, thread_local=False)  # another thread releases it
    try:
        with contextlib.suppress(filelock.Timeout):
            lock.acquire()
            return lock
    except OSError as error:
        raise StoreError(f"{folder} could not be locked: {error.strerror}.", "Check its permissions.") from error
    return None
