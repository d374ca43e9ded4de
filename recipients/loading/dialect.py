"""How a CSV is written: encoding, separator, quote, escape (reference 3.2)."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from recipients.errors import ClientError

BLOCK: Final = 256 * 1024
BAD_BYTE: Final = "recipients.bad_byte"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Source(Protocol):
    """Bytes of a CSV, at most `size` a call, nothing at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV is written; "" means found out from the file, for `escape` that there is none.

    `escape` is the character after which its writer leaves a quote undoubled, as PHP's fputcsv does; it stays
    part of the value.
    """

    separator: str = ""
    quote: str = ""
    escape: str = ""
    encoding: str = ""


def _mark_bad_byte(error: UnicodeError) -> tuple[str, int]:
    """Let a lone surrogate stand for bytes that the encoding lacks: U+DC00 plus the first of them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(0xDC00 + error.object[error.start]), error.end


codecs.register_error(BAD_BYTE, _mark_bad_byte)


def declared_encoding(name: str) -> str:
    """Return the codec of a declared encoding, a byte order mark taken off; raises ClientError CSV_ENCODING."""
    try:
        codec = codecs.lookup(name)
        "a".encode(codec.name)
    except (LookupError, UnicodeError, ValueError) as error:
        raise ClientError(
            "CSV_ENCODING",
            f"the CSV encoding {name[:40]!r} of the space is not known: write utf-8 or windows-1252, say",
        ) from error
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


def detect_encoding(source: Source) -> str:
    """Return the codec of a file that declares none: by its mark, else UTF-8 if it all is, else Windows-1252."""
    data = source.read(BLOCK)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data:
            decoder.decode(data)
            data = source.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decoded(source: Source, encoding: str) -> Iterator[str]:
    """Yield a file's text in blocks of about 256 K characters; no block ends between a CR and its LF."""
    decoder = codecs.getincrementaldecoder(encoding)(errors=BAD_BYTE)
    held = ""
    while data := source.read(BLOCK):
        text = held + decoder.decode(data)
        held = "\r" if text.endswith("\r") else ""
        if text := text.removesuffix("\r"):
            yield text
    if text := held + decoder.decode(b"", final=True):
        yield text
