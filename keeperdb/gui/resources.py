"""Where icons, fonts and the style sheet are: in the installed package, or beside it in a checkout."""

from functools import cache
from pathlib import Path

from PySide6.QtGui import QIcon

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "resources", _PACKAGE.parent / "resources")


@cache
def resource(name: str) -> Path:
    """The path of a bundled file. Raises `FileNotFoundError`."""
    for place in _PLACES:
        if (path := place / name).is_file():
            return path
    raise FileNotFoundError(name)


def application_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(resource("icons/keeperdb.svg")))
