"""Draws the program's icon for the desktops: a folder per size, and on request what Windows and macOS want."""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QIcon, QPixmap

_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)  # https://specifications.freedesktop.org/icon-theme-spec/latest/
_ICO_SIZE = 256
_ICONSET = (16, 32, 128, 256, 512)  # each also at twice its size; see `man iconutil`
_SOURCE = Path(__file__).resolve().parents[2] / "resources" / "icons" / "keeperdb.svg"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where SIZExSIZE/apps/keeperdb.png go")
    parser.add_argument("--ico", type=Path, help="also the icon for Windows")
    parser.add_argument("--iconset", type=Path, help="also the folder that iconutil reads")
    arguments = parser.parse_args()
    app = QGuiApplication(sys.argv[:1])
    icon = QIcon(str(_SOURCE))
    for size in _SIZES:
        _save(_drawn(icon, size), arguments.folder / f"{size}x{size}" / "apps" / "keeperdb.png")
    if arguments.ico:
        _save(_drawn(icon, _ICO_SIZE), arguments.ico)
    if arguments.iconset:
        for size in _ICONSET:
            _save(_drawn(icon, size), arguments.iconset / f"icon_{size}x{size}.png")
            _save(_drawn(icon, 2 * size), arguments.iconset / f"icon_{size}x{size}@2x.png")
    app.quit()
    return 0


def _drawn(icon: QIcon, size: int) -> QPixmap:
    return icon.pixmap(QSize(size, size), 1.0)


def _save(picture: QPixmap, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(path)):
        raise OSError(f"{path} cannot be written")


if __name__ == "__main__":
    raise SystemExit(main())
