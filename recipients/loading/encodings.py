"""The encoding of a list, declared or found out, and what shows that it is not the one declared (reference 3.2)."""

import codecs
import re
from collections.abc import Iterator
from typing import Final, Protocol

from recipients.errors import ClientError

BLOCK: Final = 256 * 1024  # bytes read at a time
BAD_BYTE: Final = "recipients.bad_byte"
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Windows has more signs in it than the standard, and writes them under the standard's name.
_AS_WINDOWS_HAS_IT: Final = {"shift_jis": "cp932"}
_UNKNOWN_TO_PYTHON: Final = dict.fromkeys(("windows31j", "cswindows31j", "xsjis", "mskanji"), "cp932")
_LATIN: Final = frozenset({"iso8859-1", "iso8859-15"})
# What is left are control characters of ISO 8859-1, which are signs in windows-1252.
_NO_C1: Final = bytes({*range(256)} - {*range(0x80, 0xA0)})


class Source(Protocol):
    """Bytes of a CSV, at most `size` a call, nothing at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...


def _mark_bad_byte(error: UnicodeError) -> tuple[str, int]:
    """Let a lone surrogate stand for bytes that the encoding lacks: U+DC00 plus the first of them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(0xDC00 + error.object[error.start]), error.end


codecs.register_error(BAD_BYTE, _mark_bad_byte)


def declared_encoding(name: str) -> str:
    """Return the codec of a declared encoding, a byte order mark taken off; raises ClientError CSV_ENCODING."""
    try:
        codec = codecs.lookup(_UNKNOWN_TO_PYTHON.get(re.sub(r"[\s_-]", "", name).lower(), name))
        "a".encode(codec.name)
    except (LookupError, UnicodeError, ValueError) as error:
        raise ClientError("CSV_ENCODING.unknown", encoding=name[:40]) from error
    return "utf-8-sig" if codec.name == "utf-8" else _AS_WINDOWS_HAS_IT.get(codec.name, codec.name)


def check_declared(source: Source, encoding: str, name: str) -> None:
    """Raise ClientError CSV_ENCODING where a declaration would put "Ã²" or control characters into every mail.

    All bytes are UTF-8 and not ASCII alone; or ISO-8859 is declared, and bytes are there that are control
    characters in it and letters in Windows' table. The same rule holds for the XML (reference 2).
    """
    if encoding.startswith("utf"):
        return
    decoder, plain, utf8, control = codecs.getincrementaldecoder("utf-8")(), True, True, b""
    while data := source.read(BLOCK):
        plain = plain and data.isascii()
        utf8 = utf8 and _goes_on(decoder, data)
        if encoding in _LATIN and not control:
            control = data.translate(None, _NO_C1)[:1]
        if not utf8 and (control or encoding not in _LATIN):
            break
    if not plain and utf8 and _goes_on(decoder, b"", final=True):
        raise ClientError("CSV_ENCODING.utf8", encoding=name)
    if control:
        raise ClientError("CSV_ENCODING.windows", encoding=name, byte=control.hex().upper())


def _goes_on(decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(data, final)
    except UnicodeDecodeError:
        return False
    return True


def detect_encoding(source: Source) -> str:
    """Return the codec of a file that declares none: by its mark, else UTF-8 if it all is, else Windows-1252."""
    data = source.read(BLOCK)
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    while data:
        if not _goes_on(decoder, data):
            return "cp1252"
        data = source.read(BLOCK)
    return "utf-8" if _goes_on(decoder, b"", final=True) else "cp1252"


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


_END_MARKS: Final = "\x1a\0"
_MOST_HELD: Final = 1024**2


def without_end_marks(pieces: Iterator[str]) -> Iterator[str]:
    """Yield a text without the end-of-file marks of DOS, and without NULs that fill up its last block.

    0x1A goes wherever the text ends in it; NULs only behind a line end, for behind a value they may stand for a row
    that was lost.
    """
    held, line_ended = "", True
    for piece in pieces:
        body = piece.rstrip(_END_MARKS)
        if not body:
            held = (held + piece)[:_MOST_HELD]  # more would only be more of the same bad value
            continue
        yield held + body
        held, line_ended = piece[len(body) :], body.endswith(("\n", "\r"))
    if held.strip("\x1a") and not line_ended:
        yield held
