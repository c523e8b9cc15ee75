"""`keeperdb gui` and `keeperdb demo`: the window, or its picture where there is no screen."""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_list, write_table
from keeperdb.cli.parser import UsageError
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import UnsupportedError
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.demo.run import Demo
    from keeperdb.workspace import Options, Workspace

_VAULT_NAME = "Demo vault"
_COLUMNS = ("name", "source", "engine", "address", "folder", "problem")


def run_gui(context: Context) -> int:
    """Raises `UnsupportedError` where there is no screen."""
    if not _has_screen() and not os.environ.get("QT_QPA_PLATFORM"):
        raise UnsupportedError(
            "There is no screen to show the window on.",
            "Set DISPLAY or WAYLAND_DISPLAY, or use the commands: keeperdb --help.",
        )
    options = context.options
    with _signals_as_usual():
        return int(_gui("main").run(options))


def run_demo(context: Context) -> int:
    """Everything in a home of its own that is removed at the end; the person's own data is not touched."""
    from keeperdb.demo.run import prepare_demo
    from keeperdb.keychain import SessionKeychain
    from keeperdb.workspace import Workspace

    if context.arguments.home is not None:
        raise UsageError(context.arguments.parser, "The demo has a home of its own. Leave --home out.")
    with ExitStack() as stack:
        demo = context.run(lambda task: stack.enter_context(prepare_demo(task=task)))
        for notice in demo.notices:
            context.say(notice)
        options = _demo_options(context, demo)
        keychain = SessionKeychain()
        workspace = Workspace(options.paths(), mode=options.mode, endpoint=options.endpoint, keychain=keychain)
        context.run(lambda task: _fill(workspace, demo, task))
        if _has_screen():
            stack.enter_context(_ended_by_signals(demo.close))
            return int(_gui("main").run(options, workspace))
        return _show_without_screen(context, workspace)


def _gui(name: str) -> Any:
    """A module of the window, by name: the command line never imports Qt by itself."""
    return importlib.import_module(f"keeperdb.gui.{name}")


def _has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _demo_options(context: Context, demo: "Demo") -> "Options":
    """Options for the demo's own home and vault, whose settings say that nothing is kept."""
    from keeperdb.settings import Settings
    from keeperdb.vault.endpoint import VaultEndpoint
    from keeperdb.workspace import SETTINGS_FILE, Options

    _, host, _, key, _, ca = demo.vault_options
    endpoint = VaultEndpoint.from_options(host, key, ca, {})
    options = Options(demo.home, context.options.mode, endpoint, demo=True)
    Settings(options.paths().config / SETTINGS_FILE).set("connections.keychain", "ask")
    return options


def _fill(workspace: "Workspace", demo: "Demo", task: Task) -> None:
    workspace.load(task)
    profile = ConnectionProfile(name="Chinook", engine="sqlite", path=str(demo.sqlite_file), folder=("Samples",))
    workspace.save(profile, None, task)
    workspace.attach(_VAULT_NAME, demo.token, task)


def _show_without_screen(context: Context, workspace: "Workspace") -> int:
    picture = context.arguments.picture.absolute()
    shot = _gui("demo_shot").shoot(workspace, picture)
    rows = [
        {
            "name": profile.full_name,
            "source": str(profile.source),
            "engine": profile.engine,
            "address": profile.address,
            "folder": "/".join(profile.folder),
            "problem": profile.problem,
        }
        for profile in shot.connections
    ]
    write_list(context.out, "table", rows, _COLUMNS)
    context.out.write(f"\n{shot.opened.full_name}\n")
    write_table(context.out, shot.columns, [["NULL" if cell is None else cell for cell in row] for row in shot.rows])
    for each in shot.pictures:
        context.say(f"Saved {each}")
    return exit_codes.OK


@contextmanager
def _signals_as_usual() -> Iterator[None]:
    """Inside, Ctrl+C and SIGTERM end the process: Qt's event loop does not run Python's handlers."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    previous = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def _ended_by_signals(clean_up: Callable[[], None]) -> Iterator[None]:
    """Inside, Ctrl+C, SIGTERM and SIGHUP clean up and end the process, whatever the event loop does."""
    if not hasattr(signal, "sigwait"):
        yield
        return
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

    def wait() -> None:
        signal.sigwait(numbers)
        clean_up()
        os._exit(exit_codes.INTERRUPTED)

    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    threading.Thread(target=wait, name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
