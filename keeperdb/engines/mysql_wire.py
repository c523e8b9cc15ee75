"""Rows of the MySQL protocol as they came off the wire, read in large pieces and not taken apart.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
"""

import socket
import struct
from array import array
from dataclasses import dataclass
from typing import Any

_READ = 256 * 1024  # bytes asked from the socket at once
_HEADER = 4  # three bytes of length, one of sequence
_LARGEST = 0xFFFFFF  # a packet of this length goes on in the next one
_EOF, _ERROR = 0xFE, 0xFF
_LENGTH = struct.Struct("<I")
_LONGEST_SHORT, _NULL = 0xFA, 0xFB  # the first byte of a cell: its length, or that there is none, or how long that is
_LENGTH_SIZES = {0xFC: 2, 0xFD: 3, 0xFE: 8}
_EOF_BODY = struct.Struct("<HH")  # warnings, status


@dataclass(frozen=True, slots=True)
class RawRows:
    """Some rows: `starts` are the offsets in `data` at which each row's cells begin."""

    data: bytes
    starts: "array[int]"


@dataclass(frozen=True, slots=True)
class RowsEnd:
    """The end of a result."""

    warnings: int
    status: int


class PacketReader:
    """Stands in for the buffered file from which PyMySQL reads (`read`, `close`), and gives rows in bulk besides."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""
        self._position = 0
        self.next_sequence = 0

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer at the end of the connection."""
        self._fill(size)
        data = self._buffer[self._position : self._position + size]
        self._position += len(data)
        return data

    def close(self) -> None:
        """The socket belongs to the connection."""
        self._buffer = b""

    def rows(self, limit: int) -> RawRows | RowsEnd | bytes:
        """Up to `limit` rows that arrived together, or the end of the result, or an error packet's body.

        Waits only when not even one packet is complete. Raises `EOFError` when the connection ends.
        """
        while True:
            found = self._whole_rows(limit)
            if found is not None:
                return found
            if not self._fill(self._missing_packet()):
                raise EOFError

    def is_at_end(self) -> bool:
        """Whether the end of the result is the next thing, and has arrived already."""
        buffer, position = self._buffer, self._position
        if len(buffer) - position < _HEADER:
            return False
        length = _LENGTH.unpack_from(buffer, position)[0] & _LARGEST
        return length < 9 and len(buffer) - position >= _HEADER + length and buffer[position + _HEADER] == _EOF

    def _whole_rows(self, limit: int) -> RawRows | RowsEnd | bytes | None:
        buffer, position = self._buffer, self._position
        available = len(buffer)
        starts = array("I")
        add, unpack = starts.append, _LENGTH.unpack_from
        begin = position
        while len(starts) < limit and position + _HEADER < available:
            length = unpack(buffer, position)[0] & _LARGEST
            end = position + _HEADER + length
            if end > available:
                break
            first = buffer[position + _HEADER]
            if length == _LARGEST or first == _ERROR or (first == _EOF and length < 9):
                if not starts:
                    return self._special(first, length)
                break
            add(position + _HEADER - begin)
            position = end
        if not starts:
            return None
        self.next_sequence = (buffer[begin + starts[-1] - 1] + 1) & 0xFF
        self._position = position
        return RawRows(buffer[begin:position], starts)

    def _special(self, first: int, length: int) -> RawRows | RowsEnd | bytes:
        body = self._packet()
        if length == _LARGEST:
            return RawRows(body, array("I", [0]))
        if first == _ERROR:
            return body
        return RowsEnd(*_EOF_BODY.unpack_from(body, 1))

    def _packet(self) -> bytes:
        """The next packet's body, put together from its parts."""
        parts: list[bytes] = []
        while True:
            header = self._exactly(_HEADER)
            length = _LENGTH.unpack(header)[0] & _LARGEST
            self.next_sequence = (header[3] + 1) & 0xFF
            parts.append(self._exactly(length))
            if length < _LARGEST:
                return b"".join(parts)

    def _exactly(self, size: int) -> bytes:
        data = self.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def _missing_packet(self) -> int:
        """How many bytes from here the next packet ends, as far as its length is known."""
        if len(self._buffer) - self._position < _HEADER:
            return _HEADER
        return _HEADER + int.from_bytes(self._buffer[self._position : self._position + 3], "little")

    def _fill(self, size: int) -> bool:
        """Read until `size` bytes are there; False when the connection ends before."""
        available = len(self._buffer) - self._position
        if available >= size:
            return True
        parts = [self._buffer[self._position :]]
        while available < size:
            data = self._sock.recv(_READ)
            if not data:
                break
            parts.append(data)
            available += len(data)
        self._buffer, self._position = b"".join(parts), 0
        return available >= size


def cells(data: bytes, start: int, columns: int) -> list[Any]:
    """Where the cells of one row lie: a slice for each, None for NULL."""
    found: list[Any] = []
    position = start
    for _ in range(columns):
        first = data[position]
        position += 1
        if first <= _LONGEST_SHORT:
            length = first
        elif first == _NULL:
            found.append(None)
            continue
        else:
            size = _LENGTH_SIZES[first]
            length = int.from_bytes(data[position : position + size], "little")
            position += size
        found.append(slice(position, position + length))
        position += length
    return found


def flat_cells(data: bytes, starts: "array[int]", columns: int) -> list[bytes | None]:
    """The cells of all rows that begin at `starts`, row after row."""
    found: list[bytes | None] = []
    add = found.append
    every = range(columns)
    for position in starts:
        for _ in every:
            length = data[position]
            position += 1
            if length > _LONGEST_SHORT:
                if length == _NULL:
                    add(None)
                    continue
                size = _LENGTH_SIZES[length]
                length = int.from_bytes(data[position : position + size], "little")
                position += size
            end = position + length
            add(data[position:end])
            position = end
    return found


def column_cells(data: bytes, starts: "array[int]", column: int) -> list[bytes | None]:
    """The cells of one column of the rows that begin at `starts`."""
    found: list[bytes | None] = []
    skipped = range(column)
    for position in starts:
        for _ in skipped:
            length = data[position]
            position += 1
            if length <= _LONGEST_SHORT:
                position += length
            elif length != _NULL:
                position += _long(data, position, length)
        found.append(_cell(data, position))
    return found


def _cell(data: bytes, position: int) -> bytes | None:
    length = data[position]
    position += 1
    if length == _NULL:
        return None
    if length > _LONGEST_SHORT:
        size = _LENGTH_SIZES[length]
        length = int.from_bytes(data[position : position + size], "little")
        position += size
    return data[position : position + length]


def _long(data: bytes, position: int, first: int) -> int:
    """How many bytes a cell takes whose length stands at `position`, in a form that `first` tells."""
    size = _LENGTH_SIZES[first]
    return size + int.from_bytes(data[position : position + size], "little")
