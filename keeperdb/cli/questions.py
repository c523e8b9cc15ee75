"""Asking before something is forgotten."""

import sys

from keeperdb.cli.context import Context
from keeperdb.cli.output import safe
from keeperdb.errors import SettingsError


def confirm(context: Context, question: str) -> bool:
    """Whether the person agrees, or `--yes` was given. Raises `SettingsError` where nobody can be asked."""
    if context.arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise SettingsError(f"{question} Nobody is there to answer.", "Add --yes.")
    sys.stderr.write(f"{safe(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
