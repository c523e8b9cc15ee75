"""Splits a command line into words, as a POSIX shell does and nothing more: no variable, pattern or operator."""

import re

from keeperdb.errors import CommandError, CommandKind

# In double quotes a backslash stands for itself unless a quote or a backslash follows it (POSIX, 2.2.3).
_PIECE = re.compile(
    r"""(?P<blank>[ \t]+)|(?P<plain>[^ \t'"\\]+)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r'\\(["\\])')
_CONTROL = re.compile(r"[\x00\r\n]")


def split_line(text: str) -> list[str]:
    """The words of a command line. Raises `CommandError` for a quote that is not closed, a line break or a NUL."""
    if _CONTROL.search(text):
        raise _refused("Invalid command: control characters are not allowed in command input.")
    words: list[str] = []
    word: list[str] | None = None
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise _refused("Invalid command syntax")
        at = piece.end()
        if piece.lastgroup == "blank":
            words += ["".join(word)] if word is not None else []
            word = None
        else:
            word = [] if word is None else word
            word.append(_plain(piece))
    return words + (["".join(word)] if word is not None else [])


def _plain(piece: re.Match[str]) -> str:
    found = piece[piece.lastgroup or 0]
    return _ESCAPE.sub(r"\1", found) if piece.lastgroup == "double" else found


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message, is_usage=True)
