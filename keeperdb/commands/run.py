"""Carries out one command line: splits it, finds the command, checks who calls, parses and runs."""

from keeperdb.commands.command import Command, Output
from keeperdb.commands.context import Context
from keeperdb.commands.line import split_line
from keeperdb.commands.parsing import parse
from keeperdb.commands.restrictions import check_arguments, check_words
from keeperdb.commands.table import find
from keeperdb.errors import CommandError, CommandKind, KeeperDBError


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
    word = words[0]
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
    arguments = parse(command, words[1:])
    arguments.word = words[0]
    if context.is_remote:
        check_arguments(arguments, context)
    return command.run(context, arguments)


def _known(word: str) -> Command:
    command = find(word)
    if command is None:
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, f"Unknown command: {word[:100]}", "`help` lists the commands.", is_usage=True
        )
    return command
