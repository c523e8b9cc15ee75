"""Tells one process from a later one that was given the same number."""

import os
import subprocess
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_STARTED_AT = 19  # field 22 of /proc/<pid>/stat, counted from the state: proc(5)
_TIMEOUT = 5.0  # seconds


def identity_of(pid: int) -> str:
    """When process `pid` began, in words that no other process of that number shares; empty if there is none.

    Also empty where the platform does not tell, such as on Windows.
    """
    if pid <= 0:
        return ""
    if _BOOT.exists():
        return _from_proc(pid)
    return _from_ps(pid) if os.name == "posix" else ""


def _from_proc(pid: int) -> str:
    try:
        content = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        boot = _BOOT.read_text().strip()
    except OSError:
        return ""
    fields = content.rpartition(")")[2].split()  # the name before may hold blanks and parentheses
    return "" if fields[0] == "Z" else f"{boot}/{fields[_STARTED_AT]}"


def _from_ps(pid: int) -> str:
    try:
        done = subprocess.run(
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
