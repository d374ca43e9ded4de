"""Arrays as PostgreSQL reads them in binary: made in one go, as they are made for every wave.

Format (src/backend/utils/adt/arrayfuncs.c, array_recv): dimensions, whether there are nulls, element type, length,
lower bound; then each element's length (-1: null) and bytes, all in network order.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, repeat
from struct import Struct
from typing import Final

# Numbers of PostgreSQL's own types (pg_type.dat): they never change.
INT8S: Final = 1016
INT4S: Final = 1007
TEXTS: Final = 1009
BYTEAS: Final = 1001
TIMESTAMPS: Final = 1185
INT8: Final = 20

_BYTEA, _INT4, _TEXT, _TIMESTAMP = 17, 23, 25, 1184
_HEAD: Final = Struct("!iiIii")
_LENGTH: Final = Struct("!i")
_NULL: Final = _LENGTH.pack(-1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts its timestamps
_MICROSECOND: Final = timedelta(microseconds=1)


def _head(element: int, length: int) -> bytes:
    return _HEAD.pack(1, 1, element, length, 1)


def _fixed(element: int, code: str, size: int, values: Sequence[int]) -> bytes:
    flat = chain.from_iterable(zip(repeat(size), values))
    return _head(element, len(values)) + _packing(code, len(values)).pack(*flat)


@lru_cache(maxsize=256)  # by the sizes that waves have
def _packing(code: str, length: int) -> Struct:
    return Struct("!" + f"i{code}" * length)


def int8s(values: Sequence[int]) -> bytes:
    """Return bigint[]."""
    return _fixed(INT8, "q", 8, values)


def int4s(values: Sequence[int | None]) -> bytes:
    """Return int[]."""
    if None in values:
        some = [_NULL if value is None else _LENGTH.pack(4) + _LENGTH.pack(value) for value in values]
        return _head(_INT4, len(values)) + b"".join(some)
    return _fixed(_INT4, "i", 4, values)  # type: ignore[arg-type]  # none of them is None


def _variable(element: int, values: Sequence[bytes]) -> bytes:
    lengths = map(_LENGTH.pack, map(len, values))
    return _head(element, len(values)) + b"".join(chain.from_iterable(zip(lengths, values, strict=True)))


def byteas(values: Sequence[bytes]) -> bytes:
    """Return bytea[]."""
    return _variable(_BYTEA, values)


def texts(values: Iterable[str]) -> bytes:
    """Return text[]; characters that UTF-8 lacks become question marks."""
    return _variable(_TEXT, list(map(str.encode, values, repeat("utf-8"), repeat("replace"))))


def timestamps(values: Sequence[datetime]) -> bytes:
    """Return timestamptz[]; the moments are aware."""
    # Most of a wave were composed in the same second.
    known = {value: (value - _EPOCH) // _MICROSECOND for value in set(values)}
    return _fixed(_TIMESTAMP, "q", 8, list(map(known.__getitem__, values)))
