"""Geometry as well-known text, from the well-known binary that MySQL, MariaDB and PostGIS send."""

import struct
from dataclasses import dataclass

from keeperdb.engines.blocks import CellKind, Column

_NAMES = {
    1: "POINT",
    2: "LINESTRING",
    3: "POLYGON",
    4: "MULTIPOINT",
    5: "MULTILINESTRING",
    6: "MULTIPOLYGON",
    7: "GEOMETRYCOLLECTION",
}
_COLLECTION = 7
_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000  # of PostGIS's extended form
_SRID_BYTES = 4  # MySQL puts the reference system before the binary
_DEEPEST = 32  # collections in collections


def is_geometry(column: Column) -> bool:
    """Whether the cells of a column are geometry in binary form."""
    name = column.type_name.lower()
    return name in ("geometry", "geography") or name.startswith(("geometry(", "geography("))


def well_known_text(column: Column, value: object) -> str | None:
    """A cell of a geometry column as text, with its reference system unless that is 0; None for what is none.

    Numbers have as few digits as read back the same, so nothing is lost. See OGC 06-103r4 and
    https://dev.mysql.com/doc/refman/8.4/en/gis-data-formats.html
    """
    try:
        if column.kind is CellKind.BINARY and isinstance(value, bytes):
            reader, srid = _Reader(value[_SRID_BYTES:]), int.from_bytes(value[:_SRID_BYTES], "little")
        else:
            reader, srid = _Reader(bytes.fromhex(str(value))), 0
        text = reader.geometry()
    except (ValueError, struct.error, IndexError, KeyError):
        return None
    srid = srid or reader.srid
    return f"SRID={srid};{text}" if srid else text


@dataclass(frozen=True, slots=True)
class _Kind:
    """What stands at the head of a geometry."""

    number: int
    letters: str  # Z, M or both
    order: str  # of bytes, as `struct` writes it

    @property
    def name(self) -> str:
        return f"{_NAMES[self.number]}{' ' + self.letters if self.letters else ''}"


class _Reader:
    """Reads from the beginning on; raises `ValueError`, `KeyError`, `IndexError` or `struct.error` where it cannot."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0
        self.srid = 0

    def geometry(self, depth: int = 0) -> str:
        if depth > _DEEPEST:
            raise ValueError("too deep")
        kind = self._kind()
        body = self._body(kind, depth)
        return f"{kind.name}{body}" if body.startswith("(") else f"{kind.name} {body}"

    def _kind(self) -> _Kind:
        order = "<" if self._content[self._position] else ">"
        self._position += 1
        number = self._count(order)
        flags, number = number & 0xF0000000, number & 0x0FFFFFFF
        if flags & _HAS_SRID:
            self.srid = self._count(order)
        dimension, number = divmod(number, 1000)
        z = "Z" if flags & _HAS_Z or dimension in (1, 3) else ""
        m = "M" if flags & _HAS_M or dimension in (2, 3) else ""
        return _Kind(number, z + m, order)

    def _body(self, kind: _Kind, depth: int) -> str:
        if kind.number == 1:
            point = self._point(kind)
            return "EMPTY" if set(point.split()) == {"nan"} else f"({point})"
        if kind.number == 2:
            return self._points(kind)
        count = self._count(kind.order)
        if kind.number == 3:
            parts = [self._points(kind) for _ in range(count)]
        elif kind.number == _COLLECTION:
            parts = [self.geometry(depth + 1) for _ in range(count)]
        else:
            parts = [self._body(self._kind(), depth + 1) for _ in range(count)]
        return f"({','.join(parts)})" if parts else "EMPTY"

    def _points(self, kind: _Kind) -> str:
        points = [self._point(kind) for _ in range(self._count(kind.order))]
        return f"({','.join(points)})" if points else "EMPTY"

    def _point(self, kind: _Kind) -> str:
        numbers = struct.unpack_from(f"{kind.order}{2 + len(kind.letters)}d", self._content, self._position)
        self._position += 8 * len(numbers)
        return " ".join(repr(number).removesuffix(".0") for number in numbers)

    def _count(self, order: str) -> int:
        (count,) = struct.unpack_from(f"{order}I", self._content, self._position)
        self._position += 4
        return int(count)
