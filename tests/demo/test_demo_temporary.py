"""Temporary folders of the demo, and what becomes of them when a process is killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_MAKE = "from keeperdb.demo.temporary import make_temporary_folder as make; print(make('vault'), flush=True)"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"TMPDIR": str(tmp_path)}


def _age(folder: Path) -> None:
    os.utime(folder / ".owner", (0, 0))


def _make(environment: dict[str, str]) -> Path:
    """By a process that ends without removing it."""
    done = subprocess.run([sys.executable, "-c", _MAKE], env=environment, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def test_a_folder_of_a_dead_process_is_removed_and_one_of_a_living_process_is_not(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", f"{_MAKE}; input()"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as living:
        assert living.stdout is not None
        owned = Path(living.stdout.readline().strip())
        dead, foreign = _make(environment), Path(tempfile.mkdtemp(prefix="keeperdb-demo-vault-", dir=tmp_path))
        assert _make(environment) != dead
        assert dead.exists(), "it is new: its maker may be about to lock it"
        for folder in (owned, dead):
            _age(folder)
        _make(environment)
        assert owned.exists()
        assert not dead.exists()
        assert foreign.exists(), "nobody says whose it is"
        living.communicate("\n")
    _make(environment)
    assert not owned.exists()
