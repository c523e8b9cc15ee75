"""The rows of the table of commands that make, start and stop the service, and open the shell."""

from argparse import SUPPRESS
from collections.abc import Mapping
from pathlib import Path

from keeperdb.cli.command_row import LIST, Command
from keeperdb.cli.commander_options import IGNORED, IGNORED_OUTPUT, NOT_OFFERED
from keeperdb.cli.connection_options import argument

_VAULT = argument(
    "--vault", dest="chosen_vault", metavar="NAME", default=SUPPRESS, help="the vault, where several are attached"
)
_RECORD = argument("--record", metavar="UID", help="take the configuration of this record, where several could be it")
_CONNECTIONS = argument(
    "--connections", metavar="NAMES", help="connections that query and schema may use with the key, or * for all"
)

# The name of each option of service-create, and of the field of `GivenOptions` that it fills.
CREATE_FIELDS: Mapping[str, str] = {
    "port": "port",
    "commands": "commands",
    "bind": "bind",
    "ngrok": "ngrok",
    "ngrok_custom_domain": "ngrok_domain",
    "allowedip": "allowed",
    "deniedip": "denied",
    "certfile": "certificate",
    "keyfile": "certificate_key",
    "certpassword": "certificate_password",
    "fileformat": "file_format",
    "run_mode": "run_mode",
    "queue_enabled": "queue",
    "ratelimit": "rate_limit",
    "encryption_key": "encryption_key",
    "token_expiration": "expiration",
    "connections": "connections",
}

_CREATE = (
    argument("-p", "--port", metavar="PORT", help="1024 to 65535; with it, nothing is asked but the commands"),
    argument("-c", "--commands", metavar="NAMES", help="commands that the key may call, split by commas"),
    argument("--bind", metavar="ADDRESS", help="where to listen; 127.0.0.1, this machine alone, unless given"),
    _VAULT,
    argument("--folder", metavar="NAME", help="the shared folder for the configuration, where several can be edited"),
    argument("-ng", "--ngrok", metavar="TOKEN", help="ngrok token, which opens a tunnel; - asks for it, hidden"),
    argument("-cd", "--ngrok_custom_domain", metavar="NAME", help="ngrok domain, or the name before .ngrok.io"),
    argument("-aip", "--allowedip", metavar="LIST", help="addresses, networks or ranges that may call"),
    argument("-dip", "--deniedip", metavar="LIST", help="addresses, networks or ranges that may not"),
    argument("-crtf", "--certfile", metavar="FILE", help="TLS certificate: .pem, .crt, .cer or .key"),
    argument("-crtk", "--keyfile", metavar="FILE", help="its key, unless the certificate's file holds it"),
    argument("-crtp", "--certpassword", metavar="PASSWORD", help="password of the key; - asks for it, hidden"),
    argument("-f", "--fileformat", metavar="FORMAT", help="of the configuration in the vault: yaml or json"),
    argument("-rm", "--run_mode", metavar="MODE", help="foreground, unless background is given"),
    argument("-q", "--queue_enabled", metavar="y|n", help="y, unless n is given: then version 2 does not exist"),
    argument("-rl", "--ratelimit", metavar="LIMIT", help="such as 100/minute; 60/minute unless given"),
    argument("-ek", "--encryption_key", metavar="KEY", help="32 characters that encrypt answers; - asks, hidden"),
    argument("-te", "--token_expiration", metavar="TIME", help="when the key expires, such as 30m, 24h or 7d"),
    _CONNECTIONS,
    _RECORD,
    argument("--new", action="store_true", help="make a new configuration even if the vault has one"),
    argument("--if-missing", action="store_true", help="make one only if the vault has none; otherwise take that"),
    *NOT_OFFERED,
    *IGNORED,
)
_REPORT = argument("--report", action="store_true", help=SUPPRESS)  # how a background process says that it runs

SERVICE_COMMANDS = (
    Command(
        "service-create",
        "make the configuration of the service in the vault and start it, or start the one that is there",
        "  keeperdb service-create                          asks; later starts take the vault's configuration\n"
        "  keeperdb service-create -p 9090 -c 'tree,ls'\n"
        "  keeperdb service-create -p 9090 -c get -rm background -te 24h",
        "service:create",
        _CREATE,
    ),
    Command(
        "service-start",
        "start the service with the configuration in the vault",
        "  keeperdb service-start\n  keeperdb service-start -rm background",
        "service:start",
        (
            _VAULT,
            _RECORD,
            argument("-rm", "--run_mode", metavar="MODE", help="foreground or background; the vault's unless given"),
            _REPORT,
            *IGNORED,
        ),
    ),
    Command(
        "service-stop",
        "stop the service when the requests under way are answered",
        "  keeperdb service-stop",
        "service:stop",
        IGNORED,
    ),
    Command(
        "service-status",
        "show whether the service runs",
        "  keeperdb service-status\n  keeperdb service-status --format json",
        "service:status",
        (LIST, IGNORED_OUTPUT),
    ),
    Command(
        "service-config-add",
        "add a key with its own commands to the configuration; a running service takes it over at once",
        "  keeperdb service-config-add\n  keeperdb service-config-add -c get -te 7d",
        "service:add_key",
        (
            argument(
                "-c", "--commands", metavar="NAMES", help="commands that the key may call; asked for unless given"
            ),
            argument("-te", "--token_expiration", metavar="TIME", help="when the key expires, such as 30m, 24h or 7d"),
            _CONNECTIONS,
            _VAULT,
            *IGNORED,
        ),
    ),
    Command(
        "shell",
        "type vault and service commands, one after the other",
        "  keeperdb shell\n"
        "  keeperdb shell -c 'ls -l'\n"
        "  keeperdb shell < commands.txt                    ends with the first command that fails",
        "shell:run",
        (
            argument("-c", "--command", metavar="LINE", action="append", help="run this line and end; may be repeated"),
            argument("-f", "--file", metavar="FILE", type=Path, help="run the lines of a file and end"),
            _VAULT,
        ),
    ),
)
