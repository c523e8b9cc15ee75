"""From the table of commands to a parser."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keeperdb.cli.command_row import Command
from keeperdb.cli.command_table import COMMANDS
from keeperdb.cli.connection_options import Argument, argument
from keeperdb.cli.parser import Parser

if TYPE_CHECKING:
    SubParsers = argparse._SubParsersAction[Parser]  # the library has no public name for it

_DESCRIPTION = "A desktop database client whose connections come from a Keeper vault."
_EPILOG = """\
examples:
  keeperdb                                          open the window
  keeperdb demo                                     see everything with a vault and a database of its own
  keeperdb vault attach Work                        asks for the one-time token, hidden
  keeperdb connections list --source vault
  keeperdb query Work/orders "SELECT count(*) FROM invoice"
  keeperdb --home /tmp/trial connections list       global options stand before the command

Standard output is data, messages go to standard error.
exit codes: 0 done, 1 SQL error, 2 usage or settings, 3 connection, 4 vault, 130 interrupted
"""

_GLOBAL = (
    argument("--home", metavar="FOLDER", type=Path, help="keep everything below one folder (KEEPERDB_HOME)"),
    argument("--mode", choices=("desktop", "gateway"), help="how the program is used (KEEPERDB_MODE)"),
    argument(
        "--master-password-fd",
        metavar="N",
        type=int,
        help="read the master password of the encrypted file from file descriptor N; otherwise it is asked for",
    ),
    argument(
        "--vault", dest="chosen_vault", metavar="NAME", help="vault of the shell and of vault commands, if several"
    ),
)
_ENDPOINT = (
    argument("--vault-endpoint", metavar="HOST[:PORT]", help="(KEEPERDB_VAULT_ENDPOINT)"),
    argument("--vault-server-key", metavar="ID:KEY", help="its public key (KEEPERDB_VAULT_SERVER_KEY)"),
    argument("--vault-ca", metavar="FILE", help="certificates to trust (KEEPERDB_VAULT_CA)"),
)
_GROUPS = (
    ("global options, before the command", _GLOBAL),
    ("a vault server that is not Keeper's cloud (all three or none)", _ENDPOINT),
)


def build_parser(version: str, *, is_gateway: bool = False) -> Parser:
    """The parser of the whole command line. The namespace has `run`, which names what to call.

    `is_gateway`: what does not exist in gateway mode is not listed.
    """
    parser = Parser(prog="keeperdb", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"KeeperDB {version}")
    for title, arguments in _GROUPS:
        _add_arguments(parser.add_argument_group(title), arguments)
    parser.set_defaults(run="window:run_gui", parser=parser, files=[], names=[])
    _add_commands(parser.add_subparsers(title="commands", metavar="COMMAND"), COMMANDS, is_gateway=is_gateway)
    return parser


def _add_commands(parsers: "SubParsers", commands: Iterable[Command], *, is_gateway: bool) -> None:
    for command in commands:
        summary = command.summary
        listed: dict[str, Any] = {} if command.desktop_only and is_gateway else {"help": summary}
        parser = parsers.add_parser(
            command.name,
            **listed,
            description=summary[:1].upper() + summary[1:] + ".",
            epilog=f"examples:\n{command.examples}",
        )
        parser.set_defaults(run=command.run, parser=parser, too_many=command.too_many)
        _add_arguments(parser, command.arguments)
        if command.commands:
            group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
            _add_commands(group, command.commands, is_gateway=is_gateway)


def _add_arguments(target: argparse._ActionsContainer, arguments: Iterable[Argument]) -> None:
    for each in arguments:
        target.add_argument(*each.names, **each.options)
