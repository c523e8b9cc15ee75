"""Tells which word of the command line is a vault command: those are in a table of their own."""

from collections.abc import Sequence

from keeperdb.cli.command_table import COMMANDS

HELP = "help"

_OWN = frozenset(command.name for command in COMMANDS)
_ALONE = ("--version", "--help", "-h")  # global options that take no value


def vault_command_at(words: Sequence[str]) -> int | None:
    """The index of the word that names a vault command; None if the command is one of KeeperDB's own, or unknown.

    A name that both have, such as `query`, means KeeperDB's own; in the shell it means the vault command.
    """
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] in _ALONE:
            return None
        index += 1 if "=" in words[index] else 2
    if index >= len(words) or words[index] in _OWN:
        return None
    from keeperdb.commands.table import find  # only here: most commands are our own

    return index if find(words[index]) is not None else None
