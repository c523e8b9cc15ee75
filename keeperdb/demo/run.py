"""What `keeperdb demo` and `keeperdb demo-vault` start: a vault with the sample in it, and the sample databases."""

import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from keeperdb.demo.chinook import make_chinook
from keeperdb.demo.sample import sample_document
from keeperdb.demo.seed import plant
from keeperdb.demo.servers import DemoServers
from keeperdb.demo.temporary import make_temporary_folder, remove_temporary_folder
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import SettingsError
from keeperdb.task import Task


class Demo:
    """Everything the demo needs, made by `prepare_demo` and running until `close`.

    `home` is a folder for settings, connections and logs (KEEPERDB_HOME); it is removed at the end if it is the demo's
    own. `token` is a fresh one-time token for `vault`. `notices` are sentences on what could not be started.
    """

    def __init__(self, home: Path, *, is_own_home: bool) -> None:
        self.home = home
        self._is_own_home = is_own_home
        self.sqlite_file = home / "demo" / "chinook.db"
        self.servers = DemoServers()
        self.vault = DemoVault(state_file=home / "demo" / "vault.json")
        self.token = ""

    def __enter__(self) -> "Demo":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def notices(self) -> list[str]:
        return self.servers.notices

    @property
    def vault_options(self) -> list[str]:
        """The three options that point KeeperDB at the vault, as arguments."""
        return [
            "--vault-endpoint",
            self.vault.endpoint,
            "--vault-server-key",
            self.vault.server_key_option,
            "--vault-ca",
            str(self.vault.ca_file),
        ]

    def close(self) -> None:
        """Stop the servers and remove what was temporary. May be called twice."""
        try:
            self.vault.close()
        finally:
            self.servers.stop()
            if self._is_own_home:
                remove_temporary_folder(self.home)


def prepare_demo(home: Path | None = None, task: Task | None = None, *, with_servers: bool = True) -> Demo:
    """Make the sample databases, start the servers, fill the vault and issue a token. Takes a few seconds.

    Without a `home` a temporary one is used. In one that was used before, the vault keeps its applications and
    devices, so what is attached stays attached, and its contents are made anew. Raises `StoreError`.
    """
    task = task or Task()
    demo = Demo(home or make_temporary_folder("home"), is_own_home=home is None)
    try:
        task.report(text="Making the sample database")
        make_chinook(demo.sqlite_file)
        if with_servers:
            task.report(text="Starting PostgreSQL and MariaDB")
            demo.servers.start()
        task.report(text="Starting the demo vault")
        with demo.vault.changing():
            demo.vault.clear()
            plant(demo.vault, sample_document(demo.sqlite_file, demo.servers.addresses))
            demo.token = demo.vault.issue_token(name="demo")
        demo.vault.start()
    except BaseException:
        demo.close()
        raise
    return demo


def serve(
    port: int = 0,
    seed_file: Path | None = None,
    state_file: Path | None = None,
    *,
    say: Callable[[str], None] | None = None,
    stopped: threading.Event | None = None,
) -> None:
    """Run the demo vault alone until SIGINT, SIGTERM, SIGHUP or `stopped`; its data is one JSON line, said to `say`.

    The line has `endpoint`, `token`, `server_key` (ID:BASE64URL) and `ca` (a file). `seed_file` has the form that
    `seed` describes; without it the sample is planted. A `state_file` that exists already is used as it is.
    Raises `SettingsError` for a seed that cannot be read, `StoreError` if port or files cannot be had.
    """
    stopped = stopped or _stopped_by_signals()
    folder = make_temporary_folder("vault")
    try:
        with DemoVault(port=port, state_file=state_file or folder / "vault.json") as vault:
            if not vault.state.folders and not vault.state.records:
                plant(vault, _read_seed(seed_file) if seed_file else _default_seed(vault.storage_folder))
            (say or _print_line)(json.dumps(_description(vault)))
            stopped.wait()
    finally:
        remove_temporary_folder(folder)


def _description(vault: DemoVault) -> dict[str, str]:
    return {
        "endpoint": vault.endpoint,
        "token": vault.issue_token(name="demo-vault"),
        "server_key": vault.server_key_option,
        "ca": str(vault.ca_file),
    }


def _default_seed(folder: Path) -> dict[str, object]:
    make_chinook(folder / "chinook.db")
    return sample_document(folder / "chinook.db", {})


def _read_seed(seed_file: Path) -> dict[str, object]:
    try:
        document = json.loads(seed_file.read_bytes())
    except OSError as error:
        raise SettingsError(f"The seed file {seed_file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"The seed file {seed_file} is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise SettingsError(f"The seed file {seed_file} does not hold a JSON object.")
    return document


def _stopped_by_signals() -> threading.Event:
    stopped = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stopped.set())
    return stopped


def _print_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
