"""One caught mail taken apart: whatever it is, there is an answer, with what can't be read left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from typing import Final

from xmld_project.caught.headers import as_text, headers_of

_MOST_PARTS: Final = 200
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is downloaded; `content` decoded, `name` safe to write into a header."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """What a page shows. `html` and `text` are the first of their kind, None where there is none."""

    headers: list[tuple[str, str]]
    html: str | None = None
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    broken: bool = False


def read(content: bytes) -> Mail:
    """Take a mail apart; `broken` when its parts can't be told from one another."""
    headers = headers_of(content)
    try:
        parts = list(_leaves(BytesParser().parsebytes(content)))
    except (MessageError, RecursionError, ValueError, LookupError):  # nested a thousand deep; a header of garbage
        return Mail(headers, broken=True)
    html, text = _first(parts, "text/html"), _first(parts, "text/plain")
    rest = [(n, part) for n, part in enumerate(parts, 1) if part is not html and part is not text]
    attachments = tuple(_attachment(part, n) for n, part in rest if _says_something(part))
    return Mail(headers, _text(html), _text(text), attachments)


def _leaves(top: Message) -> Iterator[Message]:
    """Yield the first 200 parts that hold no parts, in order; a mail within the mail is one of them."""
    stack, seen = [top], 0
    while stack and seen < _MOST_PARTS:
        part = stack.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            stack += reversed([child for child in part.get_payload() if isinstance(child, Message)])
        else:
            seen += 1
            yield part


def _first(parts: list[Message], kind: str) -> Message | None:
    return next((p for p in parts if p.get_content_type() == kind and not _is_attached(p)), None)


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _says_something(part: Message) -> bool:
    """Leave out a mail without any body, which would be a download of nothing."""
    return bool(_content(part)) or _is_attached(part)


def _content(part: Message) -> bytes:
    if part.is_multipart():  # a mail within the mail
        return b"\n".join(child.as_bytes() for child in part.get_payload() if isinstance(child, Message))
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(part: Message | None) -> str | None:
    if part is None:
        return None
    charset = part.get_param("charset")
    return as_text(_content(part), charset if isinstance(charset, str) else None)


def _attachment(part: Message, number: int) -> Attachment:
    given = re.split(r"[/\\]", str(part.get_filename() or ""))[-1]
    name = "".join(c for c in given if c.isprintable()).strip(" .")[-_LONGEST_NAME:]
    ending = ".eml" if part.is_multipart() else ""
    return Attachment(name or f"part-{number}{ending}", part.get_content_type()[:80], _content(part))
