"""A service in a process of its own, so that its memory can be looked at: says its port, and ends with its input."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keeperdb.demo.vault_server import DemoVault
from keeperdb.service.server import Service
from tests.service.running import attach, fill, service_config

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """The process of a service."""

    port: int
    process_id: int

    @property
    def memory(self) -> float:
        """What it keeps in memory, in MB."""
        status = Path(f"/proc/{self.process_id}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


@contextmanager
def served() -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.service.served"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Served(json.loads(process.stdout.readline()), process.pid)
        finally:
            process.stdin.close()
            assert process.wait(60) == 0


def main() -> None:
    with DemoVault() as vault, tempfile.TemporaryDirectory() as folder:
        fill(vault)
        service = Service(service_config(), attach(vault, Path(folder) / "home"))
        service.start()
        print(service.port, flush=True)
        sys.stdin.read()
        service.stop()


if __name__ == "__main__":
    main()
