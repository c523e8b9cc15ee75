"""`keeperdb shell`, and vault commands as commands of their own."""

import sys
from collections.abc import Iterator
from pathlib import Path

from keeperdb import __version__
from keeperdb.cli import exit_codes
from keeperdb.cli.arguments import build_parser
from keeperdb.cli.command_table import COMMANDS
from keeperdb.cli.context import Context
from keeperdb.cli.shell_session import Left, ShellSession, is_terminal
from keeperdb.cli.vault_words import HELP
from keeperdb.errors import SettingsError

_HISTORY = "shell-history"
_HINT = "`help` lists the commands, `quit` leaves."


def run(context: Context) -> int:
    """Lines of options, a file, standard input or a person.

    What a person types goes on after an error; everything else ends with the first command that fails, and its code.
    """
    session = ShellSession(context)
    session.open_vault()
    arguments = context.arguments
    if arguments.command:
        return _run_all(session, iter(arguments.command))
    if arguments.file is not None:
        return _run_all(session, iter(_lines_of(arguments.file)))
    return _talk(context, session) if is_terminal() else _run_all(session, _typed_lines())


def run_words(context: Context) -> int:
    """One vault command, whose words are those of the command line."""
    words: list[str] = context.arguments.words
    if words[0] == HELP:
        return _show_help(context, words)
    return ShellSession(context).run_words(words)


def _show_help(context: Context, words: list[str]) -> int:
    """`help` says both what KeeperDB's own commands are and what the vault commands are."""
    own = {command.name for command in COMMANDS}
    if len(words) > 1 and words[1] in own:
        build_parser(__version__).parse_all([*words[1:], "--help"])  # leaves the program
    if len(words) == 1:
        context.out.write(build_parser(__version__).format_help())
        context.out.write("\nvault commands, on the command line and in `keeperdb shell`:\n")
    return ShellSession(context).run_words(words)


def _run_all(session: ShellSession, lines: Iterator[str]) -> int:
    try:
        for line in lines:
            code = session.run_line(line.strip())
            if code != exit_codes.OK:
                return code
    except Left:
        pass
    return exit_codes.OK


def _typed_lines() -> Iterator[str]:
    """One by one, so that a command that asks finds its answers in the lines that follow."""
    while line := sys.stdin.readline():
        yield line


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise SettingsError(f"{path} could not be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text.") from None


def _talk(context: Context, session: ShellSession) -> int:
    from prompt_toolkit import PromptSession

    from keeperdb.cli.shell_completion import ShellCompleter
    from keeperdb.cli.shell_history import ShellHistory

    prompts: PromptSession[str] = PromptSession(
        history=ShellHistory(context.workspace.paths.data / _HISTORY),
        completer=ShellCompleter(lambda: session.caller),
        complete_while_typing=False,
        enable_history_search=True,
    )
    context.say(_HINT)
    while True:
        try:
            session.run_line(prompts.prompt(session.prompt).strip())
        except KeyboardInterrupt:  # what was typed, or what ran, is given up
            continue
        except (EOFError, Left):
            return exit_codes.OK
