"""One window program for each home: the first start serves, a later one hands over what it was asked to open."""

import json
import os
import re
import stat
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from keeperdb.connections.link import is_link
from keeperdb.errors import SettingsError, StoreError, UnsupportedError
from keeperdb.paths import Paths, make_private_folder

MOST_BYTES = 64_000  # of one message
ACCEPTED = b'{"ok": true}\n'
_VERSION = 1
_MOST_ENTRIES = 100  # of each kind
_LONGEST = 4_096  # characters of one entry
_LONGEST_PATH = 80  # bytes; sun_path has 108 on Linux and 104 on macOS, and Qt puts a folder in between
_WAIT_SECONDS = 5.0
_LOOK_AGAIN = 0.03  # seconds
_TOKEN = re.compile(r"[\x21-\x7e]{0,200}")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Request:
    """What a start was asked to open: absolute paths, `keeperdb:` links, names of connections.

    `token` lets the window that is there come to the front: xdg-activation's, or the startup id of X11.
    """

    files: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    token: str = ""

    @classmethod
    def of(
        cls, words: Iterable[str], names: Iterable[str] = (), environment: Mapping[str, str] = os.environ
    ) -> "Request":
        """From words of a command line: links, `file:` addresses and paths. Raises `SettingsError`."""
        words = list(words)
        links = tuple(word for word in words if is_link(word))
        files = tuple(_path_of(word) for word in words if not is_link(word))
        token = environment.get("XDG_ACTIVATION_TOKEN") or environment.get("DESKTOP_STARTUP_ID") or ""
        return cls(files, links, tuple(names), token if _TOKEN.fullmatch(token) else "")

    def to_line(self) -> bytes:
        """Raises `SettingsError` for more than one message holds."""
        line = json.dumps({"version": _VERSION, **asdict(self)}).encode() + b"\n"
        if len(line) > MOST_BYTES or max(map(len, (self.files, self.links, self.names))) > _MOST_ENTRIES:
            raise SettingsError("That is too much to open at once.", "Open fewer files at a time.")
        return line

    @classmethod
    def parse(cls, line: bytes) -> "Request":
        """Read a message of another process. Raises `ValueError` for anything that `to_line` does not write."""
        if len(line) > MOST_BYTES:
            raise ValueError("too long")
        try:
            content = json.loads(line)
        except RecursionError as error:
            raise ValueError("nested") from error
        if not isinstance(content, dict) or set(content) != {"version", "files", "links", "names", "token"}:
            raise ValueError("not a request")
        if type(content["version"]) is not int or content["version"] != _VERSION:
            raise ValueError("another version")
        files, links, names = (_texts(content[key]) for key in ("files", "links", "names"))
        token = content["token"]
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ValueError("not a token")
        if not all(Path(each).is_absolute() for each in files) or not all(map(is_link, links)):
            raise ValueError("neither path nor link")
        return cls(files, links, names, token)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the first start of a home listens: the lock that says that it is the first, and the name of the socket."""

    lock: Path
    socket: str

    @classmethod
    def of(cls, paths: Paths) -> "Place":
        """The place of a home on this machine, in a folder that this user alone can enter. Raises `StoreError`."""
        machine = f"{zlib.crc32(_machine().encode()):08x}"  # a home may be shared between machines
        if sys.platform == "win32":
            return cls(
                _private(paths.data / "run") / f"{machine}.lock", f"keeperdb-{_digest(Path(str(paths.data).lower()))}"
            )
        folder = paths.data / "run"
        name = machine
        if len(os.fsencode(folder)) + len(machine) > _LONGEST_PATH:
            folder = Path(tempfile.gettempdir()) / f"keeperdb-{os.getuid()}"
            name = _digest(paths.data)
        folder = _private(folder)
        return cls(folder / f"{name}.lock", str(folder / f"{name}.sock"))


class Claim:
    """The right to be the window program of a home; it ends with the process, however that ends."""

    def __init__(self, place: Place, lock: BinaryIO) -> None:
        self.place = place
        self._lock = lock

    def give_up(self) -> None:
        self._lock.close()


def claim_or_hand_over(paths: Paths, request: Request, seconds: float = _WAIT_SECONDS) -> Claim | None:
    """The claim, or None once the program that holds it has taken `request`.

    Raises `UnsupportedError` if that program does not answer within `seconds`, and `StoreError` where no private
    folder can be had.
    """
    place, line = Place.of(paths), request.to_line()
    deadline = time.monotonic() + seconds
    while True:
        lock = _try_lock(place.lock)
        if lock is not None:
            _remove_stale(place)
            return Claim(place, lock)
        if _send(place.socket, line, max(0.1, deadline - time.monotonic())):
            return None
        if time.monotonic() > deadline:
            raise UnsupportedError(
                "KeeperDB is running already, but does not answer.",
                f"Go to its window, or end it{_process(place.lock)}, then start again.",
            )
        time.sleep(_LOOK_AGAIN)  # it is about to listen, or about to end


def _try_lock(path: Path) -> BinaryIO | None:
    """The lock, held as long as the file is open; None while another process has it. Raises `StoreError`."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise StoreError(f"{path} could not be opened: {error.strerror}.", "Check its permissions.") from error
    file = os.fdopen(descriptor, "r+b", buffering=0)
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    if sys.platform != "win32":  # there nobody could read it while it is locked
        file.truncate()
        file.write(str(os.getpid()).encode())
    return file


