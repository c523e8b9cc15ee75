"""Asking before something is forgotten."""

import sys

from keeperdb.cli.context import Context
from keeperdb.cli.output import safe
from keeperdb.errors import SettingsError


def confirm(context: Context, question: str) -> bool:
    """Whether the person agrees, or `--yes` was given. Raises `SettingsError` where nobody can be asked."""
    return bool(context.arguments.yes) or ask(question, "Add --yes.")


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def ask(question: str, otherwise: str) -> bool:
    """Whether the person agrees. Raises `SettingsError` where nobody can be asked; `otherwise` says what to do."""
    if not can_ask():
        raise SettingsError(f"{question} Nobody is there to answer.", otherwise)
    sys.stderr.write(f"{safe(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
