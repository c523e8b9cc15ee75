"""Carries out the lines of the shell: vault commands, and those of the service."""

import sys

from keeperdb import __version__
from keeperdb.cli import exit_codes
from keeperdb.cli.arguments import build_parser
from keeperdb.cli.context import Context
from keeperdb.cli.output import safe_lines
from keeperdb.cli.parser import UsageError
from keeperdb.cli.shell_completion import LEAVING, SERVICE_NAMES
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context as CommandContext
from keeperdb.commands.line import split_line
from keeperdb.commands.lookup import ROOT_NAME
from keeperdb.commands.run import run_words
from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import CommandError, CommandKind, KeeperDBError
from keeperdb.service.local import LocalService
from keeperdb.task import Task

_WITHOUT_VAULT = frozenset({"help", "h", "?", "version", "v", "generate", "gen", "keep-alive"})
_LONGEST_PROMPT = 40  # characters, as Commander's
_SHARED = ("home", "mode", "master_password_fd", "vault_endpoint", "vault_server_key", "vault_ca", "files")


class Left(Exception):  # noqa: N818 - not an error: the person wants to leave
    """`quit` was typed."""


class ShellSession:
    """One caller of the vault, whose working folder stays from line to line."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault_id = ""
        self.caller = CommandContext(VaultState(context.workspace, ""), Task())

    @property
    def prompt(self) -> str:
        """`My Vault> `, with the path of the working folder below it."""
        path = "/".join([ROOT_NAME, *self.caller.snapshot.names_to(self.caller.folder_uid)])
        shown = path if len(path) <= _LONGEST_PROMPT else f"...{path[3 - _LONGEST_PROMPT :]}"
        return f"{safe_lines(shown)}> "

    def open_vault(self) -> None:
        """Read the vault that was chosen. Raises `NotFoundError`, `SettingsError`, `VaultError`, `KeychainError`."""
        local = LocalService(self._context.workspace)
        vault = local.vault(self._context.arguments.chosen_vault)
        self._context.unlock()
        state = local.state(vault.id)
        self._context.run(state.read_once)
        self._vault_id = vault.id
        self.caller = CommandContext(state, Task())

    def run_line(self, line: str) -> int:
        """Carry out one line; return its exit code. Raises `Left`."""
        try:
            words = split_line(line)
        except CommandError as error:
            return self._say(error)
        return self.run_words(words) if words and not words[0].startswith("#") else exit_codes.OK

    def run_words(self, words: list[str]) -> int:
        """As `run_line`, for a line that was split already."""
        if words[0] in LEAVING:
            raise Left
        try:
            if words[0] in SERVICE_NAMES:
                return self._run_service(words)
            if not self._vault_id and words[0] not in _WITHOUT_VAULT:
                self.open_vault()
            self._print(self._context.run(lambda task: self._run(words, task)))
        except KeeperDBError as error:
            return self._say(error)
        return exit_codes.OK

    def _run(self, words: list[str], task: Task) -> Output:
        self.caller.task = task
        return run_words(words, self.caller)

    def _run_service(self, words: list[str]) -> int:
        from keeperdb.cli.entry import find_command

        try:
            arguments = build_parser(__version__).parse_all(words)
            for name in _SHARED:
                setattr(arguments, name, getattr(self._context.arguments, name))
            arguments.chosen_vault = arguments.chosen_vault or self._vault_id or self._context.arguments.chosen_vault
            return find_command(arguments.run)(self._context.inner(arguments))
        except UsageError as error:
            self._context.say(f"Error: {error}")
            return exit_codes.USAGE
        except SystemExit:  # after --help
            return exit_codes.OK

    def _print(self, output: Output) -> None:
        out = self._context.out
        if output.text:
            out.write((safe_lines(output.text) if out.isatty() else output.text) + "\n")
            out.flush()

    def _say(self, error: KeeperDBError) -> int:
        self._context.say_error(error)
        if isinstance(error, CommandError):
            return exit_codes.USAGE if error.kind is CommandKind.BAD_ARGUMENTS else exit_codes.VAULT
        return exit_codes.exit_code_of(error)


def is_terminal() -> bool:
    """Whether a person types the lines."""
    return sys.stdin is not None and sys.stdin.isatty()
