"""Privacy mode: what must not be read over a shoulder or on a shared screen is masked while it is on."""

import fnmatch
import re
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QObject, Signal

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.settings import Settings

MASK = "••••••"
_PROPERTY = "keeperdb_privacy"  # of the application
_SHORTEST_HOST = 4  # characters; shorter ones would be found within other words


class Privacy(QObject):
    """Whether privacy mode is on in this program, and what it masks; `privacy()` finds it.

    `changed` follows every change. Columns that were chosen by hand stand over the patterns of the settings.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_on = False
        self._patterns: tuple[str, ...] = ()
        self._chosen: dict[str, bool] = {}
        self._hosts: re.Pattern[str] | None = None

    def follow(self, settings: Settings) -> None:
        """Take the settings into use."""
        patterns = tuple(part.strip().lower() for part in settings.text("privacy.columns").split(",") if part.strip())
        is_on = settings.is_on("privacy.mode")
        if (is_on, patterns) != (self.is_on, self._patterns):
            self.is_on, self._patterns = is_on, patterns
            self.changed.emit()

    def know(self, profiles: Iterable[ConnectionProfile]) -> None:
        """Hosts of these connections are masked in every sentence too."""
        hosts = {profile.host for profile in profiles if len(profile.host) >= _SHORTEST_HOST}
        words = "|".join(re.escape(host) for host in sorted(hosts, key=len, reverse=True))
        self._hosts = re.compile(rf"(?<![\w.-])(?:{words})(?![\w-])", re.IGNORECASE) if hosts else None

    def is_chosen(self, column: str) -> bool:
        """Whether a column of that name is masked while privacy mode is on."""
        chosen = self._chosen.get(column.lower())
        return self._matches(column) if chosen is None else chosen

    def choose(self, column: str, is_masked: bool) -> None:
        """Mask columns of that name from now on, or show them, until the program ends."""
        self._chosen[column.lower()] = is_masked
        self.changed.emit()

    def hides(self, column: str) -> bool:
        """Whether a column of that name is masked now."""
        return self.is_on and self.is_chosen(column)

    def place(self, text: str) -> str:
        """An address, a user or a database, or the mask."""
        return MASK if self.is_on and text else text

    def sentence(self, text: str) -> str:
        """A text of the program with the hosts of known connections masked."""
        return self._hosts.sub(MASK, text) if self.is_on and self._hosts is not None else text

    def _matches(self, column: str) -> bool:
        return any(fnmatch.fnmatchcase(column.lower(), pattern) for pattern in self._patterns)


def privacy() -> Privacy:
    """The privacy mode of this program."""
    app = QCoreApplication.instance()
    found = app.property(_PROPERTY) if app is not None else None
    if isinstance(found, Privacy):
        return found
    made = Privacy(app)
    if app is not None:
        app.setProperty(_PROPERTY, made)
    return made
