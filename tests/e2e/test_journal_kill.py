"""`kill -9` a second after the last key: the next start has everything that was typed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PROMISE = 1.0  # seconds after a change in which it is written


def start(home: Path, store: Path, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.journal_process", str(home), str(store), what],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_everything_that_was_typed_survives_a_kill(tmp_path: Path, store: Path) -> None:
    with start(tmp_path / "home", store, "type") as typing:
        assert typing.stdout is not None
        assert typing.stdout.readline() == "typed\n", typing.stderr.read()
        time.sleep(_PROMISE)
        typing.kill()
    with start(tmp_path / "home", store, "read") as reading:
        output, errors = reading.communicate(timeout=60)
    assert output, errors
    tabs = {tab["title"]: tab for tab in json.loads(output)}
    precious = tabs["precious"]
    assert precious["text"] == "select 'half a thought', :id from"
    assert precious["selection"] == [7, 13]
    assert precious["parameters"] == {"id": "7"}
    assert tabs["report.sql"]["file"] == str(tmp_path / "home" / "report.sql")
    assert (tabs["kinds"]["table"], tabs["kinds"]["staged"]) == (["main", "kinds"], 1)
    assert {tab["state"] for tab in tabs.values()} == {"closed"}
