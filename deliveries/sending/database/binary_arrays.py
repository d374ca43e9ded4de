"""Arrays as PostgreSQL reads them in binary: made in one go, as they are made for every wave.

Format (src/backend/utils/adt/arrayfuncs.c, array_recv): dimensions, whether there are nulls, element type, length,
lower bound; then each element's length (-1: null) and bytes, all in network order.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

# Numbers of PostgreSQL's own types (pg_type.dat): they never change.
INT8S: Final = 1016
INT4S: Final = 1007
TEXTS: Final = 1009
BYTEAS: Final = 1001
TIMESTAMPS: Final = 1185
INT8: Final = 20

_BYTEA, _INT4, _TEXT, _TIMESTAMP = 17, 23, 25, 1184
_HEAD: Final = struct.Struct("!iiIii")
_LENGTH: Final = struct.Struct("!i")
_NULL: Final = _LENGTH.pack(-1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts its timestamps
_MICROSECOND: Final = timedelta(microseconds=1)


def _head(element: int, length: int) -> bytes:
    return _HEAD.pack(1, 1, element, length, 1)


def int8s(values: Sequence[int]) -> bytes:
    """Return bigint[]."""
    flat = [part for value in values for part in (8, value)]
    return _head(INT8, len(values)) + struct.pack("!" + "iq" * len(values), *flat)


def int4s(values: Sequence[int | None]) -> bytes:
    """Return int[]."""
    if None in values:
        some = [_NULL if value is None else struct.pack("!ii", 4, value) for value in values]
        return _head(_INT4, len(values)) + b"".join(some)
    flat = [part for value in values for part in (4, value)]
    return _head(_INT4, len(values)) + struct.pack(f"!{len(flat)}i", *flat)


def _variable(element: int, values: Sequence[bytes]) -> bytes:
    parts = [part for value in values for part in (_LENGTH.pack(len(value)), value)]
    return _head(element, len(values)) + b"".join(parts)


def byteas(values: Sequence[bytes]) -> bytes:
    """Return bytea[]."""
    return _variable(_BYTEA, values)


def texts(values: Iterable[str]) -> bytes:
    """Return text[]; characters that UTF-8 lacks become question marks."""
    return _variable(_TEXT, [value.encode("utf-8", "replace") for value in values])


def timestamps(values: Sequence[datetime]) -> bytes:
    """Return timestamptz[]; the moments are aware."""
    known: dict[datetime, int] = {}  # most of a wave were composed in the same second
    flat: list[int] = []
    for value in values:
        if value not in known:
            known[value] = (value - _EPOCH) // _MICROSECOND
        flat += (8, known[value])
    return _head(_TIMESTAMP, len(values)) + struct.pack("!" + "iq" * len(values), *flat)
