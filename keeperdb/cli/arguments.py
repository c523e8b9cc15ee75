"""All commands and their options. Nothing heavy is imported here: `keeperdb --version` needs no more than this."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from keeperdb.cli.parser import Parser

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]  # the library has no public name for it

LIST_FORMATS = ("table", "json", "csv")
QUERY_FORMATS = ("table", "csv", "json", "jsonl", "md")
_CONNECTION_HELP = "name of a connection; vault/name, or local/name, where names collide"

_NOT_AN_ARGUMENT = (
    "The token does not stand on the command line, where other programs can read it.\n"
    "  Write it to standard input, or leave it out to be asked. Have a new one made if one was typed here."
)
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


def build_parser(version: str) -> Parser:
    """The parser of the whole command line. The namespace has `run`, `module:function` of what to call."""
    parser = Parser(prog="keeperdb", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"KeeperDB {version}")
    _add_global_options(parser)
    parser.set_defaults(run="window:run_gui", parser=parser, files=[])
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_add_gui, _add_demo, _add_vault, _add_connections, _add_query, _add_schema, _add_config):
        add(commands)
    return parser


def _add_global_options(parser: Parser) -> None:
    group = parser.add_argument_group("global options, before the command")
    group.add_argument("--home", metavar="FOLDER", type=Path, help="keep everything below one folder (KEEPERDB_HOME)")
    group.add_argument("--mode", choices=("desktop", "gateway"), help="how the program is used (KEEPERDB_MODE)")
    group.add_argument(
        "--master-password-fd",
        metavar="N",
        type=int,
        help="read the master password of the encrypted file from file descriptor N; otherwise it is asked for",
    )
    vault = parser.add_argument_group("a vault server that is not Keeper's cloud (all three or none)")
    vault.add_argument("--vault-endpoint", metavar="HOST[:PORT]", help="(KEEPERDB_VAULT_ENDPOINT)")
    vault.add_argument("--vault-server-key", metavar="ID:KEY", help="its public key (KEEPERDB_VAULT_SERVER_KEY)")
    vault.add_argument("--vault-ca", metavar="FILE", help="certificates to trust (KEEPERDB_VAULT_CA)")


def _add(commands: "Commands", name: str, run: str, summary: str, examples: str) -> Parser:
    parser = commands.add_parser(
        name, help=summary, description=summary[:1].upper() + summary[1:] + ".", epilog=f"examples:\n{examples}"
    )
    parser.set_defaults(run=run, parser=parser)
    return parser


def _add_group(commands: "Commands", name: str, summary: str, examples: str) -> "Commands":
    parser = _add(commands, name, "", summary, examples)
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _add_format(parser: Parser, formats: tuple[str, ...] = LIST_FORMATS) -> None:
    parser.add_argument("--format", choices=formats, default="table", help="table unless told otherwise")


def _add_gui(commands: "Commands") -> None:
    parser = _add(commands, "gui", "window:run_gui", "open the window", "  keeperdb gui\n  keeperdb gui report.sql")
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*", help="SQL or database files to open")


def _add_demo(commands: "Commands") -> None:
    parser = _add(
        commands,
        "demo",
        "window:run_demo",
        "try everything with a vault server and a sample database of its own",
        "  keeperdb demo\n  keeperdb demo --picture /tmp/demo.png     where there is no screen",
    )
    parser.add_argument(
        "--picture",
        metavar="FILE",
        type=Path,
        default=Path("demo.png"),
        help="where the picture is saved without a screen",
    )
    parser = _add(
        commands,
        "demo-vault",
        "demo_vault:run",
        "run the demo vault server alone and print how to reach it, as one JSON line",
        "  keeperdb demo-vault --port 8443\n  keeperdb demo-vault --seed vault.json",
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one unless given")
    parser.add_argument(
        "--seed", metavar="FILE", type=Path, help="JSON file with folders and records; a sample unless given"
    )


def _add_vault(commands: "Commands") -> None:
    group = _add_group(
        commands,
        "vault",
        "attach Keeper vaults, whose databases then are connections",
        "  keeperdb vault attach Work\n  keeperdb vault list",
    )
    parser = _add(
        group,
        "attach",
        "vaults:attach",
        "attach a vault by a one-time access token, or a ready Secrets Manager configuration",
        "  keeperdb vault attach Work                 asks for the token, hidden\n"
        "  keeperdb vault attach Work < token.txt",
    )
    parser.add_argument("name", metavar="NAME", help="what to call it here")
    parser.set_defaults(too_many=_NOT_AN_ARGUMENT)
    _add_format(
        _add(group, "list", "vaults:show_list", "list the attached vaults", "  keeperdb vault list --format json")
    )
    parser = _add(group, "refresh", "vaults:refresh", "read one vault, or all, anew", "  keeperdb vault refresh Work")
    parser.add_argument("name", metavar="NAME", nargs="?", help="all of them unless given")
    parser = _add(group, "rename", "vaults:rename", "give a vault another name", "  keeperdb vault rename Work Office")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("new_name", metavar="NEW_NAME")
    parser = _add(
        group,
        "detach",
        "vaults:detach",
        "forget a vault, its connections and its access on this machine",
        "  keeperdb vault detach Work",
    )
    parser.add_argument("name", metavar="NAME")
    _add_yes(parser)


def _add_yes(parser: Parser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")


def _add_connections(commands: "Commands") -> None:
    from keeperdb.cli.connection_options import add_profile_options

    group = _add_group(
        commands,
        "connections",
        "list, add, change, remove and test connections",
        "  keeperdb connections list\n  keeperdb connections add orders --engine postgresql --host db1 --user ann",
    )
    parser = _add(
        group,
        "list",
        "connections:show_list",
        "list local and vault connections",
        "  keeperdb connections list --source vault\n  keeperdb connections list --format json",
    )
    parser.add_argument("--source", choices=("local", "vault", "all"), default="all")
    _add_format(parser)
    parser = _add(group, "show", "connections:show", "show all of one connection", "  keeperdb connections show orders")
    parser.add_argument("name", metavar="CONNECTION", help=_CONNECTION_HELP)
    _add_format(parser)
    parser = _add(
        group,
        "add",
        "connections:add",
        "add a local connection",
        "  keeperdb connections add shop --engine sqlite --path shop.sqlite\n"
        "  keeperdb connections add orders --engine postgresql --host db1 --user ann --database orders\n"
        "  keeperdb connections add orders --url postgresql://ann@db1/orders --password-stdin < password.txt\n"
        "  keeperdb connections add orders --url - < url.txt         a URL that may hold a password",
    )
    parser.add_argument("name", metavar="NAME")
    add_profile_options(parser)
    parser = _add(
        group,
        "edit",
        "connections:edit",
        "change a local connection; what is not named stays as it is",
        "  keeperdb connections edit orders --host db2\n  keeperdb connections edit orders --name old-orders",
    )
    parser.add_argument("name", metavar="CONNECTION", help=_CONNECTION_HELP)
    parser.add_argument("--name", dest="new_name", metavar="NAME", help="another name")
    add_profile_options(parser)
    parser = _add(
        group,
        "remove",
        "connections:remove",
        "forget a local connection and its password",
        "  keeperdb connections remove orders",
    )
    parser.add_argument("name", metavar="CONNECTION", help=_CONNECTION_HELP)
    _add_yes(parser)
    parser = _add(
        group,
        "test",
        "connections:test",
        "open a connection, print the server's version, close it",
        "  keeperdb connections test Work/orders",
    )
    parser.add_argument("name", metavar="CONNECTION", help=_CONNECTION_HELP)
    add_password_stdin(parser)


def add_password_stdin(parser: Parser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input; otherwise it is asked for"
    )


def _add_query(commands: "Commands") -> None:
    parser = _add(
        commands,
        "query",
        "query:run",
        "run SQL and print what it returns",
        '  keeperdb query chinook "SELECT * FROM artist" --limit 10\n'
        "  keeperdb query Work/orders -f report.sql --format csv --output report.csv\n"
        "  generate-sql | keeperdb query orders - --format jsonl | jq .total\n\n"
        "Several statements give several results, one after the other; an error stops at its statement.\n"
        "Each statement is committed by itself. On a connection that commits by hand it is all or nothing: --commit\n"
        "keeps the changes, and without it they are rolled back.",
    )
    parser.add_argument("name", metavar="CONNECTION", help=_CONNECTION_HELP)
    parser.add_argument("sql", metavar="SQL", nargs="?", help="one or more statements; - reads standard input")
    parser.add_argument("-f", "--file", metavar="FILE", type=Path, help="read the statements from a file")
    _add_format(parser, QUERY_FORMATS)
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write to a file, which is replaced only when all went well"
    )
    parser.add_argument(
        "--limit", metavar="N", type=int, help="at most N rows of each result; all of them unless given"
    )
    parser.add_argument("--commit", action="store_true", help="keep the changes on a connection that commits by hand")
    add_password_stdin(parser)


def _add_schema(commands: "Commands") -> None:
    parser = _add(
        commands,
        "schema",
        "schema:run",
        "list the objects of a database, or the parts of one object",
        "  keeperdb schema chinook\n"
        "  keeperdb schema chinook invoice\n"
        "  keeperdb schema orders public/invoice --format json",
    )
    parser.add_argument("name", metavar="CONNECTION", help=_CONNECTION_HELP)
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        default="",
        help="names of schema and table, split by / or .; / alone lists the databases of the server",
    )
    _add_format(parser)
    add_password_stdin(parser)


def _add_config(commands: "Commands") -> None:
    group = _add_group(
        commands,
        "config",
        "read and change settings",
        "  keeperdb config list\n  keeperdb config set appearance.theme dark",
    )
    parser = _add(group, "get", "config:get", "print one value", "  keeperdb config get results.page_size")
    parser.add_argument("setting", metavar="SETTING")
    parser = _add(
        group,
        "set",
        "config:set_value",
        "change one value",
        "  keeperdb config set results.page_size 500\n"
        "  keeperdb config set connections.keychain file     moves what is kept into an encrypted file",
    )
    parser.add_argument("setting", metavar="SETTING")
    parser.add_argument("value", metavar="VALUE")
    _add_format(_add(group, "list", "config:show_list", "list all settings", "  keeperdb config list --format json"))
