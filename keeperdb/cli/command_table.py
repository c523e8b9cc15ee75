"""The table of commands: names, summaries, examples, arguments. Help, parser and dispatch derive from it.

Nothing heavy is imported here: `keeperdb --version` needs no more than this.
"""

from pathlib import Path

from keeperdb.cli.command_row import LIST as _LIST
from keeperdb.cli.command_row import Command
from keeperdb.cli.command_row import format_option as _format
from keeperdb.cli.connection_options import PROFILE_ARGUMENTS, argument
from keeperdb.cli.service_table import SERVICE_COMMANDS

_QUERY_FORMATS = ("table", "csv", "json", "jsonl", "md")
_EXPORT_FORMATS = ("csv", "tsv", "json", "jsonl", "sql", "md", "html", "xlsx", "parquet")
_NOT_AN_ARGUMENT = (
    "The token does not stand on the command line, where other programs can read it.\n"
    "  Write it to standard input, or leave it out to be asked. Have a new one made if one was typed here."
)


_CONNECTION = argument(
    "name", metavar="CONNECTION", help="name of a connection; vault/name, or local/name, where names collide"
)
_VAULT = argument("name", metavar="NAME", help="name of an attached vault")
_PARAMETERS = argument(
    "--param",
    dest="parameters",
    metavar="NAME[:TYPE]=VALUE",
    action="append",
    default=[],
    help="value of :NAME or %%(NAME)s, once for each; TYPE is text, number, date, boolean or null",
)
_YES = argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")
_PASSWORD = argument(
    "--password-stdin", action="store_true", help="read the password from standard input; otherwise it is asked for"
)

_VAULTS = (
    Command(
        "attach",
        "attach a vault by a one-time access token, or a ready Secrets Manager configuration",
        "  keeperdb vault attach Work                 asks for the token, hidden\n"
        "  keeperdb vault attach Work < token.txt",
        "vaults:attach",
        (argument("name", metavar="NAME", help="what to call it here"),),
        too_many=_NOT_AN_ARGUMENT,
    ),
    Command("list", "list the attached vaults", "  keeperdb vault list --format json", "vaults:show_list", (_LIST,)),
    Command(
        "refresh",
        "read one vault, or all, anew",
        "  keeperdb vault refresh Work",
        "vaults:refresh",
        (argument("name", metavar="NAME", nargs="?", help="all of them unless given"),),
    ),
    Command(
        "rename",
        "give a vault another name",
        "  keeperdb vault rename Work Office",
        "vaults:rename",
        (_VAULT, argument("new_name", metavar="NEW_NAME")),
    ),
    Command(
        "detach",
        "forget a vault, its connections and its access on this machine",
        "  keeperdb vault detach Work",
        "vaults:detach",
        (_VAULT, _YES),
    ),
)

_CONNECTIONS = (
    Command(
        "list",
        "list local and vault connections",
        "  keeperdb connections list --source vault\n  keeperdb connections list --format json",
        "connections:show_list",
        (argument("--source", choices=("local", "vault", "all"), default="all"), _LIST),
    ),
    Command(
        "show",
        "show all of one connection",
        "  keeperdb connections show orders",
        "connections:show",
        (_CONNECTION, _LIST),
    ),
    Command(
        "add",
        "add a local connection",
        "  keeperdb connections add shop --engine sqlite --path shop.sqlite\n"
        "  keeperdb connections add orders --engine postgresql --host db1 --user ann --database orders\n"
        "  keeperdb connections add orders --url postgresql://ann@db1/orders --password-stdin < password.txt\n"
        "  keeperdb connections add orders --url - < url.txt         a URL that may hold a password",
        "connections:add",
        (argument("name", metavar="NAME"), *PROFILE_ARGUMENTS),
        too_many="There is one NAME; an address is given with --url, the rest with the other options.",
    ),
    Command(
        "edit",
        "change a local connection; what is not named stays as it is",
        "  keeperdb connections edit orders --host db2\n  keeperdb connections edit orders --name old-orders",
        "connections:edit",
        (
            _CONNECTION,
            argument("--name", dest="new_name", metavar="NAME", help="another name"),
            *PROFILE_ARGUMENTS,
        ),
    ),
    Command(
        "remove",
        "forget a local connection and its password",
        "  keeperdb connections remove orders",
        "connections:remove",
        (_CONNECTION, _YES),
    ),
    Command(
        "test",
        "open a connection, print the server's version, close it",
        "  keeperdb connections test Work/orders",
        "connections:test",
        (_CONNECTION, _PASSWORD),
    ),
)

