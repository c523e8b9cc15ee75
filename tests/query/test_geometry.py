"""Geometry as text, from the binary forms of MySQL and PostGIS."""

import struct

import pytest

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.query.geometry import is_geometry, well_known_text

MYSQL = Column("g", "geometry", CellKind.BINARY)
POSTGIS = Column("g", "geometry(Point,4326)", CellKind.OTHER)


def wkb(number: int, *parts: bytes, order: str = "<") -> bytes:
    return bytes([order == "<"]) + struct.pack(f"{order}I", number) + b"".join(parts)


def count(number: int) -> bytes:
    return struct.pack("<I", number)


def points(*numbers: float, order: str = "<") -> bytes:
    return struct.pack(f"{order}{len(numbers)}d", *numbers)


RING = count(4) + points(0, 0, 1, 0, 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("binary", "text"),
    [
        (wkb(1, points(1, -2.5)), "POINT(1 -2.5)"),
        (wkb(1, points(0.1, 1e300, order=">"), order=">"), "POINT(0.1 1e+300)"),
        (wkb(2, count(2), points(0, 0, 3, 4)), "LINESTRING(0 0,3 4)"),
        (wkb(3, count(1), RING), "POLYGON((0 0,1 0,1 1,0 0))"),
        (wkb(4, count(2), wkb(1, points(1, 2)), wkb(1, points(3, 4))), "MULTIPOINT((1 2),(3 4))"),
        (wkb(6, count(1), wkb(3, count(1), RING)), "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"),
        (
            wkb(7, count(2), wkb(1, points(1, 2)), wkb(7, count(0))),
            "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION EMPTY)",
        ),
        (wkb(1001, points(1, 2, 3)), "POINT Z(1 2 3)"),
        (wkb(1, points(float("nan"), float("nan"))), "POINT EMPTY"),
    ],
)
def test_each_shape_is_written(binary, text):
    assert well_known_text(MYSQL, count(0) + binary) == text
    assert well_known_text(MYSQL, count(4326) + binary) == f"SRID=4326;{text}"
    assert well_known_text(POSTGIS, binary.hex().upper()) == text


def test_postgis_says_the_reference_system_itself():
    assert well_known_text(POSTGIS, "0101000020E6100000000000000000F03F0000000000000040") == "SRID=4326;POINT(1 2)"


@pytest.mark.parametrize(
    "value", [b"", b"\0\0\0\0", b"\0" * 40, count(0) + wkb(2, count(4_000_000_000)), 5, "not hex", "01"]
)
def test_what_is_no_geometry_is_none(value):
    assert well_known_text(MYSQL, value) is None


def test_collections_without_end_are_none():
    assert well_known_text(MYSQL, count(0) + wkb(7, count(1)) * 1_000) is None


def test_geometry_is_known_by_its_type():
    assert is_geometry(MYSQL)
    assert is_geometry(POSTGIS)
    assert not is_geometry(Column("g", "blob", CellKind.BINARY))
