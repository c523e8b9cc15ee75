"""How this program starts another copy of itself, from a checkout or from a package."""

import sys


def own_command(*arguments: str) -> list[str]:
    """The words that start this program with `arguments`; a package has its own executable and no interpreter."""
    if getattr(sys, "frozen", False):  # https://pyinstaller.org/en/stable/runtime-information.html
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "keeperdb", *arguments]