_CONFIG = (
    Command(
        "get",
        "print one value",
        "  keeperdb config get results.page_size",
        "config:get",
        (argument("setting", metavar="SETTING"),),
    ),
    Command(
        "set",
        "change one value",
        "  keeperdb config set results.page_size 500\n"
        "  keeperdb config set connections.keychain file     moves what is kept into an encrypted file",
        "config:set_value",
        (argument("setting", metavar="SETTING"), argument("value", metavar="VALUE")),
    ),
    Command("list", "list all settings", "  keeperdb config list --format json", "config:show_list", (_LIST,)),
)

_STORAGE = (
    Command(
        "enable",
        "keep local connections and preferences in the folder KeeperDB Storage of a vault",
        "  keeperdb storage enable Work\n  keeperdb storage enable Work --folder Team --type pam-database",
        "storage:enable",
        (
            argument("vault", metavar="VAULT", help="name of an attached vault whose application may edit a folder"),
            argument("--folder", metavar="NAME", help="the shared folder that holds it, where several can be edited"),
            argument(
                "--type",
                choices=("database", "pam-database"),
                default="database",
                help="type of the records: Database unless told otherwise, or PAM Database with a linked PAM User",
            ),
            _LIST,
        ),
    ),
    Command(
        "status",
        "show where it is, what is pending and what failed",
        "  keeperdb storage status\n  keeperdb storage status --format json",
        "storage:status",
        (_LIST,),
    ),
    Command(
        "plan",
        "show what a sync would do, and do nothing",
        "  keeperdb storage plan\n  keeperdb storage plan --format json",
        "storage:plan",
        (_LIST,),
    ),
    Command(
        "sync",
        "bring this machine and the vault in line",
        "  keeperdb storage sync\n  keeperdb storage sync --yes         deletes more than a few connections, too\n\n"
        "A sync that would delete more than a few connections does everything else, and waits for --yes.",
        "storage:sync",
        (argument("--yes", action="store_true", help="delete without asking"), _LIST),
    ),
    Command(
        "restore",
        "take over what the vault has and this machine has not",
        "  keeperdb storage restore --all\n  keeperdb storage restore orders preferences",
        "storage:restore",
        (
            argument("names", metavar="NAME", nargs="*", help="names of connections, or preferences"),
            argument("--all", action="store_true", help="everything"),
            _LIST,
        ),
    ),
    Command(
        "disable",
        "stop keeping them in the vault; what is on this machine stays",
        "  keeperdb storage disable                     asks about the vault's copy\n"
        "  keeperdb storage disable --keep-copy\n"
        "  keeperdb storage disable --delete-copy",
        "storage:disable",
        (
            argument("--keep-copy", action="store_true", help="leave the vault's copy where it is"),
            argument("--delete-copy", action="store_true", help="delete the vault's copy"),
        ),
    ),
)

