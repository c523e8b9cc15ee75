"""Windows come back where they were."""

import pytest
from PySide6.QtWidgets import QWidget

from keeperdb.gui.window_places import Place, WindowPlaces


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "windows.json"


def test_a_place_is_kept_when_the_window_goes_away_and_is_there_in_the_next_run(qtbot, runner, path, ui_thread_guard):
    places = WindowPlaces(path, runner)
    window = QWidget()
    qtbot.addWidget(window)
    places.follow("tool", window, lambda: {"parts": (30, 70)})
    window.resize(410, 320)
    window.show()
    window.hide()
    qtbot.waitUntil(lambda: runner.is_idle and path.exists())
    assert path.stat().st_mode & 0o077 == 0

    ui_thread_guard.is_on = False
    next_run = WindowPlaces(path, runner)
    next_run.read()
    assert next_run.of("tool").sizes == {"parts": (30, 70)}
    again = QWidget()
    qtbot.addWidget(again)
    next_run.follow("tool", again)
    assert (again.width(), again.height()) == (410, 320)


def test_a_window_that_is_larger_than_the_screen_is_made_to_fit(qtbot, runner, path):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(9_000, 9_000)
    WindowPlaces(path, runner).follow("tool", window)
    assert window.width() < window.screen().availableSize().width()
    assert window.height() < window.screen().availableSize().height()


@pytest.mark.parametrize(
    "content", ["", "[]", "5", '{"main": {"geometry": "***", "sizes": {}}}', '{"main": {"geometry": "", "sizes": 5}}']
)
def test_a_damaged_file_is_as_if_it_were_not_there(path, runner, content, ui_thread_guard):
    ui_thread_guard.is_on = False
    path.parent.mkdir()
    path.write_text(content)
    places = WindowPlaces(path, runner)
    places.read()
    assert places.of("main") == Place()
