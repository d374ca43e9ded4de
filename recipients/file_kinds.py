"""What a file is by its first bytes, where a text is wanted: its name and its declared type prove nothing."""

import codecs
from typing import Final

from recipients.faults import Fault

HTML: Final = "kind.html"
XML: Final = "kind.xml"
ZIP: Final = "kind.zip"
HEAD: Final = 1024  # bytes: as far as readers of PDF look for its mark
_MARKS: Final = (
    (b"\x7fELF", "kind.program", ""),
    (b"%PDF-", "kind.pdf", ""),
    (b"\x89PNG\r\n\x1a\n", "kind.picture", "PNG"),
    (b"GIF87a", "kind.picture", "GIF"),
    (b"GIF89a", "kind.picture", "GIF"),
    (b"\xff\xd8\xff", "kind.picture", "JPEG"),
    (b"PK\x03\x04", ZIP, ""),
    (b"PK\x05\x06", ZIP, ""),
    (b"\x1f\x8b", "kind.archive", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "kind.archive", "7z"),
    (b"Rar!\x1a\x07", "kind.archive", "RAR"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind.office", ""),
)
_WINDOWS_PROGRAM: Final = b"MZ"
_PAGES: Final = ((b"<!doctype html", HTML), (b"<html", HTML), (b"<?xml", XML))


def kind_of(data: bytes) -> Fault | None:
    """Return what a file is whose beginning tells it, None for what may be any text."""
    head = data[:HEAD]
    for mark, key, form in _MARKS:
        if head.startswith(mark):
            return Fault.of(key, **({"format": form} if form else {}))
    if head.startswith(_WINDOWS_PROGRAM) and b"\0" in head:  # a list may begin so, and holds no NUL
        return Fault.of("kind.program")
    text = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return next((Fault.of(key) for mark, key in _PAGES if text.startswith(mark)), None)


def no_text() -> Fault:
    """Return what a file is that holds NULs, and no mark that is known."""
    return Fault.of("kind.other")
