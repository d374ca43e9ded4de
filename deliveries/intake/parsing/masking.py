"""The copy that we keep of an instructions file, without its keys (reference 1).

It must work on what no parser takes too: a broken file is kept as well. So this walks over the markup itself. Of a
file that is right only the key goes, for a retry reads the copy; where a key might be otherwise, more goes.
"""

import codecs
import contextlib
import io
from typing import Final

from deliveries.intake.parsing.keys import find_keys

MASKED_KEY: Final = "********"
_MASK: Final = MASKED_KEY.encode()
_ALL: Final = "surrogatepass"
_WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le", 4), (codecs.BOM_UTF32_BE, "utf-32-be", 4),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2), (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (b"<\0\0\0", "utf-32-le", 4), (b"\0\0\0<", "utf-32-be", 4), (b"<\0", "utf-16-le", 2), (b"\0<", "utf-16-be", 2),
    ("<?xm".encode("cp037"), "cp037", 1),
)  # fmt: skip


def mask_keys(data: bytes) -> bytes:
    """Return the file with what is or may be a key replaced by stars, every other byte as it was."""
    for mark, encoding, unit in _WIDE:
        if data.startswith(mark):
            whole = len(data) - len(data) % unit
            with contextlib.suppress(UnicodeDecodeError):  # what only looks like it
                masked = _masked(data[:whole].decode(encoding, _ALL).encode("utf-8", _ALL))
                return masked.decode("utf-8", _ALL).encode(encoding, _ALL) + data[whole:]
    return _masked(data)  # in any other encoding markup is ASCII


def _masked(data: bytes) -> bytes:
    masked, at = io.BytesIO(), 0
    for start, end in find_keys(data):
        masked.write(memoryview(data)[at:start])
        masked.write(_MASK + b"\n" * data.count(b"\n", start, end))
        at = end
    masked.write(memoryview(data)[at:])
    return masked.getvalue()
