"""Start and memory of the package that `make package` built, on a screen of its own, until the whole picker is seen."""

import mmap
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure, middle
from benchmarks.homes import fill_home

_PROGRAM = Path(os.environ.get("KEEPERDB_PACKAGE", "dist/keeperdb/keeperdb"))
_RUNS = 5
_SCREEN = "1024x768x24"
_STEP = 388  # bytes: every 97th pixel is compared
_ALIKE = 0.997  # of the pixels: the caret blinks
_SETTLED = 3.0  # seconds after which nothing changes any more
_PATIENCE = 30.0  # seconds
_BESIDE = "its --version"


def measure() -> Iterator[Figure]:
    if not _PROGRAM.exists():
        print("There is no package to measure; `make package` builds it.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder, _screen(Path(folder)) as (display, pixels):
        home = Path(folder) / "home"
        fill_home(home)
        done, memory = _last_picture(display, pixels, home)
        seconds = [_start(display, pixels, home, done) for _ in range(_RUNS)]
        second = _second_start(display, home)
        version = middle(_version_seconds() for _ in range(_RUNS))
    start = "package: start to usable picker, 1,000 connections, warm"
    yield Figure(start, middle(seconds), "s", 0.6, _BESIDE, version)
    yield Figure("package: idle memory, picker with 1,000 connections", memory, "MB", 150)
    yield Figure("package: a second start hands over and ends", second, "s", 0.3, _BESIDE, version)


def _version_seconds() -> float:
    begun = time.perf_counter()
    subprocess.run([str(_PROGRAM), "--version"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _last_picture(display: str, pixels: mmap.mmap, home: Path) -> tuple[bytes, float]:
    """What the screen shows when everything is there, and the megabytes that the program holds then."""
    with _program(display, home) as process:
        time.sleep(2 * _SETTLED)
        return _sample(pixels), _resident_megabytes(process.pid)


def _start(display: str, pixels: mmap.mmap, home: Path, done: bytes) -> float:
    _wait(lambda: not _is_alike(_sample(pixels), done), "the screen to be empty again")
    begun = time.perf_counter()
    with _program(display, home):
        _wait(lambda: _is_alike(_sample(pixels), done), "the picker")
        return time.perf_counter() - begun


def _second_start(display: str, home: Path) -> float:
    with _program(display, home):
        time.sleep(_SETTLED)
        seconds = []
        for _ in range(_RUNS):
            begun = time.perf_counter()
            with _program(display, home) as second:
                second.wait(_PATIENCE)
                seconds.append(time.perf_counter() - begun)
    return middle(seconds)


@contextmanager
def _program(display: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    command = [str(_PROGRAM), "--home", str(home), "gui"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _screen(folder: Path) -> Iterator[tuple[str, mmap.mmap]]:
    """A virtual screen, and its pixels as the server has them."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", _SCREEN, "-nolisten", "tcp", "-fbdir", str(folder)]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe:
                display = f":{pipe.readline().strip()}"
            with (folder / "Xvfb_screen0").open("rb") as file:
                yield display, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        finally:
            server.terminate()


def _sample(pixels: mmap.mmap) -> bytes:
    return pixels[::_STEP]


def _is_alike(one: bytes, other: bytes) -> bool:
    return sum(a == b for a, b in zip(one, other, strict=True)) >= _ALIKE * len(other)


def _wait(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.perf_counter() + _PATIENCE
    while not is_so():
        if time.perf_counter() > deadline:
            raise RuntimeError(f"Waited for {what} in vain")
        time.sleep(0.002)


def _resident_megabytes(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
