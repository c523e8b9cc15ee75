"""The chip in the status bar that says in which zone moments are shown, and lets one choose another."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import tooltip
from keeperdb.gui.notices import show_notice
from keeperdb.gui.runner import Runner
from keeperdb.query.timezones import TimeZone, local_zone_name
from keeperdb.settings import Settings, find_setting

_SETTING = "results.time_zone"
_ABOUT = "Columns whose values carry a zone are shown and copied in it; all others stay as sent."


class ZoneChip(QToolButton):
    """Shows the setting `results.time_zone`; choosing writes it, for every window."""

    def __init__(self, runner: Runner, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._settings = settings
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(self._make_menu())
        self._session_zone = ""
        self.refresh()

    def refresh(self) -> None:
        """Show the zone that is in force."""
        choice = TimeZone(self._settings.text(_SETTING))
        words = self._words(choice)
        self.setText(words)
        self.setAccessibleName(f"Time zone: {words}")
        self.setToolTip(tooltip(f"Time zone: {words}\n{_ABOUT}"))
        for action in self._actions.actions():
            action.setChecked(action.data() == choice.value)

    def show_session_zone(self, name: str) -> None:
        """Say what the session of the current tab calls its zone; empty if it is not known."""
        if name != self._session_zone:
            self._session_zone = name
            self.refresh()

    def _words(self, choice: TimeZone) -> str:
        if choice is TimeZone.UTC:
            return "Times in UTC"
        if choice is TimeZone.LOCAL:
            return f"Times local ({local_zone_name()})"
        if choice is TimeZone.SESSION:
            return f"Times of the session ({self._session_zone})" if self._session_zone else "Times of the session"
        return "Times as sent"

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        self._actions = QActionGroup(self)
        for value, words in find_setting(_SETTING).choices:
            action = QAction(words, self, checkable=True)
            action.setData(value)
            action.triggered.connect(lambda _checked, chosen=value: self._choose(chosen))
            self._actions.addAction(action)
            menu.addAction(action)
        return menu

    def _choose(self, value: str) -> None:
        settings = self._settings
        owner: QObject = self
        self._runner.start(
            lambda _: settings.set(_SETTING, value), owner=owner, failed=self._fail, finished=self.refresh
        )

    def _fail(self, error: KeeperDBError) -> None:
        show_notice(self, str(error), "error")
