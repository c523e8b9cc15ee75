"""Colours that can be read, icons that are there, and a switch that acts at once."""

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QToolButton

from keeperdb.connections.profile import Environment
from keeperdb.gui.crash_dialog import crash_details
from keeperdb.gui.icons import engine_icon, icon, set_icon
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.resources import resource
from keeperdb.gui.theme import apply_theme, color, current_theme, environment_color, mono_font, resolve_theme
from keeperdb.gui.tokens import TOKENS

_BACKGROUNDS = ("window", "panel", "hover", "select")
_TEXT_PAIRS = [
    *[("text", each) for each in (*_BACKGROUNDS, "alternate", "modified", "inserted", "deleted", "match")],
    *[("muted", each) for each in ("window", "panel", "hover")],
    *[("null", each) for each in ("panel", "alternate")],
    *[(each, "panel") for each in ("accent", "success", "warning", "danger")],
    *[(each, "window") for each in ("accent", "success", "warning", "danger")],
    *[(each, "panel") for each in ("keyword", "string", "number", "comment", "function")],
    *[("disabled", each) for each in ("window", "panel", "hover")],
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-badge", "badge"),
]
_CONTROL_PAIRS = [
    ("border-strong", "panel"),
    ("border-strong", "window"),
    *[("accent", each) for each in ("window", "panel")],  # the focus ring
    *[(each.value, "panel") for each in Environment if each.value],
]


def _luminance(text: str) -> float:
    channels = (value / 255 for value in (QColor(text).red(), QColor(text).green(), QColor(text).blue()))
    r, g, b = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one: str, other: str) -> float:
    """WCAG 2.1, section 1.4.3."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", TOKENS)
@pytest.mark.parametrize(("ink", "paper"), _TEXT_PAIRS)
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme, ink, paper):
    assert _contrast(TOKENS[theme][ink], TOKENS[theme][paper]) >= 4.5


@pytest.mark.parametrize("theme", TOKENS)
@pytest.mark.parametrize(("edge", "paper"), _CONTROL_PAIRS)
def test_edges_of_controls_have_a_contrast_of_at_least_three(theme, edge, paper):
    assert _contrast(TOKENS[theme][edge], TOKENS[theme][paper]) >= 3


def test_every_theme_has_every_token():
    assert {frozenset(tokens) for tokens in TOKENS.values()} == {frozenset(TOKENS["light"])}


def test_a_theme_acts_at_once_on_palette_tokens_and_icons(qtbot, themed):
    button = QToolButton()
    qtbot.addWidget(button)
    set_icon(button, "search")
    before = button.icon().cacheKey()
    apply_theme(themed, "dark")
    assert current_theme() == "dark"
    assert color("panel").name() == TOKENS["dark"]["panel"].lower()
    assert themed.palette().color(QPalette.ColorRole.Window).name() == TOKENS["dark"]["window"].lower()
    assert button.icon().cacheKey() != before
    apply_theme(themed, "light")
    assert current_theme() == "light"


def test_system_means_light_dark_or_contrast(themed):
    assert resolve_theme("system") in TOKENS
    assert resolve_theme("dark") == "dark"


@pytest.mark.parametrize("drawing", sorted(path.stem for path in resource("icons/search.svg").parent.glob("*.svg")))
def test_every_icon_draws_something(themed, drawing):
    image = icon(drawing, "").pixmap(32, 32).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(0, 32, 2) for y in range(0, 32, 2))


def test_an_icon_has_the_colour_of_its_token(themed):
    image = icon("stop", "danger").pixmap(32, 32).toImage()
    assert image.pixelColor(16, 16).name() == TOKENS["light"]["danger"].lower()


def test_an_unknown_engine_has_the_question_mark(themed):
    assert engine_icon("nonsense").cacheKey() == engine_icon("unknown").cacheKey()
    assert engine_icon("postgresql").cacheKey() != engine_icon("unknown").cacheKey()


def test_an_environment_has_a_colour_and_none_has_none(themed):
    assert environment_color(Environment.NONE) is None
    assert environment_color(Environment.PRODUCTION).name() == TOKENS["light"]["production"].lower()


def test_the_monospace_font_is_the_bundled_one(themed):
    from PySide6.QtGui import QFontInfo

    assert QFontInfo(mono_font()).family() == "JetBrains Mono"


def test_a_notice_shows_its_text_plainly_and_goes_when_dismissed(qtbot, themed):
    from PySide6.QtWidgets import QLabel, QWidget

    window, acted = QWidget(), []
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    notice = show_notice(window, "<b>x</b> was removed.", action=("Undo", lambda: acted.append(True)))
    assert "<b>x</b> was removed." in [label.text() for label in notice.findChildren(QLabel)]
    assert all(
        label.textFormat() == label.textFormat().PlainText for label in notice.findChildren(QLabel) if label.text()
    )
    button = next(each for each in notice.findChildren(type(notice._action_button("", print))) if each.text() == "Undo")
    button.click()
    assert acted == [True]
    assert not notice.isVisible()


def test_an_error_is_shown_with_what_to_do_and_can_be_copied(qtbot, themed):
    from PySide6.QtWidgets import QLabel, QPushButton, QWidget

    from keeperdb.errors import KeeperDBError

    window = QWidget()
    qtbot.addWidget(window)
    dialog = show_error(window, KeeperDBError("Could not reach db1:5432.", "Check the address."))
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Could not reach db1:5432." in texts
    assert "Check the address." in texts
    next(each for each in dialog.findChildren(QPushButton) if each.text() == "Copy").click()
    assert themed.clipboard().text() == "Could not reach db1:5432. Check the address."
    dialog.close()


def test_crash_details_hold_no_password():
    try:
        raise ValueError("postgresql://me:tops3cret@db/x password=hunter2")
    except ValueError as error:
        details = crash_details(error)
    assert "tops3cret" not in details
    assert "hunter2" not in details
    assert "test_crash_details_hold_no_password" in details