COMMANDS = (
    Command(
        "gui",
        "open the window",
        "  keeperdb gui\n  keeperdb gui report.sql\n  keeperdb gui keeperdb:open/Shop     asks before it connects",
        "window:run_gui",
        (argument("files", metavar="FILE", nargs="*", help="SQL or database files, or keeperdb: links, to open"),),
    ),
    Command(
        "open",
        "open connections in the window",
        "  keeperdb open Shop\n  keeperdb open Work/orders Shop",
        "window:run_gui",
        (argument("names", metavar="NAME", nargs="+", help="connection, or vault/connection"),),
    ),
    Command(
        "demo",
        "try everything with a vault server and a sample database of its own",
        "  keeperdb demo\n  keeperdb demo --picture /tmp/demo.png     where there is no screen",
        "window:run_demo",
        (
            argument(
                "--picture",
                metavar="FILE",
                type=Path,
                default=Path("demo.png"),
                help="where the picture is saved without a screen",
            ),
        ),
    ),
    Command(
        "demo-vault",
        "run the demo vault server alone and print how to reach it, as one JSON line",
        "  keeperdb demo-vault --port 8443\n  keeperdb demo-vault --seed vault.json",
        "demo_vault:run",
        (
            argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one unless given"),
            argument(
                "--seed",
                metavar="FILE",
                type=Path,
                help="JSON file with folders and records; a sample unless given",
            ),
        ),
    ),
    Command(
        "vault",
        "attach Keeper vaults, whose databases then are connections",
        "  keeperdb vault attach Work\n  keeperdb vault list",
        commands=_VAULTS,
    ),
    Command(
        "connections",
        "list, add, change, remove and test connections",
        "  keeperdb connections list\n  keeperdb connections add orders --engine postgresql --host db1 --user ann",
        commands=_CONNECTIONS,
    ),
    Command(
        "storage",
        "keep local connections and preferences in a vault, for the next machine",
        "  keeperdb storage enable Work\n  keeperdb storage plan\n  keeperdb storage sync",
        commands=_STORAGE,
        desktop_only=True,
    ),
    Command(
        "query",
        "run SQL and print what it returns",
        '  keeperdb query chinook "SELECT * FROM artist" --limit 10\n'
        "  keeperdb query Work/orders -f report.sql --format csv --output report.csv\n"
        "  generate-sql | keeperdb query orders - --format jsonl | jq .total\n\n"
        "Several statements give several results, one after the other; an error stops at its statement.\n"
        "Each statement is committed by itself. On a connection that commits by hand it is all or nothing: --commit\n"
        "keeps the changes, and without it they are rolled back.",
        "query:run",
        (
            _CONNECTION,
            argument("sql", metavar="SQL", nargs="?", help="one or more statements; - reads standard input"),
            argument("-f", "--file", metavar="FILE", type=Path, help="read the statements from a file"),
            _format(*_QUERY_FORMATS),
            argument(
                "-o",
                "--output",
                metavar="FILE",
                type=Path,
                help="write to a file, which is replaced only when all went well",
            ),
            argument("--limit", metavar="N", type=int, help="at most N rows of each result; all of them unless given"),
            _PARAMETERS,
            argument("--commit", action="store_true", help="keep the changes on a connection that commits by hand"),
            argument("--yes", action="store_true", help="run what destroys without asking: DROP, DELETE of all rows …"),
            _PASSWORD,
        ),
    ),
    Command(
        "export",
        "write what a query returns, or a table, to a file",
        "  keeperdb export chinook --table invoice --output invoice.xlsx\n"
        '  keeperdb export Work/orders "SELECT * FROM invoice" --output invoice.csv --delimiter ";"\n'
        "  keeperdb export Work/orders -f report.sql --output report.parquet\n\n"
        "The file is replaced only when all went well. Its ending tells the format unless --format does.",
        "export:run",
        (
            _CONNECTION,
            argument("sql", metavar="SQL", nargs="?", help="one query; - reads standard input"),
            argument("-f", "--file", metavar="FILE", type=Path, help="read the query from a file"),
            argument("--table", metavar="PATH", help="names of schema and table, or view, split by / or ."),
            argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the file to write"),
            argument("--format", choices=_EXPORT_FORMATS, help="what is written; told by the file's ending otherwise"),
            argument("--limit", metavar="N", type=int, help="at most N rows; all of them unless given"),
            argument(
                "--delimiter",
                metavar="CHARACTER",
                help="what stands between two values of CSV; tab is a word for it (results.csv_delimiter)",
            ),
            argument("--no-header", action="store_true", help="leave out the line with the names of the columns"),
            argument("--bom", action="store_true", help="begin CSV with a byte order mark, by which Excel knows UTF-8"),
            argument(
                "--formula-guard",
                action="store_true",
                help="put an apostrophe before text of CSV that a spreadsheet would run (results.csv_formula_guard)",
            ),
            argument("--insert-into", metavar="TABLE", help="the table that INSERT statements name; SQL only"),
            _PARAMETERS,
            argument("--yes", action="store_true", help="run what destroys without asking: DELETE … RETURNING …"),
            _PASSWORD,
        ),
    ),
    Command(
        "schema",
        "list the objects of a database or the parts of one object, or print the statements that make it",
        "  keeperdb schema chinook\n"
        "  keeperdb schema chinook invoice\n"
        "  keeperdb schema orders public/invoice --format json\n"
        "  keeperdb schema orders public/invoice --ddl > invoice.sql",
        "schema:run",
        (
            _CONNECTION,
            argument(
                "path",
                metavar="PATH",
                nargs="?",
                default="",
                help="names of schema and table, split by / or .; / alone lists the databases and users",
            ),
            argument("--ddl", action="store_true", help="print the SQL that makes the object; it holds no passwords"),
            _LIST,
            _PASSWORD,
        ),
    ),
    Command(
        "config",
        "read and change settings",
        "  keeperdb config list\n  keeperdb config set appearance.theme dark",
        commands=_CONFIG,
    ),
    *SERVICE_COMMANDS,
)
