"""How long the storage takes against the demo vault: many new connections, and a sync with nothing to do."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, middle
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.demo.vault_server import DemoVault
from keeperdb.keychain import Secret, SessionKeychain
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.vault.storage_model import RecordKind
from keeperdb.workspace import Workspace

_NEW = 245
_MANY = 1_000
_ROUND_TRIP = 0.08  # seconds
_RUNS = 5


def measure() -> Iterator[Figure]:
    yield Figure(f"storage: {_NEW} new connections", _new_connections(0.0), "s", 1.0)
    floor = _NEW * _ROUND_TRIP
    yield Figure(
        f"storage: {_NEW} new connections at 80 ms round trip",
        _new_connections(_ROUND_TRIP),
        "s",
        25.0,
        "the round trips alone",
        floor,
    )
    seconds, requests = _nothing_to_do()
    yield Figure(f"storage: a sync with nothing to do at {_MANY} records", seconds * 1000, "ms", 100.0)
    yield Figure(f"storage: requests of a sync with nothing to do at {_MANY} records", float(requests), "", 2.0)


def _new_connections(latency: float) -> float:
    with tempfile.TemporaryDirectory() as folder, DemoVault() as vault:
        workspace = _workspace(vault, Path(folder), _NEW)
        vault.latency = latency
        begun = time.perf_counter()
        report = workspace.storage.sync(Task())
        seconds = time.perf_counter() - begun
        vault.latency = 0.0
        if report.written != _NEW + 1:
            raise RuntimeError(report.text)
        return seconds


def _nothing_to_do() -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder, DemoVault() as vault:
        workspace = _workspace(vault, Path(folder), _MANY)
        workspace.storage.sync(Task())
        times = []
        for _ in range(_RUNS):
            vault.journal.clear()
            begun = time.perf_counter()
            workspace.storage.sync(Task())
            times.append(time.perf_counter() - begun)
        return middle(times), len(vault.journal)


def _workspace(vault: DemoVault, home: Path, count: int) -> Workspace:
    """A machine with `count` connections and passwords that the vault does not have yet."""
    shared = vault.add_shared_folder("Team")
    endpoint = VaultEndpoint(vault.endpoint, vault.server_key_id, vault.server_key, vault.ca_file)
    workspace = Workspace(Paths.under(home), endpoint=endpoint, keychain=SessionKeychain())
    workspace.load(Task())
    attached = workspace.attach("Work", vault.issue_token(), Task())
    profiles = [
        ConnectionProfile(name=f"Connection {number}", engine="postgresql", host=f"db{number}", port=5432, user="ann")
        for number in range(count)
    ]
    workspace.connections.save_many(profiles)
    for profile in profiles:
        workspace.keychain.set_password(profile.id, Secret(f"password of {profile.name}"))
    workspace.storage.enable(attached.id, shared.uid, RecordKind.DATABASE, Task())
    return workspace
