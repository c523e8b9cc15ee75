"""What a person is told and asked about columns that privacy mode masks."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.notices import show_notice
from keeperdb.gui.privacy import privacy
from keeperdb.gui.question import ask

_NAME = 40  # characters


def toggle_mask(widget: QWidget, column: str) -> None:
    """Mask columns of that name, or show them again; say what that means now."""
    is_masked = not privacy().is_chosen(column)
    privacy().choose(column, is_masked)
    name = elide_middle(one_line(column), _NAME)
    if not is_masked:
        show_notice(widget, f"“{name}” is not masked.")
    elif privacy().is_on:
        show_notice(widget, f"“{name}” is masked.")
    else:
        show_notice(widget, f"“{name}” will be masked while privacy mode is on.")


def tell_masked(widget: QWidget, done: str = "listed") -> None:
    """Why nothing was done with a masked column; `done` is what would have been."""
    show_notice(widget, f"Privacy mode masks this column, so its values are not {done}.")


def before_copying(widget: QWidget, are_masked: bool, copy: Callable[[], object]) -> None:
    """Copy at once, or ask first where masked cells would be copied."""
    if not are_masked:
        copy()
        return
    text = "The selection has cells that privacy mode masks. Their values would be copied as they are."
    ask(widget, "Copy masked cells?", text, [("Copy", lambda: _do(copy))], keep="Cancel")


def _do(act: Callable[[], object]) -> None:
    act()