def _lock(file: BinaryIO) -> None:
    """Raises `OSError` while another process has the lock."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_stale(place: Place) -> None:
    """What a process that was killed left; whoever has the lock may."""
    if sys.platform != "win32":
        Path(place.socket).unlink(missing_ok=True)


def _send(name: str, line: bytes, seconds: float) -> bool:
    """Say whether somebody took `line`. Raises `UnsupportedError` if they refused it."""
    try:
        answer = _exchange(name, line, seconds)
    except OSError:
        return False
    if answer and answer != ACCEPTED:
        raise UnsupportedError(
            "KeeperDB is running already, and did not understand what it was asked to open.",
            "It may be another version: close its windows, then start again.",
        )
    return bool(answer)


def _exchange(name: str, line: bytes, seconds: float) -> bytes:
    if sys.platform == "win32":
        with Path(rf"\\.\pipe\{name}").open("r+b", buffering=0) as pipe:
            pipe.write(line)
            return pipe.readline(200)
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(seconds)
        client.connect(name)
        client.sendall(line)
        with client.makefile("rb") as reader:
            return reader.readline(200)


def _process(lock: Path) -> str:
    try:
        number = lock.read_bytes()[:20].decode("ascii", errors="replace")
    except OSError:
        return ""
    return f" (process {number})" if number.isdigit() else ""


def _machine() -> str:
    return os.environ.get("COMPUTERNAME", "") if sys.platform == "win32" else os.uname().nodename


def _digest(folder: Path) -> str:
    import hashlib  # only here: it loads OpenSSL, which most starts can do without

    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]


def _private(folder: Path) -> Path:
    """Make the folder, and see that it is this user's alone: others can write to the folder for temporary files."""
    make_private_folder(folder)
    if sys.platform == "win32":
        return folder
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise StoreError(f"{folder} belongs to somebody else.", "Remove it, then start again.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def _path_of(word: str) -> str:
    """An absolute path from a path, or from a `file:` address as desktops hand it over. Raises `SettingsError`."""
    if not word.lower().startswith("file:"):
        return str(Path(word).absolute())
    address = urlsplit(word)
    if address.netloc not in ("", "localhost"):
        raise SettingsError("Only files of this computer can be opened.", "Copy the file here first.")
    path = unquote(address.path)
    if sys.platform == "win32":
        path = path.lstrip("/")
    if _HIDDEN.search(path) or not path:
        raise SettingsError("This address of a file is not understood.", "Give the path itself.")
    return str(Path(path).absolute())


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_ENTRIES:
        raise ValueError("not a list")
    if not all(isinstance(each, str) and 0 < len(each) <= _LONGEST and "\0" not in each for each in value):
        raise ValueError("not texts")
    return tuple(value)
