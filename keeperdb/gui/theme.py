"""Shows the tokens: palette, style sheet, fonts and icons of every window, following the desktop or the setting."""

import re

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from keeperdb.gui.icons import icon, retint
from keeperdb.gui.resources import resource
from keeperdb.gui.tokens import (
    BADGE,
    BODY,
    CARD_RADIUS,
    GRID_ROW,
    MONO_FAMILY,
    PICKER_ROW,
    RADIUS,
    SMALL,
    THEME_PROPERTY,
    TITLE,
    TOKENS,
    color,
    current_theme,
    environment_color,
    token_color,
)

__all__ = [
    "BADGE",
    "BODY",
    "CARD_RADIUS",
    "GRID_ROW",
    "PICKER_ROW",
    "RADIUS",
    "SMALL",
    "TITLE",
    "TOKENS",
    "apply_theme",
    "color",
    "current_theme",
    "environment_color",
    "font",
    "icon",
    "is_theme_change",
    "mono_font",
]


def apply_theme(app: QApplication, name: str = "system") -> None:
    """Show every window in theme `name` (`system`, `light`, `dark`, `contrast`), at once."""
    follower = app.findChild(_SystemFollower)
    if follower is None:
        _set_up(app)
        follower = _SystemFollower(app)
    follower.setting = name
    _show(app, resolve_theme(name))


def resolve_theme(name: str) -> str:
    """What the setting `appearance.theme` means on this desktop at this moment."""
    hints = QGuiApplication.styleHints()
    if name != "system":
        return name
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def is_theme_change(widget: QWidget, event: QEvent) -> bool:
    """For `changeEvent`: whether own painting and colours set by hand must follow a new theme."""
    return event.type() == QEvent.Type.PaletteChange and widget.testAttribute(Qt.WidgetAttribute.WA_WState_Created)


def mono_font(pixels: int = BODY) -> QFont:
    """The bundled monospace, for editor and grid, without ligatures: what is shown is exact."""
    result = QFont(MONO_FAMILY)
    result.setStyleHint(QFont.StyleHint.Monospace)
    result.setPixelSize(pixels)
    result.setFeature(QFont.Tag("calt"), 0)
    return result


def font(pixels: int = BODY, *, semibold: bool = False, italic: bool = False) -> QFont:
    """The interface font in another size or weight."""
    result = QFont(QApplication.font())
    result.setPixelSize(pixels)
    if semibold:
        result.setWeight(QFont.Weight.DemiBold)
    result.setItalic(italic)
    return result


class _SystemFollower(QObject):
    """Follows the desktop from light to dark, or to high contrast, and back while the setting says so."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.setting = "system"
        app.styleHints().colorSchemeChanged.connect(self._follow)
        app.styleHints().accessibility().contrastPreferenceChanged.connect(self._follow)

    def _follow(self) -> None:
        if self.setting == "system":
            _show(self._app, resolve_theme("system"))


def _set_up(app: QApplication) -> None:
    """What is the same in every theme: fonts and base style."""
    QFontDatabase.addApplicationFont(str(resource("fonts/JetBrainsMono-Regular.ttf")))
    app.setStyle("Fusion")
    base = QFont(app.font())
    base.setPixelSize(BODY)
    app.setFont(base)


def _show(app: QApplication, theme: str) -> None:
    if app.property(THEME_PROPERTY) == theme:
        return
    app.setProperty(THEME_PROPERTY, theme)
    app.setPalette(_palette(theme))
    app.setStyleSheet("")  # to take one away and give another is three times as fast as to exchange them
    app.setStyleSheet(_style_sheet(theme))
    retint(app)


def _palette(theme: str) -> QPalette:
    palette = QPalette()
    for role, token in _ROLES.items():
        palette.setColor(role, token_color(theme, token))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, token_color(theme, "disabled"))
    return palette


def _style_sheet(theme: str) -> str:
    """The style sheet with its tokens (`@panel`) and pictures (`@@name`) put in."""
    text = resource("style.qss").read_text(encoding="utf-8").replace("{theme}", "light" if theme == "light" else "dark")
    text = re.sub(r"@@([a-z-]+)", lambda match: f'url("{resource(f"icons/qss-{match[1]}.svg").as_posix()}")', text)
    return re.sub(r"@([a-z-]+)", lambda match: TOKENS[theme][match[1]], text)


_Role = QPalette.ColorRole
_ROLES = {
    _Role.Window: "window",
    _Role.WindowText: "text",
    _Role.Base: "panel",
    _Role.AlternateBase: "alternate",
    _Role.Text: "text",
    _Role.Button: "panel",
    _Role.ButtonText: "text",
    _Role.BrightText: "danger",
    _Role.Highlight: "select",
    _Role.HighlightedText: "text",
    _Role.Accent: "accent",
    _Role.Link: "accent",
    _Role.LinkVisited: "accent",
    _Role.ToolTipBase: "panel",
    _Role.ToolTipText: "text",
    _Role.PlaceholderText: "muted",
    _Role.Light: "panel",
    _Role.Midlight: "hover",
    _Role.Mid: "border",
    _Role.Dark: "border-strong",
    _Role.Shadow: "border-strong",
}
