"""Attachments (reference 2.5): types by name and by first bytes, never as the client calls them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deliveries.conf import MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS
from deliveries.content.source import Part
from deliveries.intake.rules.findings import Findings
from deliveries.intake.sftp.listing import same

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_TYPES: Final[Mapping[str, tuple[str, tuple[bytes, ...]]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "csv": ("text/csv", ()),
    "txt": ("text/plain", ()),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "doc": ("application/msword", _OLE),
    "xls": ("application/vnd.ms-excel", _OLE),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "ics": ("text/calendar", (b"BEGIN:VCALENDAR",)),
    "zip": ("application/zip", _ZIP),
}
_PDF_MARK_WITHIN: Final = 1024  # as readers look for it (PDF Reference 1.7, appendix H)
_BINARY: Final = (b"MZ", b"\x7fELF", b"%PDF-", *_ZIP, *_OLE)


def check_attachments(findings: Findings, files: Mapping[str, Path]) -> tuple[Part, ...]:
    """Return what goes with every message; `files` maps names to received files."""
    wanted = findings.instructions.message.attachments
    if len(wanted) > MAX_ATTACHMENTS:
        findings.refuse("TOO_MANY_ATTACHMENTS", "message/attachments", count=len(wanted))
        return ()
    there = {same(name): path for name, path in files.items()}
    total = sum(there[same(each.file)].stat().st_size for each in wanted if same(each.file) in there)
    if total > MAX_ATTACHMENT_BYTES:
        findings.refuse("ATT_TOO_BIG", "message/attachments", size=f"{total / 1024**2:.1f}")
        return ()
    parts: dict[str, Part] = {}
    for number, each in enumerate(wanted, 1):
        path = f"message/attachments/attachment[{number}]/file"
        name = same(each.file)
        if name.casefold() in parts:
            findings.refuse("ATT_TWICE", path, name=name)
        elif name not in there:
            findings.refuse("REF_MISSING", path, name=name)
        elif part := _part(findings, path, name, there[name].read_bytes()):
            parts[name.casefold()] = part
    return tuple(parts.values())


def _part(findings: Findings, path: str, name: str, content: bytes) -> Part | None:
    """Return the part with a type of our own choosing; refuses one whose bytes are something else."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in _TYPES:
        findings.refuse("ATT_TYPE", path, name=name)
        return None
    kind, marks = _TYPES[ending]
    start = content[:_PDF_MARK_WITHIN].removeprefix(b"\xef\xbb\xbf")
    if ending == "pdf":
        right = marks[0] in start
    else:
        right = start.startswith(marks) if marks else not start.startswith(_BINARY) and b"\0" not in content
    if not right:
        findings.refuse("ATT_TYPE.content", path, name=name, kind=ending)
        return None
    return Part(name=name, content_type=kind, content=content)
