"""What a vault may be called."""

import re
from collections.abc import Sequence

from keeperdb.errors import SettingsError

_LONGEST_NAME = 100  # characters


def checked_name(name: str) -> str:
    """`name` without white space around it. Raises `SettingsError`."""
    name = name.strip()
    if not name or "/" in name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise SettingsError(
            "That cannot be the name of a vault.",
            f"Use one line of up to {_LONGEST_NAME} characters, without “/”, which separates vault and connection.",
        )
    return name


def check_is_free(name: str, taken: Sequence[str]) -> None:
    """Raises `SettingsError` if another vault has that name."""
    if name in taken:
        raise SettingsError(f"There is already a vault “{name}”.", "Choose another name.")


def unique_name(name: str, taken: Sequence[str]) -> str:
    """`name`, or `name 2` and so on if it is taken."""
    if name not in taken:
        return name
    base = re.sub(r" [0-9]+\Z", "", name)
    return next(each for number in range(2, len(taken) + 3) if (each := f"{base} {number}") not in taken)
