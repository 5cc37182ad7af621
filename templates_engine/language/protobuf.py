"""Reads and writes the fields of Protocol Buffers messages as bytes."""

from collections.abc import Iterator
from typing import Any

Field = tuple[int, int, Any]  # (number, wire type, value: an int, or bytes for all other wire types)
VARINT, BYTES = 0, 2
_WIDTHS = {1: 8, 5: 4}


def fields(raw: bytes) -> Iterator[Field]:
    """The fields of a message, in order."""
    place, end = 0, len(raw)
    while place < end:
        key, place = _varint(raw, place)
        wire = key & 7
        if wire == VARINT:
            value, place = _varint(raw, place)
            yield key >> 3, wire, value
        else:
            length, place = _varint(raw, place) if wire == BYTES else (_WIDTHS[wire], place)
            yield key >> 3, wire, raw[place : place + length]
            place += length


def field(number: int, wire: int, value: int | bytes) -> bytes:
    """The bytes of one field."""
    key = _written(number << 3 | wire)
    if isinstance(value, int):
        return key + _written(value)
    return key + _written(len(value)) + value if wire == BYTES else key + value


def text(number: int, value: str) -> bytes:
    """The bytes of a text field."""
    return field(number, BYTES, value.encode())


def _written(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    byte = raw[place]
    if byte < 0x80:  # nearly always
        return byte, place + 1
    value = shift = 0
    while True:
        byte = raw[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
