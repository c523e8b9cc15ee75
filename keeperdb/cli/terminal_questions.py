"""Questions of the service's commands, answered at the terminal or by the lines of standard input."""

import sys

from keeperdb.cli import secret_input
from keeperdb.cli.context import Context
from keeperdb.cli.output import safe
from keeperdb.errors import SettingsError


class TerminalQuestions:
    """Asks on standard error, so that standard output stays data."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def ask(self, prompt: str) -> str:
        """One line. Raises `SettingsError` at the end of the input."""
        sys.stderr.write(safe(prompt))
        sys.stderr.flush()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            raise SettingsError(
                f"Nobody is there to answer “{prompt.strip().rstrip(':')}”.",
                "Give the options on the command line: keeperdb service-create --help lists them.",
            )
        return line.strip()

    def ask_hidden(self, prompt: str) -> str:
        """As `ask`, unseen at a terminal."""
        return secret_input.ask(prompt).reveal().strip() if secret_input.can_ask() else self.ask(prompt)

    def say(self, text: str) -> None:
        self._context.say(text)
