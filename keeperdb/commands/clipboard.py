"""Puts text into the clipboard of the machine's own user through the system's program for it."""

import os
import shutil
import subprocess
import sys

from keeperdb.errors import CommandError, CommandKind

_SECONDS = 5


def copy(text: str) -> None:
    """Raises `CommandError` where there is no such program. The text goes through standard input, not the arguments."""
    for words in _programs():
        program = shutil.which(words[0])
        if program is not None:
            _feed([program, *words[1:]], text)
            return
    raise CommandError(
        CommandKind.BAD_ARGUMENTS, "There is no program for the clipboard.", "Use --output stdout, or install xclip."
    )


def _programs() -> list[list[str]]:
    if sys.platform == "darwin":
        return [["pbcopy"]]
    if sys.platform == "win32":
        return [["clip"]]
    wayland = [["wl-copy"]] if os.environ.get("WAYLAND_DISPLAY") else []
    return [*wayland, ["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]


def _feed(words: list[str], text: str) -> None:
    encoding = "utf-16-le" if sys.platform == "win32" else "utf-8"
    try:
        subprocess.run(
            words,
            input=text.encode(encoding),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, "The clipboard could not be used.", "Use --output stdout."
        ) from None
