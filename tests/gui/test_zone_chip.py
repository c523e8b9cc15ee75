"""The zone in which moments are shown: chosen in the status bar, said there, kept in the settings."""

import pytest
from PySide6.QtGui import QGuiApplication

from keeperdb.engines.blocks import CellKind, Column, RowBlock
from keeperdb.gui.copy_cells import CopyFormat
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.zone_chip import ZoneChip
from keeperdb.query.results import ResultSet
from keeperdb.query.statements import Statement
from keeperdb.task import Task

MOMENTS = [("2026-07-01 12:00:00.123456+00", "2026-07-01 12:00:00"), ("infinity", None), (None, None)]


class Moments:
    """An execution of a server that tells zones, which SQLite does not."""

    columns = (
        Column("at", "timestamp with time zone", CellKind.TIMESTAMP),
        Column("local", "timestamp without time zone", CellKind.TIMESTAMP),
    )
    rows_affected = None
    is_exhausted = False

    def fetch(self, rows):
        self.is_exhausted = True
        return RowBlock(MOMENTS, [str, str])

    def notices(self):
        return []


class Berlin:
    """A connection whose session has a zone."""

    time_zone = "Europe/Berlin"

    def arm(self):
        pass

    def cancel(self):
        pass

    def stopper(self, _say=None):
        return self.cancel


@pytest.fixture
def view(qtbot, runner, settings):
    result = ResultSet(Berlin(), Moments(), Statement("SELECT", 0, 6))
    result.fetch(10, Task())
    view = ResultView(result, runner, settings)
    qtbot.addWidget(view)
    return view


def shown(view):
    return [view.model.cell(row, 0)[0] for row in range(3)]


def test_moments_are_shown_as_sent_unless_another_zone_is_chosen(qtbot, view):
    assert shown(view) == ["2026-07-01 12:00:00.123456+00", "infinity", "NULL"]
    view.set_time_zone("session")
    qtbot.waitUntil(lambda: view.model.shown.differs)
    assert shown(view) == ["2026-07-01 14:00:00.123456+02", "infinity", "NULL"]
    assert view.model.cell(0, 1)[0] == "2026-07-01 12:00:00"


def test_what_is_copied_is_in_the_zone_that_is_shown(qtbot, view):
    view.set_time_zone("session")
    qtbot.waitUntil(lambda: view.model.shown.differs)
    view.grid.setCurrentIndex(view.model.index(0, 0))
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    view.copy(CopyFormat.TSV)
    qtbot.waitUntil(lambda: clipboard.text() == "2026-07-01 14:00:00.123456+02")


def test_the_chip_says_which_zone_is_in_force_and_keeps_the_choice(qtbot, runner, settings):
    chip = ZoneChip(runner, settings)
    qtbot.addWidget(chip)
    assert chip.text() == "Times as sent"
    actions = {action.data(): action for action in chip.menu().actions()}
    actions["utc"].trigger()
    qtbot.waitUntil(lambda: chip.text() == "Times in UTC")
    assert settings.text("results.time_zone") == "utc"
    assert actions["utc"].isChecked()
    actions["session"].trigger()
    qtbot.waitUntil(lambda: chip.text() == "Times of the session")
    chip.show_session_zone("Europe/Berlin")
    assert chip.text() == "Times of the session (Europe/Berlin)"


def test_the_window_has_the_chip(window):
    assert window.zone_chip.isVisible()
    assert window.zone_chip.accessibleName() == "Time zone: Times as sent"
