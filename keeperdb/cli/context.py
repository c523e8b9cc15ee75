"""What every command has at hand: the workspace, the worker, and the three streams."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TextIO, TypeVar

from keeperdb.cli.output import safe, safe_lines
from keeperdb.cli.worker import Worker
from keeperdb.errors import ConnectError, ConnectReason, KeeperDBError, KeychainError, KeychainReason, SettingsError
from keeperdb.task import Progress, Task

if TYPE_CHECKING:
    from keeperdb.connections.profile import ConnectionProfile
    from keeperdb.keychain import Secret
    from keeperdb.query.session import Session
    from keeperdb.workspace import Options, Workspace

T = TypeVar("T")
_TELL_EVERY = 1.0  # seconds
_ERASE_LINE = "\r\x1b[K"


class Context:
    """One run of the command line."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.out: TextIO = sys.stdout
        self._err: TextIO = sys.stderr
        self._worker = Worker(self._show_progress)
        self._shows_progress = False
        self.tells_progress = False  # also to a standard error that is no terminal
        self._told_at = 0.0
        self.unlocked_with: Secret | None = None  # the master password, for a process that this one starts

    def inner(self, arguments: argparse.Namespace) -> "Context":
        """The same workspace for another command, as the shell runs them."""
        other = Context(arguments)
        other.options, other.workspace = self.options, self.workspace
        other.unlocked_with = self.unlocked_with
        return other

    @property
    def is_interactive(self) -> bool:
        """Whether a person reads the messages."""
        return self._err.isatty()

    @cached_property
    def options(self) -> "Options":
        """The global options. Raises `SettingsError`."""
        from keeperdb.vault.endpoint import VaultEndpoint
        from keeperdb.workspace import MODES, Options

        arguments = self.arguments
        mode = arguments.mode or os.environ.get("KEEPERDB_MODE") or MODES[0]
        if mode not in MODES:
            raise SettingsError(f"KEEPERDB_MODE cannot be “{mode}”.", f"One of: {', '.join(MODES)}.")
        endpoint = VaultEndpoint.from_options(
            arguments.vault_endpoint, arguments.vault_server_key, arguments.vault_ca, os.environ
        )
        return Options(home=arguments.home, mode=mode, endpoint=endpoint)

    @cached_property
    def workspace(self) -> "Workspace":
        """The workspace, loaded; what was found wrong in its files is said once."""
        from keeperdb import log
        from keeperdb.workspace import Workspace

        workspace = Workspace(self.options.paths(), mode=self.options.mode, endpoint=self.options.endpoint)
        self.run(workspace.load)
        log.set_up(workspace.paths.logs)
        for warning in workspace.warnings:
            self.say(f"Warning: {warning}")
        return workspace

    def run(self, operation: Callable[[Task], T]) -> T:
        """`operation(task)` off the main thread, so that Ctrl+C cancels it."""
        self._told_at = time.monotonic()
        try:
            return self._worker.run(operation)
        finally:
            self._hide_progress()

    def say(self, text: str) -> None:
        """One message for the person, on standard error."""
        self._hide_progress()
        self._err.write(safe_lines(text) + "\n")
        self._err.flush()

    def say_error(self, error: KeeperDBError) -> None:
        """What went wrong, and what to do."""
        self.say(f"Error: {error.message}")
        if error.hint:
            self.say(f"  {error.hint}")
        if isinstance(error, KeychainError) and error.reason is KeychainReason.MISSING:
            self.say("  Here: keeperdb config set connections.keychain file")

    def unlock(self) -> None:
        """Unlock the encrypted file, if secrets are kept in one, with the master password of the person."""
        keychain = self.workspace.keychain
        if keychain.is_locked:
            password = self.master_password(is_new=keychain.is_new)
            self.run(lambda task: keychain.unlock(password))
            self.unlocked_with = password

    def master_password(self, *, is_new: bool) -> "Secret":
        """From `--master-password-fd`, else from the person, twice if it is a new one. Raises `SettingsError`."""
        from keeperdb.cli import secret_input

        descriptor = self.arguments.master_password_fd
        if descriptor is not None:
            return secret_input.from_descriptor(descriptor)
        return secret_input.master_password(is_new=is_new)

    def open(self, profile: "ConnectionProfile") -> "Session":
        """A session on `profile`; a password that is kept nowhere is asked for."""
        workspace = self.workspace
        return self._with_password(
            profile, lambda task, password: workspace.open(profile, task, password=password, on_retry=self.say)
        )

    def test(self, profile: "ConnectionProfile") -> str:
        """The server's version; a password that is kept nowhere is asked for."""
        workspace = self.workspace
        return self._with_password(profile, lambda task, password: workspace.test(profile, task, password=password))

    def _with_password(self, profile: "ConnectionProfile", connect: "Callable[[Task, Secret | None], T]") -> T:
        self._prepare_secrets(profile)
        password = self._given_password()
        try:
            return self.run(lambda task: connect(task, password))
        except ConnectError as error:
            asked = self._ask_password(profile, error)
        return self.run(lambda task: connect(task, asked))

    def _prepare_secrets(self, profile: "ConnectionProfile") -> None:
        from keeperdb.connections.profile import PasswordMode
        from keeperdb.engines.registry import ENGINES

        engine = ENGINES.get(profile.engine)
        has_users = engine is not None and engine.capabilities.has_users
        if profile.vault is not None or (has_users and profile.password_mode is PasswordMode.KEYCHAIN):
            self.unlock()

    def _given_password(self) -> "Secret | None":
        from keeperdb.cli import secret_input

        return secret_input.from_stdin("password") if self.arguments.password_stdin else None

    def _ask_password(self, profile: "ConnectionProfile", error: ConnectError) -> "Secret":
        """Raises `error` again if asking does not help, or nobody is there to be asked."""
        from keeperdb.cli import secret_input

        if error.reason is not ConnectReason.PASSWORD_NEEDED or not secret_input.can_ask():
            raise error
        return secret_input.ask(f"{error.message}\nPassword of {profile.user or 'the user'} at {profile.address}: ")

    def _show_progress(self, progress: Progress) -> None:
        """Called on the worker's thread; drawn for a person, and written now and then where `tells_progress`."""
        if not progress.text:
            return
        if self._err.isatty():
            is_counted = not progress.total or progress.text.endswith(f" of {progress.total}")
            count = "" if is_counted else f" {progress.done} of {progress.total}"
            self._err.write(f"{_ERASE_LINE}{safe(progress.text)}{count}")
            self._err.flush()
            self._shows_progress = True
        elif self.tells_progress and time.monotonic() - self._told_at >= _TELL_EVERY:
            self._told_at = time.monotonic()
            self._err.write(safe(progress.text) + "\n")
            self._err.flush()

    def _hide_progress(self) -> None:
        if self._shows_progress:
            self._err.write(_ERASE_LINE)
            self._err.flush()
            self._shows_progress = False
