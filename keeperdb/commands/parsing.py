"""Parses the words after a command with argparse, which here neither prints nor exits."""

import re
from argparse import ArgumentError, ArgumentParser, Namespace
from functools import cache
from typing import NoReturn

from keeperdb.commands.command import Command
from keeperdb.errors import CommandError, CommandKind

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class _UsageError(Exception):
    pass


class Parser(ArgumentParser):
    """An `ArgumentParser` that raises instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _UsageError(message or "")


def parse(command: Command, words: list[str]) -> Namespace:
    """The arguments of `command`. Raises `CommandError` in argparse's words, without anybody's secret in them."""
    parser, defaults = _parser(command)
    if not words and defaults is not None:
        return Namespace(**vars(defaults))
    try:
        arguments, rest = parser.parse_known_args(words)
    except (_UsageError, ArgumentError) as error:
        raise _refused(_masked(str(error)) if command.takes_secrets else str(error)) from None
    if rest and command.gathers and not any(word.startswith("-") for word in rest):
        setattr(arguments, command.gathers, [*getattr(arguments, command.gathers), *rest])
    elif rest:
        raise _refused(f"unrecognized arguments: {' '.join(_shown(word, command) for word in rest)}")
    return arguments


def usage(command: Command) -> str:
    """The text of `help COMMAND`."""
    return _parser(command)[0].format_help().rstrip()


@cache
def _parser(command: Command) -> tuple[Parser, Namespace | None]:
    """Made once for each command; parsing changes nothing in it. With what no words stand for, if that is fine."""
    parser = Parser(prog=command.name, description=command.summary, add_help=False, exit_on_error=False)
    command.add_options(parser)
    try:
        return parser, parser.parse_args([])
    except (_UsageError, ArgumentError):
        return parser, None


def _shown(word: str, command: Command) -> str:
    """A word that was not understood: of an option its name, of anything else nothing where it may be a secret."""
    if word.startswith("--"):
        return word.partition("=")[0]
    return "…" if command.takes_secrets else word


def _masked(message: str) -> str:
    return _QUOTED.sub("…", message)


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message[:1000], is_usage=True)
