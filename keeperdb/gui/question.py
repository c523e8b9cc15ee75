"""One question in a small box: what may happen is named on the buttons, and the safe answer is the default."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from keeperdb.gui.icons import pixmap

Step = Callable[[], None]


def ask(
    parent: QWidget,
    text: str,
    detail: str,
    choices: Sequence[tuple[str, Step]],
    keep: str = "Keep open",
    otherwise: Step | None = None,
) -> None:
    """Ask without blocking; `keep` is the safe answer and the default, and does nothing but `otherwise`."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "KeeperDB", text, QMessageBox.StandardButton.NoButton, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(detail)
    box.setIconPixmap(pixmap("warning", 32, parent.devicePixelRatioF(), "warning"))
    for label, act in choices:
        button = box.addButton(label, QMessageBox.ButtonRole.ActionRole)
        button.clicked.connect(lambda _=False, act=act: act())
    safe = box.addButton(keep, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(safe)
    box.setEscapeButton(safe)
    if otherwise is not None:
        safe.clicked.connect(lambda _=False: otherwise())
    box.open()
