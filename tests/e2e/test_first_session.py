"""The main job in a real window: paste a token, see the vault's databases, run SQL, take the rows away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keeperdb.demo.chinook import make_chinook
from keeperdb.demo.vault_server import DemoVault
from tests.fixtures.x_display import Screen

_ROOT = Path(__file__).parents[2]
_SESSION = """
printf login | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
exec "$0" -m keeperdb "$@"
"""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[DemoVault]:
    """A vault that shares one record: the sample database."""
    store = tmp_path / "chinook.db"
    make_chinook(store)
    with DemoVault() as vault:
        folder = vault.add_shared_folder("Engineering")
        folder.add_record(
            {
                "type": "databaseCredentials",
                "title": "Music store",
                "fields": [{"type": "text", "label": "type", "value": ["sqlite"]}],
                "custom": [{"type": "text", "label": "Path", "value": [str(store)]}],
            }
        )
        yield vault


@pytest.fixture
def program(tmp_path: Path, screen: Screen, vault: DemoVault) -> Iterator[subprocess.Popen[str]]:
    """KeeperDB in a desktop session of its own, with a Secret Service."""
    home = tmp_path / "user"
    (home / "run").mkdir(mode=0o700, parents=True)
    arguments = [
        *("--home", str(tmp_path / "keeperdb"), "--vault-endpoint", vault.endpoint),
        *("--vault-server-key", vault.server_key_option, "--vault-ca", str(vault.ca_file), "gui"),
    ]
    clean = {name: value for name, value in screen.environment.items() if not name.startswith(("DBUS", "XDG"))}
    environment = clean | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen(
        ["dbus-run-session", "--", "bash", "-c", _SESSION, sys.executable, *arguments],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, 15)
        process.communicate(timeout=20)


def test_a_token_becomes_rows_on_the_clipboard(
    program: subprocess.Popen[str], screen: Screen, vault: DemoVault, tmp_path: Path
) -> None:
    screen.window("^KeeperDB$")
    screen.press("ctrl+k")
    screen.window("Connect to your Keeper Vault")
    screen.press("shift+Tab", "ctrl+a")
    screen.type("Team vault")
    screen.press("Tab")
    screen.type(vault.issue_token())
    screen.press("Return")
    screen.wait_for(lambda: "" if screen.has_window("Connect to your Keeper Vault") else "closed")
    screen.window("^KeeperDB$")
    screen.photograph("picker")
    screen.type("music")
    screen.press("Return")
    screen.window("Music store")
    screen.type("SELECT name FROM genre ORDER BY genre_id LIMIT 3")
    screen.press("ctrl+Return")
    screen.wait_for(lambda: _rows_copied(screen))
    screen.photograph("main-window")
    assert len(screen.clipboard().splitlines()) == 3
    assert program.poll() is None
    token_files = subprocess.run(
        ["grep", "-rl", "clientKey", str(tmp_path / "keeperdb")], capture_output=True, text=True, check=False
    )
    assert token_files.stdout == ""


def _rows_copied(screen: Screen) -> str:
    """Go to the grid and copy all of it; what arrives is on the clipboard."""
    screen.press("F6", "ctrl+a", "ctrl+c")
    text = screen.clipboard()
    if "SELECT" in text or not text:  # the editor still had the focus, or no row is there yet
        return ""
    return text
