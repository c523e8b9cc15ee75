"""`help`: the commands, or one of them."""

from argparse import Namespace

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.parsing import usage
from keeperdb.commands.table import COMMANDS, find
from keeperdb.errors import CommandError, CommandKind


def show_help(context: Context, arguments: Namespace) -> Output:
    return Output(said=_one(arguments.command[0]) if arguments.command else _all())


def _one(word: str) -> str:
    command = find(word)
    if command is None:
        raise CommandError(CommandKind.NOT_FOUND, "There is no such command.", "`help` lists the commands.")
    return usage(command) if command.is_available else command.summary


def _all() -> str:
    lines: list[str] = []
    category = ""
    for command in COMMANDS.values():
        if command.category != category:
            category = command.category
            lines += ["", f"{category}:"] if lines else [f"{category}:"]
        words = ", ".join((command.name, *command.aliases))
        lines.append(f"  {words:<26} {command.summary}")
    return "\n".join([*lines, "", "`help COMMAND` explains one."])
