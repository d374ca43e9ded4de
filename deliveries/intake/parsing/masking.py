"""The copy that we keep of an instructions file, without its keys (reference 1.5).

It must work on what no parser takes too: a broken file is kept as well. So this walks over the markup itself.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

_MASK: Final = "********"
_MARKUP: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<(/?)([^\s<>/!?]+)([^<>]*)>", re.DOTALL
)
_KEY_ENDS: Final = re.compile(r"</key\s*>|</auth\s*>|\Z")
_WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip


def mask_keys(data: bytes) -> bytes:
    """Return the file with the text of each auth/key replaced by stars, every other byte as it was."""
    encoding, unit = _encoding(data)
    whole = len(data) - len(data) % unit
    errors = "surrogatepass" if unit > 1 else "strict"
    try:
        text = data[:whole].decode(encoding, errors)
    except UnicodeDecodeError:  # only looks like UTF-16 or UTF-32
        encoding, errors = "latin-1", "strict"
        text = data[:whole].decode(encoding)
    pieces, at = [], 0
    for start, end in _keys(text):
        pieces += [text[at:start], _MASK, "\n" * text.count("\n", start, end)]
        at = end
    masked = "".join([*pieces, text[at:]])
    return masked.encode(encoding, errors) + data[whole:]


def _encoding(data: bytes) -> tuple[str, int]:
    """Return a codec that gives every byte back, and how many bytes it takes at a time."""
    for mark, name in _WIDE:
        if data.startswith(mark):
            return name, 4 if "32" in name else 2
    return "latin-1", 1  # for markup, any encoding that holds ASCII


def _keys(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the text of each `key` below `auth` begins and ends; comments and CDATA are no markup."""
    inside, at = False, 0
    while found := _MARKUP.search(text, at):
        at = found.end()
        closing, tag, rest = found[1], found[2], found[3]
        if tag == "auth":
            inside = not closing and not rest.endswith("/")
        elif tag == "key" and inside and not closing and not rest.endswith("/"):
            ends = _KEY_ENDS.search(text, at)
            end = ends.start() if ends else len(text)
            yield at, end
            at = end
