"""What the value panel shows of a value, made in the background: text, a tree of JSON, XML in order, a picture."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.gui.cell_text import ShownCells
from keeperdb.gui.value_text import FIRST_CHARACTERS, MOST_CHARACTERS, Form, about, forms, shown_value, size_in_words
from keeperdb.gui.xml_text import indented_xml, looks_like_xml
from keeperdb.task import Task

_MOST_IMAGE_BYTES = 64 * 1024 * 1024
_MOST_PIXELS = 50_000_000
_MOST_SIDE = 30_000  # pixels
_SHOWN_SIDE = 4_000  # pixels; a larger picture is scaled down while it is read
_MOST_TREE_NODES = 50_000
_DEEPEST = 200
_SIGNATURES = {  # https://en.wikipedia.org/wiki/List_of_file_signatures
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
    b"\x00\x00\x01\x00": "ico",
}
_SIGNATURE_BYTES = 8


class ContentForm(StrEnum):
    """How the panel can show a value."""

    TEXT = "Text"
    TREE = "JSON, tree"
    JSON = "JSON, indented"
    XML = "XML, indented"
    IMAGE = "Picture"
    HEX = "Hexadecimal"
    WKT = "Well-known text"


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A member of JSON: its name or number, its value in words, what is in it."""

    name: str
    value: str
    children: tuple["TreeNode", ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """Text, or a tree, or a picture; `is_cut` where the value goes on; `note` says what a person should know."""

    text: str = ""
    tree: TreeNode | None = None
    image: QImage | None = None
    is_cut: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class SeenValue:
    """A value that was read, what is said about it, and how it can be shown."""

    text: str | None
    column: Column
    about: str
    forms: tuple[ContentForm, ...]


def look_at(cells: ShownCells, row: int, column: int) -> SeenValue:
    """Read a cell in full."""
    described = (cells.columns or ())[column]
    text = cells.text(row, column)
    return SeenValue(text, described, about(text, described), content_forms(text, described))


def content_forms(text: str | None, column: Column) -> tuple[ContentForm, ...]:
    """How this value can be shown, the best first. Looks at its beginning only."""
    if not text:
        return (ContentForm.TEXT,)
    if _image_format(text, column):
        return (ContentForm.IMAGE, ContentForm.HEX, ContentForm.TEXT)
    plain = tuple(ContentForm(form.value) for form in forms(text, column))
    if ContentForm.JSON in plain:
        return (ContentForm.TREE, *plain)
    if looks_like_xml(text) and column.kind is not CellKind.BINARY:
        return (ContentForm.XML, *plain)
    return plain


def content_of(text: str, column: Column, form: ContentForm, *, takes_all: bool, task: Task) -> Content:
    """`text` in `form`: at most some 64 KB of it unless it `takes_all`. Raises `Cancelled` or `KeeperDBError`."""
    task.check()
    limit = MOST_CHARACTERS if takes_all else FIRST_CHARACTERS
    if form is ContentForm.IMAGE:
        return _picture(bytes_of(text, column))
    if form in (ContentForm.TREE, ContentForm.JSON, ContentForm.XML) and len(text) > limit:
        kept = shown_value(text, column, Form.TEXT, limit)
        note = "Only the beginning is shown, as plain text" if not takes_all else "Too long to be put in order"
        return Content(kept.text, is_cut=True, note=f"{note}; Copy and Save take all of it")
    if form is ContentForm.TREE:
        return _tree(text)
    if form is ContentForm.XML:
        ordered, note = indented_xml(text)
        return Content(ordered[:MOST_CHARACTERS], note=note)
    shown = shown_value(text, column, Form(form.value), limit)
    return Content(shown.text, is_cut=shown.is_cut, note=_REST if shown.is_cut else "")


_REST = "Only the beginning is shown; Copy and Save take all of it"


def bytes_of(text: str, column: Column) -> bytes:
    """What is saved: the bytes of a binary value, else the text in UTF-8; what UTF-8 lacks is escaped."""
    if column.kind is CellKind.BINARY and text.startswith("0x"):
        return bytes.fromhex(text[2:])
    return text.encode("utf-8", "backslashreplace")


def save_value(path: Path, content: bytes) -> int:
    """Write a file whole or not at all; return its bytes. Raises `StoreError`."""
    from keeperdb.paths import write_atomically

    if path.is_symlink() or path.is_dir():
        raise StoreError(f"{path} is a link or a folder.", "Choose another name.")
    write_atomically(path, content)
    return len(content)


def _image_format(text: str, column: Column) -> str:
    """By the first bytes, never by a name."""
    if column.kind is not CellKind.BINARY or not text.startswith("0x"):
        return ""
    try:
        head = bytes.fromhex(text[2 : 2 + 2 * 12])
    except ValueError:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return next((name for signature, name in _SIGNATURES.items() if head.startswith(signature)), "")


def _picture(content: bytes) -> Content:
    """Read by the format of its first bytes, with limits: a small file can claim a picture of many gigabytes."""
    if len(content) > _MOST_IMAGE_BYTES:
        raise KeeperDBError(f"The picture has {size_in_words(len(content))}, too many to show.", "Save it to a file.")
    data = QByteArray(content)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(_format_of(content).encode()))
    reader.setDecideFormatFromContent(False)
    size = reader.size()
    if not size.isValid():
        raise KeeperDBError("The picture cannot be read; it may be damaged.", "Look at it as hexadecimal.")
    width, height = size.width(), size.height()
    if width > _MOST_SIDE or height > _MOST_SIDE or width * height > _MOST_PIXELS:
        raise KeeperDBError(f"The picture has {width:,} × {height:,} pixels, too many to show.", "Save it to a file.")
    if max(width, height) > _SHOWN_SIDE:
        scale = _SHOWN_SIDE / max(width, height)
        reader.setScaledSize(QSize(max(1, int(width * scale)), max(1, int(height * scale))))
    image = reader.read()
    if image.isNull():
        raise KeeperDBError("The picture cannot be read; it may be damaged.", "Look at it as hexadecimal.")
    return Content(image=image, note=f"{width:,} × {height:,} pixels, {_format_of(content).upper()}")


def _format_of(content: bytes) -> str:
    return _image_format(f"0x{content[:12].hex()}", Column("", "", CellKind.BINARY))


def _tree(text: str) -> Content:
    """Numbers keep every digit; a name that is there twice stays there twice. What is no JSON is shown as text."""
    try:
        value = json.loads(text, parse_int=_Number, parse_float=_Number, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return Content(text, note="This is not JSON that can be put in order; it is shown as it is")
    counter = [0]
    root = _node("", value, counter, 0)
    note = f"Only the first {_MOST_TREE_NODES:,} members are shown" if counter[0] > _MOST_TREE_NODES else ""
    return Content(tree=root, note=note)


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """The members of an object in their order."""


def _node(name: str, value: Any, counter: list[int], depth: int) -> TreeNode:
    counter[0] += 1
    members: list[tuple[str, Any]]
    if isinstance(value, _Pairs):
        members, words = list(value), f"{{{len(value):,}}}"
    elif isinstance(value, list):
        members, words = [(str(number), each) for number, each in enumerate(value)], f"[{len(value):,}]"
    else:
        return TreeNode(name, value if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False))
    children = []
    for member, each in members:
        if counter[0] > _MOST_TREE_NODES or depth > _DEEPEST:
            break
        children.append(_node(member, each, counter, depth + 1))
    return TreeNode(name, words, tuple(children))
