"""The icon set: one line drawing per name, tinted from the theme, and one tile per database engine."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication

from keeperdb.gui.resources import resource
from keeperdb.gui.tokens import TOKENS, current_theme

_SIZES = (16, 20, 24, 32, 40, 48, 64)  # 16, 20 and 24 at scales of 1, 1.5 and 2
_NAME = "icon_name"
_TINT = "icon_tint"
_ENGINES = ("postgresql", "mysql", "mariadb", "sqlite", "sqlserver", "oracle", "redshift", "mongodb")


def icon(name: str, tint: str = "text") -> QIcon:
    """The icon of that name in the colour of the token `tint`, or as drawn if that is empty.

    Raises `FileNotFoundError`.
    """
    return _icon(name, TOKENS[current_theme()][tint] if tint else "")


def pixmap(name: str, size: int, ratio: float = 1.0, tint: str = "text") -> QPixmap:
    """The icon as a picture of `size` pixels on a screen with that device pixel ratio."""
    return icon(name, tint).pixmap(QSize(size, size), ratio)


def engine_icon(engine: str) -> QIcon:
    """The tile of an engine by its id; a question mark for one that is unknown."""
    return _icon(f"engine-{engine if engine in _ENGINES else 'unknown'}", "")


def read_ahead() -> None:
    """Read all drawings, in the background, so that the UI thread finds them in memory."""
    for path in resource("icons/keeperdb.svg").parent.glob("*.svg"):
        _drawing(path.stem)


def set_icon(target: QAbstractButton | QAction, name: str, tint: str = "text") -> None:
    """Give `target` an icon that follows the theme."""
    target.setProperty(_NAME, name)
    target.setProperty(_TINT, tint)
    target.setIcon(icon(name, tint))


def retint(app: QApplication) -> None:
    """Colour every icon given by `set_icon` for the current theme."""
    for widget in app.allWidgets():
        for target in (widget, *widget.actions()):
            if isinstance(name := target.property(_NAME), str) and isinstance(target, QAbstractButton | QAction):
                target.setIcon(icon(name, target.property(_TINT)))


@cache
def _drawing(name: str) -> bytes:
    return resource(f"icons/{name}.svg").read_bytes()


@cache
def _icon(name: str, paint: str) -> QIcon:
    drawing = _drawing(name)
    if paint:
        drawing = drawing.replace(b"#000", paint.encode())
    renderer = QSvgRenderer(QByteArray(drawing))
    result = QIcon()
    for size in _SIZES:
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        result.addPixmap(picture)
        result.addPixmap(picture, QIcon.Mode.Selected)  # the style would wash it out
    return result
