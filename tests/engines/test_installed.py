"""What is said where a driver is missing."""

import subprocess
import sys

import pytest

from keeperdb.engines.installed import driver

_OPEN = """
import sys
sys.modules[sys.argv[2]] = None
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.registry import get_engine
from keeperdb.errors import ConnectError
from keeperdb.task import Task
try:
    get_engine(sys.argv[1]).connect(ConnectionProfile("x", sys.argv[1], host="127.0.0.1", database="x"), None, Task())
except ConnectError as error:
    print(error.reason, error.message, error.hint)
"""


@pytest.mark.parametrize(
    ("engine", "package", "install"),
    [
        ("postgresql", "psycopg", "pip install 'psycopg[binary]'"),
        ("redshift", "psycopg", "pip install 'psycopg[binary]'"),
        ("mysql", "pymysql", "pip install PyMySQL"),
        ("mariadb", "pymysql", "pip install PyMySQL"),
        ("oracle", "oracledb", "pip install oracledb"),
        ("sqlserver", "pyodbc", "pip install pyodbc"),
    ],
)
def test_a_missing_driver_is_named_with_the_line_that_installs_it(engine: str, package: str, install: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, engine, package], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.startswith(f"driver The Python package {package} ")
    assert f"Install it: {install}" in done.stdout


def test_another_missing_module_is_no_missing_driver() -> None:
    with pytest.raises(ModuleNotFoundError), driver("psycopg", ""):
        import keeperdb.nothing  # noqa: F401
