"""Carries out one command line: splits it, finds the command, checks who calls, parses and runs."""

import re
from argparse import Namespace

from keeperdb.commands.command import Command, Output
from keeperdb.commands.context import Context
from keeperdb.commands.line import split_line
from keeperdb.commands.parsing import parse, usage
from keeperdb.commands.restrictions import LOCAL_FILES, check_arguments, check_words, forbidden
from keeperdb.commands.table import find
from keeperdb.errors import CommandError, CommandKind, KeeperDBError

_HELP = {"-h", "--help"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def run_line(text: str, context: Context) -> Output:
    """What the command in `text` gives back. Nothing is printed and nothing is read from a terminal.

    Raises `CommandError` for whatever is wrong with the line, or in the vault, and `Cancelled`.
    """
    words = split_line(text)
    if not words:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "Command must not be empty", is_usage=True)
    return run_words(words, context)


def run_words(words: list[str], context: Context) -> Output:
    """As `run_line`, for a line that was split already."""
    word = words[0] if find(words[0]) is not None else ""
    try:
        return _run(words, context)
    except CommandError as error:
        error.command = error.command or word
        raise
    except KeeperDBError as error:
        from keeperdb.commands.failures import as_command_error

        raise as_command_error(error, word) from error


def _run(words: list[str], context: Context) -> Output:
    command = _known(words[0])
    if context.is_remote:
        check_words(words, context)
    if not _HELP.isdisjoint(words[1:]) and command.is_available:
        return Output(said=usage(command))
    arguments = parse(command, words[1:]) if command.is_available else Namespace()
    arguments.word = words[0]
    writes_file = command.writes_file and arguments.output is not None
    if context.is_remote:
        check_arguments(arguments, context)
        if writes_file:
            raise forbidden(LOCAL_FILES)
    output = command.run(context, arguments)
    if writes_file:
        from keeperdb.commands.local_files import write_text

        write_text(arguments.output, output.text)
        return Output()
    return output


def _known(word: str) -> Command:
    command = find(word)
    if command is None:
        named = f": {word}" if _NAME.fullmatch(word) else ""
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, f"Unknown command{named}", "`help` lists the commands.", is_usage=True
        )
    return command
