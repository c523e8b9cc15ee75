"""PostgreSQL and MariaDB for the demo: private servers with the sample database, where their programs are installed."""

import os
import secrets
import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from keeperdb.demo.chinook import chinook_statements
from keeperdb.demo.sample import ServerAddress
from keeperdb.demo.server_process import HOST, ServerError, ServerProcess

_DATABASE, _WRITER, _READER = "chinook", "chinook", "chinook_reader"
_POSTGRESQL_FOLDER = Path("/usr/lib/postgresql")  # where Debian keeps its programs, by version
_SYSTEM_FOLDERS = (Path("/usr/sbin"), Path("/usr/local/sbin"), Path("/usr/libexec"))


class DemoServers:
    """The servers that run, by engine (`postgresql`, `mariadb`); `notices` say which could not be started, and why."""

    def __init__(self) -> None:
        self.addresses: dict[str, ServerAddress] = {}
        self.notices: list[str] = []
        self.processes: list[ServerProcess] = []

    def __enter__(self) -> "DemoServers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start both at the same time; takes a few seconds. What cannot be started becomes a notice."""
        if os.name != "posix":
            self.notices.append("PostgreSQL and MariaDB are only started on Linux and macOS.")
            return
        starters = {"postgresql": ("PostgreSQL", _postgresql), "mariadb": ("MariaDB", _mariadb)}
        with ThreadPoolExecutor(len(starters)) as pool:
            started = {engine: pool.submit(starter, self.processes) for engine, (_, starter) in starters.items()}
        for engine, future in started.items():
            try:
                self.addresses[engine] = future.result()
            except ServerError as error:
                self.notices.append(f"{starters[engine][0]} {error}; its sample connections are left out.")

    def stop(self) -> None:
        """End the servers and remove what they wrote. May be called twice."""
        while self.processes:
            self.processes.pop().stop()


def _postgresql(processes: list[ServerProcess]) -> ServerAddress:
    """Raises `ServerError`."""
    postgres, initdb, psql = (_postgresql_program(name) for name in ("postgres", "initdb", "psql"))
    server = ServerProcess("postgresql", "postgres")
    processes.append(server)
    data, password = server.folder / "data", secrets.token_urlsafe(18)
    secret = server.folder / "password"
    server.run(["sh", "-c", f"umask 077 && cat > '{secret}'"], password)
    options = ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync", "-U", "keeperdb"]
    server.run([str(initdb), "-D", str(data), f"--pwfile={secret}", *options])
    environment = {"PGPASSWORD": password, "PGHOST": HOST, "PGPORT": str(server.port), "PGUSER": "keeperdb"}
    server.start(
        [postgres, "-D", data, "-p", str(server.port), "-h", HOST, "-k", server.folder, "-F"],
        _is_answering(server, [psql, "-X", "-d", "postgres", "-c", "SELECT 1"], environment),
        stop_signal=signal.SIGINT,  # which does not wait for clients to leave
    )
    address = _new_address(server.port)
    command: list[str | Path] = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres"]
    server.run(command, _postgresql_script(address), environment)
    return address


def _mariadb(processes: list[ServerProcess]) -> ServerAddress:
    """Raises `ServerError`."""
    mariadbd, install, client = (_program(name) for name in ("mariadbd", "mariadb-install-db", "mariadb"))
    server = ServerProcess("mariadb", "mysql")
    processes.append(server)
    data, door = server.folder / "data", server.folder / "socket"
    options: list[str | Path] = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
    server.run([install, "--no-defaults", f"--datadir={data}", *options])
    talk: list[str | Path] = [
        client,
        "--no-defaults",
        f"--socket={door}",
        "--user=root",
        "--default-character-set=utf8mb4",
    ]
    places = [f"--datadir={data}", f"--socket={door}", f"--pid-file={server.folder / 'pid'}"]
    network = [f"--port={server.port}", f"--bind-address={HOST}", "--skip-name-resolve"]
    manner = ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4"]
    server.start(
        [mariadbd, "--no-defaults", *places, *network, *manner],
        _is_answering(server, [*talk, "--execute=SELECT 1"], {}),
    )
    address = _new_address(server.port)
    server.run(talk, _mariadb_script(address))
    return address


def _postgresql_script(address: ServerAddress) -> str:
    """Passwords here are URL-safe base64, so they need no escaping."""
    lines = [
        f"CREATE ROLE {address.writer} LOGIN PASSWORD '{address.writer_password}';",
        f"CREATE ROLE {address.reader} LOGIN PASSWORD '{address.reader_password}';",
        f"CREATE DATABASE {address.database} OWNER {address.writer};",
        f"\\connect {address.database}",
        f"SET ROLE {address.writer};",
        "BEGIN;",
        *(f"{statement};" for statement in chinook_statements("postgresql")),
        "COMMIT;",
        "RESET ROLE;",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {address.reader};",
        "ANALYZE;",
    ]
    return "\n".join(lines)


def _mariadb_script(address: ServerAddress) -> str:
    """Afterwards root needs a password that nobody has."""
    lines = [
        f"CREATE DATABASE {address.database} CHARACTER SET utf8mb4;",
        f"CREATE USER '{address.writer}'@'{HOST}' IDENTIFIED BY '{address.writer_password}';",
        f"CREATE USER '{address.reader}'@'{HOST}' IDENTIFIED BY '{address.reader_password}';",
        f"GRANT ALL ON {address.database}.* TO '{address.writer}'@'{HOST}';",
        f"GRANT SELECT ON {address.database}.* TO '{address.reader}'@'{HOST}';",
        f"USE {address.database};",
        "START TRANSACTION;",
        *(f"{statement};" for statement in chinook_statements("mysql")),
        "COMMIT;",
        "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';",
        "FLUSH PRIVILEGES;",
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{secrets.token_urlsafe(18)}';",
    ]
    return "\n".join(lines)


def _new_address(port: int) -> ServerAddress:
    passwords = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
    return ServerAddress(HOST, port, _DATABASE, _WRITER, passwords[0], _READER, passwords[1])


def _is_answering(server: ServerProcess, command: list[str | Path], environment: dict[str, str]) -> Callable[[], bool]:
    def is_answering() -> bool:
        try:
            server.run(command, environment=environment)
        except ServerError:
            return False
        return True

    return is_answering


def _postgresql_program(name: str) -> Path:
    """A program of the newest installed version; Debian does not have them on the path. Raises `ServerError`."""
    versions = sorted(_POSTGRESQL_FOLDER.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return versions[-1] if versions else _program(name)


def _program(name: str) -> Path:
    """Raises `ServerError`."""
    for folder in (None, *_SYSTEM_FOLDERS):
        found = shutil.which(name, path=None if folder is None else str(folder))
        if found:
            return Path(found)
    raise ServerError("is not installed")
