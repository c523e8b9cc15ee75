"""Putting selected cells on the clipboard: which, in which form, and what the person reads about it."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from keeperdb.data.copy_formats import cells_as_text
from keeperdb.data.copy_options import CellSelection, CopyFormat, CopyOptions

__all__ = ["CellSelection", "CopyFormat", "CopyOptions", "cells_as_text", "put_on_clipboard"]


def put_on_clipboard(text: str, copy_format: CopyFormat) -> None:
    """As text; a table of HTML also as a table, for programs that take one."""
    content = QMimeData()
    content.setText(text)
    if copy_format is CopyFormat.HTML:
        content.setHtml(text)
    QGuiApplication.clipboard().setMimeData(content)
