"""The MIME tree of a message: what is the same for everybody, with holes (RFC 2045, 2046, 2387, 2183, 2231).

mixed( alternative( text, related( html, inline images ) ), attachments ), each level only where it is needed.
"""

import base64
import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final
from urllib.parse import quote

from deliveries.content.source import Part

_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 ._()+@-]{1,60}")
_CHUNK: Final = 60  # characters of a piece, whose line stays below 78 with the name of its parameter


class Hole(Enum):
    """What is filled for each message; a boundary holds `=_`, which no encoded content can hold."""

    HEADERS = auto()
    TEXT = auto()
    HTML = auto()
    BOUNDARY = auto()


Tree = tuple[bytes | Hole, ...]


def build(charset: str, parts: Sequence[Part], *, text: str, html: str) -> Tree:
    """Return everything from Content-Type on; the first line continues the headers.

    `text` and `html` are the transfer encodings of both parts, empty for one that isn't there.
    """
    tree: Tree = ()
    if text:
        tree = _body("plain", charset, text, Hole.TEXT)
    if html:
        images = [part for part in parts if part.cid]
        page = _body("html", charset, html, Hole.HTML)
        page = _join("related", (page, *map(_file, images)), ' type="text/html";') if images else page
        tree = _join("alternative", (tree, page)) if tree else page
    files = [part for part in parts if not part.cid or not html]
    return _join("mixed", (tree, *map(_file, files))) if files else tree


def _body(subtype: str, charset: str, encoding: str, hole: Hole) -> Tree:
    head = f'Content-Type: text/{subtype}; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode("ascii"), hole


def _join(subtype: str, children: Sequence[Tree], more: str = "") -> Tree:
    mark = subtype[0].encode("ascii")
    out: list[bytes | Hole] = [
        f'Content-Type: multipart/{subtype};{more}\r\n boundary="{subtype[0]}'.encode("ascii"),
        Hole.BOUNDARY,
        b'"\r\n\r\n',
    ]
    for child in children:
        out += [b"--" + mark, Hole.BOUNDARY, b"\r\n", *child, b"\r\n"]
    return (*out, b"--" + mark, Hole.BOUNDARY, b"--\r\n")


def _file(part: Part) -> Tree:
    kind = part.content_type if _TOKEN.fullmatch(part.content_type) else "application/octet-stream"
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
    if part.cid:
        head += f"Content-ID: <{_cid(part.cid)}>\r\n"
    where = "inline" if part.cid else "attachment"
    head += f"Content-Disposition: {where}{_file_name(part.name)}\r\n\r\n"
    body = base64.encodebytes(part.content).replace(b"\n", b"\r\n")
    return (head.encode("ascii") + body,)


def encoded_size(part: Part) -> int:
    """Return how many bytes a file's content takes in a message: base64 in lines of 76, CRLF."""
    size = len(part.content)
    return -(-size // 3) * 4 + -(-size // 57) * 2


def _cid(cid: str) -> str:
    return re.sub(r"[^A-Za-z0-9._@+-]", "_", cid)


def _file_name(name: str) -> str:
    """Return the file's name as a parameter, in pieces where it is long or not ASCII (RFC 2231 3, 4)."""
    if not name:
        return ""
    if _PLAIN_NAME.fullmatch(name):
        return f';\r\n filename="{name}"'
    encoded = "utf-8''" + quote(name, safe="", errors="replace")
    if len(encoded) <= _CHUNK:
        return f";\r\n filename*={encoded}"
    chunks: list[str] = []
    while encoded:
        cut = min(_CHUNK, len(encoded))
        while cut < len(encoded) and "%" in encoded[cut - 2 : cut]:
            cut -= 1
        chunks.append(encoded[:cut])
        encoded = encoded[cut:]
    return "".join(f";\r\n filename*{index}*={chunk}" for index, chunk in enumerate(chunks))
