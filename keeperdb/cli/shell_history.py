"""The lines of the shell that are remembered for the next time; none that may hold a secret."""

import os
import re
from pathlib import Path

from prompt_toolkit.history import FileHistory

from keeperdb.commands.line import split_line
from keeperdb.commands.table import find
from keeperdb.errors import CommandError

# name=value or --name, where the name is that of something secret
_SECRET = re.compile(r"(?i)(pass|secret|token|pin|otp|key|credential|note)[^=\s]*=|\$(BASE64|JSON)|://[^/\s]*:[^/\s]*@")
_SECRET_OPTIONS = ("-ng", "--ngrok", "-ek", "--encryption_key", "-crtp", "--certpassword", "--notes", "-n")
_LONGEST = 2_000  # characters


def may_hold_secret(line: str) -> bool:
    """Whether `line` is better forgotten; what cannot be understood is."""
    if len(line) > _LONGEST or _SECRET.search(line):
        return True
    try:
        words = split_line(line)
    except CommandError:
        return True
    command = find(words[0]) if words else None
    if command is not None and command.takes_secrets:
        return True
    return any(word.partition("=")[0] in _SECRET_OPTIONS for word in words)


class ShellHistory(FileHistory):
    """Lines that may hold a secret come back within the session, and are not written."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        super().__init__(str(path))

    def store_string(self, string: str) -> None:
        if not may_hold_secret(string):
            super().store_string(string)
