"""How many commands the service carries out, and how fast, with wrk on loopback and connections that are kept.

Commander's own service is measured beside it where `KEEPERDB_BENCH_COMMANDER` names a Python that has the package
`keepercommander`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, middle
from benchmarks.service_process import KEY
from keeperdb.demo.record_types import login_record
from keeperdb.demo.vault_server import DemoVault

_MANY = 10_000  # records
_FEW = 4
_RUNS = 3
_COMMANDER = str(Path(__file__).with_name("commander_process.py"))
_SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["api-key"] = "KEY"
wrk.body = [[BODY]]
function done(summary, latency, requests)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.stderr:write(string.format('{"rate": %f, "p50": %f, "p95": %f, "wrong": %d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000, wrong))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: answers per second, and milliseconds."""

    rate: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens on loopback."""

    port: int
    process_id: int

    @property
    def memory(self) -> float:
        """Resident, in MB."""
        status = Path(f"/proc/{self.process_id}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def measure(*, is_quick: bool = False) -> Iterator[Figure]:
    runs = 1 if is_quick else _RUNS
    with ExitStack() as stack:
        few, _ = stack.enter_context(_service(_FEW))
        bare = stack.enter_context(_process("bare"))
        time.sleep(1)
        yield Figure("service without the window, idle: memory", few.memory, "MB", 90)
        yield from _whoami(few, bare, runs)
        yield from _beside_commander(few, runs)
        many, uid = stack.enter_context(_service(_MANY))
        yield from _many_records(few, many, uid, runs)


def _whoami(few: Server, bare: Server, runs: int) -> Iterator[Figure]:
    name = "bare starlette and uvicorn with limiter and key"
    crowd = _best(few, "whoami", 16, runs)
    alone = min((_load(few, "whoami", 1) for _ in range(runs)), key=lambda load: load.p95)
    beside = _best(bare, "whoami", 16, runs)
    yield Figure("`whoami`, 16 connections", crowd.rate, "requests/s", None, name, beside.rate, at_least=6_000)
    yield Figure("`whoami`, 1 connection, p50", alone.p50, "ms", 0.3)
    yield Figure("`whoami`, 1 connection, p95", alone.p95, "ms", 0.6)


def _beside_commander(few: Server, runs: int) -> Iterator[Figure]:
    python = os.environ.get("KEEPERDB_BENCH_COMMANDER")
    if not python:
        print("Commander's service is left out: KEEPERDB_BENCH_COMMANDER is not set.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder, _started([python, _COMMANDER, folder, KEY]) as commander:
        pairs = [(_load(few, "whoami", 16).rate, _load(commander, "whoami", 16).rate) for _ in range(runs)]
    ratio = middle(ours / theirs for ours, theirs in pairs)
    theirs = middle(theirs for _, theirs in pairs)
    shown = f"`whoami`, 16 connections, of Commander's direct mode ({theirs:.0f} requests/s)"
    yield Figure(shown, ratio, "×", at_least=20)


def _many_records(few: Server, many: Server, uid: str, runs: int) -> Iterator[Figure]:
    pairs = [(_load(few, "whoami", 16).rate, _load(many, "whoami", 16).rate) for _ in range(runs)]
    share = middle(of_many / of_few for of_few, of_many in pairs) * 100
    yield Figure("`whoami` with 10,000 records, of its rate with 4", share, "%", at_least=90)
    for command, least in (
        (f"get {uid} --format json", 4_000),
        ("ls --format json", 300),
        ("ls Many --format json", 300),
    ):
        shown = f"`{command.replace(uid, 'UID')}`, 10,000 records, 16 connections"
        yield Figure(shown, _best(many, command, 16, runs).rate, "requests/s", at_least=least)
    yield Figure("service with 10,000 records after that: memory", many.memory, "MB")


def _best(server: Server, command: str, connections: int, runs: int) -> Load:
    """The fastest of several runs: what slows one down is others on the machine."""
    return max((_load(server, command, connections) for _ in range(runs)), key=lambda load: load.rate)


def _load(server: Server, command: str, connections: int) -> Load:
    body = json.dumps({"command": command})
    url = f"http://127.0.0.1:{server.port}/api/v1/executecommand"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT.replace("KEY", KEY).replace("BODY", body))
        script.flush()
        options = ["--threads", "1", "--connections", str(connections), "--duration", "3s", "--script", script.name]
        done = subprocess.run(["wrk", *options, url], capture_output=True, text=True, check=True)
    seen = json.loads(done.stderr)
    if seen.pop("wrong"):
        raise RuntimeError(f"The service refused {command}.")
    return Load(**seen)


@contextmanager
def _service(records: int) -> Iterator[tuple[Server, str]]:
    """The service of a vault with so many records in one folder, and the uid of one of them."""
    with DemoVault() as vault, tempfile.TemporaryDirectory() as folder:
        with vault.changing():
            shared = vault.add_shared_folder("Many")
            document = login_record("Record", "alice", "secret", "https://example.com")
            uids = [vault.add_record(document | {"title": f"Record {n}"}, shared).uid for n in range(records)]
        access = (vault.endpoint, vault.server_key_option, str(vault.ca_file), vault.issue_token())
        with _process("service", *access, folder) as server:
            yield server, uids[0]


@contextmanager
def _process(*arguments: str) -> Iterator[Server]:
    with _started([sys.executable, "-m", "benchmarks.service_process", *arguments]) as server:
        yield server


@contextmanager
def _started(command: list[str]) -> Iterator[Server]:
    """A process that prints its port, and ends with its input."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The process has no pipes.")
        yield Server(int(process.stdout.readline()), process.pid)
        process.stdin.close()
