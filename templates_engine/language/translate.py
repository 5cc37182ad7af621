"""Translates a checked expression to the one that runs: calls functions.py, turns texts into times.

rows.py found the places in the syntax tree; here they are replaced in the serialised expression, and everything else
stays as it is.
"""

from templates_engine.language.protobuf import BYTES, field, fields, text
from templates_engine.language.rows import Rows

_EXPRESSION, _IDENTITY, _CONST, _CALL, _MAP = 4, 2, 3, 6, 8
_CALLED, _ARGUMENT = 2, 3
_NEW = 1 << 40  # numbers of added parts start here
# Fields that hold inner expressions: of a select, a call, a list, a map (its entries), a loop.
_WITHIN = {5: (1,), 6: (1, 3), 7: (1,), 8: (2,), 9: (2, 4, 5, 6, 7)}
_ENTRY = (3, 4)


def translated(serialized: bytes, rows: Rows) -> bytes:
    """The translated expression, serialised."""
    outer = {number: value for number, _wire, value in fields(serialized)}
    checked = b"".join(
        field(number, wire, _expression(value, rows) if number == _EXPRESSION else value)
        for number, wire, value in fields(outer[2])
    )
    return b"".join(
        field(number, wire, checked if number == 2 else value) for number, wire, value in fields(serialized)
    )


def _expression(raw: bytes, rows: Rows) -> bytes:
    parts = list(fields(raw))
    own = next((value for number, _wire, value in parts if number == _IDENTITY), 0)
    written = b"".join(
        field(kind, wire, _inner(value, kind, own, rows) if kind in _WITHIN else value) for kind, wire, value in parts
    )
    maker = rows.texts.get(own)
    if maker is None:
        return written
    call = text(_CALLED, maker) + field(_ARGUMENT, BYTES, written)
    return field(_IDENTITY, 0, _NEW + own) + field(_CALL, BYTES, call)


def _inner(raw: bytes, kind: int, own: int, rows: Rows) -> bytes:
    written = bytearray()
    within = _entry if kind == _MAP else _expression
    for number, wire, value in fields(raw):
        if kind == _CALL and number == _CALLED and own in rows.names:
            written += text(number, rows.names[own])
        else:
            written += field(number, wire, within(value, rows) if number in _WITHIN[kind] else value)
    if kind == _CALL and own in rows.decimals:
        constant = field(_IDENTITY, 0, 2 * _NEW + own) + field(_CONST, BYTES, field(3, 0, rows.decimals[own]))
        written += field(_ARGUMENT, BYTES, constant)
    return bytes(written)


def _entry(raw: bytes, rows: Rows) -> bytes:
    return b"".join(
        field(number, wire, _expression(value, rows) if number in _ENTRY else value)
        for number, wire, value in fields(raw)
    )
