"""The parts of a stranger's mail, with a bound on each measure (RFC 2045, 2046). Pure.

Python's own parser recurses with the nesting and keeps all it reads; a mail of a hostile shape must cost no more
than an honest one.
"""

import binascii
import codecs
import contextlib
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from functools import cached_property
from itertools import islice
from typing import Final

from lxml import etree

MOST_BYTES: Final = 1024**2  # the reports lie before the returned message: what follows is never needed
_MOST_HEAD: Final = 128 * 1024  # bytes of headers
_MOST_TEXT: Final = 64 * 1024  # characters of a part
_MOST_PARTS: Final = 40  # reference 7.1: what a stranger sends is read within bounds
_MOST_DEPTH: Final = 4
_BLANK: Final = re.compile(rb"\r?\n[ \t]*\r?\n|\A\r?\n")
_MOST_HTML: Final = 4 * _MOST_TEXT  # markup is most of an HTML
_JAPANESE: Final = b"\x1b$B"  # Domino declares no charset for a status part that it writes in ISO-2022-JP
_SLOW: Final = frozenset({"idna", "punycode"})  # no charsets of mail, and quadratic to read
_INVISIBLE: Final = frozenset({"script", "style", "head", "title"})
_LINES: Final = frozenset({"br", "p", "div", "tr", "td", "li", "table", "h1", "h2", "h3", "h4", "pre"})


@dataclass(frozen=True)
class Part:
    """A part that has no parts of its own (a returned message counts as one): its headers and its bytes."""

    headers: Message
    body: bytes

    @property
    def kind(self) -> str:
        """Its content type in lower case."""
        return self.headers.get_content_type()

    @cached_property
    def text(self) -> str:
        """Its decoded text, HTML without its tags; broken encodings are read as far as they go."""
        text = _decoded(_unwrapped(self.body, str(self.headers.get("Content-Transfer-Encoding", ""))), self.headers)
        if self.kind == "text/html":
            text = _words_of(text[:_MOST_HTML])
        return text[:_MOST_TEXT].replace("\r\n", "\n")


def beginning_of(data: bytes) -> bytes:
    """Return what is read of a mail; some pipes and mail programs leave blank lines before its headers."""
    return data[:MOST_BYTES].lstrip()


def head_of(data: bytes) -> tuple[Message, bytes]:
    """Return the headers and the body of a message."""
    blank = _BLANK.search(data, 0, _MOST_HEAD)
    head, body = (data[: blank.start()], data[blank.end() :]) if blank else (data[:_MOST_HEAD], b"")
    return BytesHeaderParser().parsebytes(head + b"\r\n\r\n"), body


def parts_of(headers: Message, body: bytes) -> list[Part]:
    """Return the parts of a message in their order, at most 40, nested at most four deep."""
    found: list[Part] = []
    for part in _walk(headers, body, 0):
        found.append(part)
        if len(found) == _MOST_PARTS:
            break
    return found


def header(headers: Message, name: str) -> str:
    """Return a header in one line, decoded (RFC 2047) as far as it can be."""
    raw = str(headers.get(name, ""))[:2_000]
    try:
        text = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        text = raw
    return " ".join(text.split())


def _walk(headers: Message, body: bytes, depth: int) -> Iterator[Part]:
    boundary = _parameter(headers, "boundary")
    if headers.get_content_maintype() != "multipart" or not boundary or depth == _MOST_DEPTH:
        yield Part(headers, body)
        return
    pieces = list(islice(_pieces(body, boundary.encode("utf-8", "replace")), _MOST_PARTS))
    if not pieces:  # another boundary than the one that is declared: read it as text
        yield Part(Message(), body)
    for piece in pieces:
        yield from _walk(*head_of(piece), depth + 1)


def _parameter(headers: Message, name: str) -> str:
    value = headers.get_param(name)
    return value.strip() if isinstance(value, str) else ""


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what lies between the boundary's lines; the last piece ends with the data where the end is missing."""
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    start: int | None = None
    for mark in line.finditer(body):
        if start is not None:
            yield body[start : max(start, mark.start())]
        if mark[1]:
            return
        start = mark.end()
    if start is not None:
        yield body[start:]


def _unwrapped(body: bytes, encoding: str) -> bytes:
    match encoding.strip().lower():
        case "quoted-printable":
            return quopri.decodestring(body)
        case "base64":
            letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
    return body


def _decoded(data: bytes, headers: Message) -> str:
    name = _parameter(headers, "charset") or ("iso-2022-jp" if _JAPANESE in data else "")
    with contextlib.suppress(LookupError, ValueError):
        if codecs.lookup(name or "utf-8").name not in _SLOW:
            return data.decode(name or "utf-8")  # a codec's own decode would unpack what claims to be zlib or bz2
    return data.decode("utf-8" if not name else "latin-1", "replace")


def _words_of(text: str) -> str:
    """Return the text of HTML as a reader sees it, a line for each block; whatever it is, in linear time."""
    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=False)
    root = etree.fromstring(text.encode("utf-8", "replace") or b"<p/>", parser)
    if root is None:
        return ""
    words: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and element.tag in _LINES:
            words.append("\n")
        if event == "start" and element.text and element.tag not in _INVISIBLE and isinstance(element.tag, str):
            words.append(element.text)
        if event == "end" and element.tail:
            words.append(element.tail)
    return "".join(words)
