"""What importing costs, and what must not come along."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import keeperdb

_ROOT = Path(__file__).parents[1]
_HEADLESS = sorted(
    module.name
    for module in pkgutil.walk_packages(keeperdb.__path__, "keeperdb.")
    if not module.name.startswith("keeperdb.gui") and module.name != "keeperdb.__main__"
)
_DRIVERS = ("sqlite3", "psycopg", "psycopg_c", "psycopg_binary", "pymysql", "pyodbc", "oracledb", "sqlalchemy")
_HEAVY = (
    *_DRIVERS,
    "keyring",
    "requests",
    "keeper_secrets_manager_core",
    "cryptography",
    "argon2",
    "sqlglot",
    "filelock",
)

# What the picker and the command line import before they know what to do.
_CHEAP = (
    "keeperdb.cli.entry",
    "keeperdb.cli.context",
    "keeperdb.cli.arguments",
    "keeperdb.workspace",
    "keeperdb.settings",
    "keeperdb.keychain",
    "keeperdb.connections.store",
    "keeperdb.connections.state",
    "keeperdb.engines.registry",
    "keeperdb.log",
    "keeperdb.paths",
    "keeperdb.task",
    "keeperdb.errors",
)


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after `code`."""
    report = "import sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], cwd=_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines())


def test_no_headless_module_imports_qt() -> None:
    assert len(_HEADLESS) > 50
    code = "\n".join(f"import {name}" for name in _HEADLESS)
    assert not modules_after(code) & {"PySide6", "shiboken6"}


def test_every_headless_module_can_be_imported_first() -> None:
    code = """
import importlib, sys
for name in NAMES:
    for loaded in [each for each in sys.modules if each.startswith("keeperdb")]:
        del sys.modules[loaded]
    importlib.import_module(name)
""".replace("NAMES", repr(_HEADLESS))
    modules_after(code)


@pytest.mark.parametrize("name", _CHEAP)
def test_cheap_modules_bring_no_driver_no_keychain_and_no_network(name) -> None:
    assert not modules_after(f"import {name}") & set(_HEAVY)


def test_loading_a_workspace_brings_no_driver_no_keychain_and_no_network(tmp_path) -> None:
    code = f"""
from pathlib import Path
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.workspace import Workspace
workspace = Workspace(Paths.under(Path({str(tmp_path / "home")!r})))
workspace.load(Task())
workspace.profiles()
"""
    assert not modules_after(code) & (set(_HEAVY) - {"filelock"})


def test_the_version_brings_next_to_nothing() -> None:
    code = """
from keeperdb.cli import main
try:
    main(["--version"])
except SystemExit:
    pass
"""
    assert not modules_after(code) & {*_HEAVY, "logging", "platformdirs", "asyncio", "json"}


def test_one_engine_brings_only_its_own_driver(tmp_path) -> None:
    code = f"""
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.registry import get_engine
from keeperdb.task import Task
profile = ConnectionProfile("x", "sqlite", path={str(tmp_path / "x.db")!r}, options={{"create": "true"}})
get_engine("sqlite").connect(profile, None, Task()).close()
"""
    found = modules_after(code)
    assert "sqlite3" in found
    assert not found & {"psycopg", "pymysql", "pyodbc", "oracledb"}
