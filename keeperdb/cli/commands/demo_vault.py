"""`keeperdb demo-vault`: the demo vault server alone."""

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.parser import UsageError


def run(context: Context) -> int:
    """Serve until the process is told to end; how to reach the vault is one JSON line on standard output."""
    from keeperdb.demo.run import serve

    arguments = context.arguments
    if not 0 <= arguments.port <= 65535:
        raise UsageError(arguments.parser, "--port is a number from 1 to 65535, or 0 for a free one.")
    serve(arguments.port, arguments.seed)
    return exit_codes.OK
