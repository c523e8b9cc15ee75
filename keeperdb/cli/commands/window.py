"""`keeperdb gui` and `keeperdb demo`: the window, or its picture where there is no screen."""

import importlib
import os
import sys
from contextlib import ExitStack
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
    from keeperdb.workspace.instance import Claim, Request

_VAULT_NAME = "Demo vault"
_COLUMNS = ("name", "source", "engine", "address", "folder", "problem")


def run_gui(context: Context) -> int:
    """Raises `UnsupportedError` where there is no screen."""
    if not _has_screen() and not os.environ.get("QT_QPA_PLATFORM"):
        raise UnsupportedError(
            "There is no screen to show the window on.",
            "Set DISPLAY or WAYLAND_DISPLAY, or use the commands: keeperdb --help.",
        )
    from keeperdb.workspace.instance import Request

    request = Request.of(context.arguments.files, context.arguments.names)
    claim = _claim(context, request)
    return exit_codes.OK if claim is None else int(_gui("main").run(context.options, claim=claim, request=request))


def run_demo(context: Context) -> int:
    """Everything in a home of its own that is removed at the end; the person's own data is not touched."""
    from keeperdb.demo.run import prepare_demo
    from keeperdb.keychain import SessionKeychain
    from keeperdb.workspace import Workspace

    if context.arguments.home is not None:
        raise UsageError(context.arguments.parser, "The demo has a home of its own. Leave --home out.")
    if not context.is_interactive:  # else each step is shown while it lasts
        context.say("Starting the demo: a vault, and PostgreSQL and MariaDB where they are installed…")
    with ExitStack() as stack:
        demo = context.run(lambda task: stack.enter_context(prepare_demo(task=task)))
        for notice in demo.notices:
            context.say(notice)
        options = _demo_options(context, demo)
        keychain = SessionKeychain()
        workspace = Workspace(options.paths(), mode=options.mode, endpoint=options.endpoint, keychain=keychain)
        context.run(lambda task: _fill(workspace, demo, task))
        if _has_screen():
            return int(_gui("main").run(options, workspace))
        return _show_without_screen(context, workspace)


def _claim(context: Context, request: "Request") -> "Claim | None":
    """None where the window is open already, and has taken what was to be opened. Raises `UnsupportedError`."""
    from keeperdb.workspace.instance import claim_or_hand_over

    paths = context.options.paths()
    paths.make()
    return claim_or_hand_over(paths, request)


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
    context.say("There is no screen: a vault connection is opened and queried in a window offscreen…")
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
