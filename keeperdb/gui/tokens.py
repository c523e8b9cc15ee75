"""The tokens of the visual language: colours for light, dark and high contrast, sizes, distances."""

from functools import cache

from PySide6.QtGui import QColor, QGuiApplication

from keeperdb.connections.profile import Environment

BODY = 13  # pixels
SMALL = 12
BADGE = 11
TITLE = 16
SPACE = (0, 4, 8, 12, 16, 24)
RADIUS = 6
CARD_RADIUS = 8
GRID_ROW = {"comfortable": 26, "compact": 22}
PICKER_ROW = {"comfortable": 52, "compact": 44}
MONO_FAMILY = "JetBrains Mono"
THEME_PROPERTY = "keeperdb_theme"  # of the application: which theme its windows show

TOKENS: dict[str, dict[str, str]] = {
    "light": {
        "window": "#F4F6F9",
        "panel": "#FFFFFF",
        "hover": "#EAEEF4",
        "select": "#D6E4FF",
        "border": "#D3D9E2",
        "border-strong": "#838E9E",
        "text": "#1A212C",
        "muted": "#566273",
        "null": "#5B6778",
        "disabled": "#566273",
        "border-disabled": "#D3D9E2",
        "separator": "#F4F6F9",
        "accent": "#2563EB",
        "accent-hover": "#1D4FC4",
        "on-accent": "#FFFFFF",
        "success": "#15703A",
        "warning": "#8A5A00",
        "danger": "#B42318",
        "badge": "#15703A",
        "on-badge": "#FFFFFF",
        "modified": "#FFF1CC",
        "inserted": "#DCF5E4",
        "deleted": "#FBE0DF",
        "grid-line": "#E6EAF0",
        "alternate": "#FAFBFD",
        "match": "#FFE69A",
        "development": "#15803D",
        "test": "#2563EB",
        "staging": "#B45309",
        "production": "#C8281C",
        # the editor
        "keyword": "#1D4ED8",
        "string": "#15703A",
        "number": "#9A3412",
        "comment": "#5F6B7B",
        "function": "#7A3E9D",
    },
    "dark": {
        "window": "#12161C",
        "panel": "#1A2029",
        "hover": "#232B37",
        "select": "#24416F",
        "border": "#323C4A",
        "border-strong": "#6B7A8D",
        "text": "#E6EBF2",
        "muted": "#9AA7B8",
        "null": "#A9B5C4",
        "disabled": "#9AA7B8",
        "border-disabled": "#323C4A",
        "separator": "#12161C",
        "accent": "#7AA7FF",
        "accent-hover": "#9BBDFF",
        "on-accent": "#0B1220",
        "success": "#5BD08A",
        "warning": "#E8B84A",
        "danger": "#FF8A80",
        "badge": "#1B7A42",
        "on-badge": "#FFFFFF",
        "modified": "#4A3B12",
        "inserted": "#17402A",
        "deleted": "#4A2426",
        "grid-line": "#28313D",
        "alternate": "#1D242E",
        "match": "#6B5310",
        "development": "#5BD08A",
        "test": "#7AA7FF",
        "staging": "#E8B84A",
        "production": "#FF7A6E",
        "keyword": "#8AB4FF",
        "string": "#7FD6A0",
        "number": "#F0A875",
        "comment": "#93A0B2",
        "function": "#D0A6F0",
    },
}
TOKENS["contrast"] = TOKENS["dark"] | {
    "window": "#000000",
    "panel": "#000000",
    "hover": "#1F1F1F",
    "select": "#003A8C",
    "border": "#FFFFFF",
    "border-strong": "#FFFFFF",
    "text": "#FFFFFF",
    "muted": "#FFFFFF",
    "null": "#FFFFFF",
    "disabled": "#A8A8A8",
    "border-disabled": "#7A7A7A",
    "separator": "#7A7A7A",
    "accent": "#8AB8FF",
    "on-accent": "#000000",
    "grid-line": "#8A8A8A",
    "alternate": "#000000",
    "success": "#7CF0AA",
    "warning": "#FFD060",
    "danger": "#FFA8A0",
}


@cache
def token_color(theme: str, token: str) -> QColor:
    """The colour of `token` in `theme`. Raises `KeyError`; not to be changed by the caller."""
    return QColor(TOKENS[theme][token])


def current_theme() -> str:
    """`light`, `dark` or `contrast`: what the windows show now."""
    app = QGuiApplication.instance()
    name = app.property(THEME_PROPERTY) if app is not None else None
    return name if isinstance(name, str) else "light"


def color(token: str) -> QColor:
    """The colour of a token in the current theme. Raises `KeyError` for an unknown token."""
    return QColor(token_color(current_theme(), token))


def environment_color(environment: Environment) -> QColor | None:
    """The colour of a stripe or dot; it never stands without the word."""
    return color(environment.value) if environment is not Environment.NONE else None
