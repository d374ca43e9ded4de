"""What a fetched file may be (reference 2.6): pure, checked by its bytes and never by what the server calls it."""

from email.message import Message
from typing import Final

from deliveries.content import Fetched
from recipients.faults import Fault

MOST_BYTES: Final = 2 * 1024**2  # reference 2.6
_IMAGES: Final = (
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_TEXTS: Final = ("text/", "application/xhtml+xml")
_SLOW: Final = frozenset({"idna", "punycode"})  # no charsets of pages, and 2 MB take minutes


class Refused(Exception):
    """What was found can't be used; who knows the address makes the fault of it."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key, self.params = key, params

    def fault(self, url: str) -> Fault:
        """Return what is wrong with what lies at the address."""
        return Fault.of(self.key, url=url, **self.params)


def checked(kind: str, content_type: str, body: bytes) -> Fetched:
    """Return an image's bytes or a content's text; raises Refused."""
    if len(body) > MOST_BYTES:
        raise Refused("FETCH_TOO_LARGE", most=MOST_BYTES // 1024**2)
    return _image(body) if kind == "image" else _text(content_type, body)


def _image(body: bytes) -> Fetched:
    for start, name in _IMAGES:
        if body.startswith(start):
            return Fetched(content_type=name, content=body)
    raise Refused("FETCH_TYPE.image")


def _text(content_type: str, body: bytes) -> Fetched:
    header = Message()
    header["Content-Type"] = content_type or "text/html"
    if not header.get_content_type().startswith(_TEXTS):
        raise Refused("FETCH_TYPE.text")
    charset = str(header.get_content_charset() or "utf-8")
    if charset in _SLOW:
        raise Refused("FETCH_TYPE.charset")
    try:
        text = body.decode(charset)
    except (LookupError, UnicodeError) as error:
        raise Refused("FETCH_TYPE.charset") from error
    return Fetched(text=text.removeprefix("\ufeff"))
