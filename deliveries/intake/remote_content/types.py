"""What a fetched file may be (reference 2.6): pure, judged by its bytes and never by what the server calls it."""

from email.message import Message
from typing import Final

from deliveries.content import Fetched

MOST_BYTES: Final = 2 * 1024**2
_IMAGES: Final = (
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_TEXTS: Final = ("text/", "application/xhtml+xml")


class Refused(Exception):
    """What was found can't be used; the sentence goes on after the address."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def judged(kind: str, content_type: str, body: bytes) -> Fetched:
    """Return an image's bytes or a content's text; raises Refused."""
    if len(body) > MOST_BYTES:
        raise Refused("FETCH_TOO_LARGE", f"has more than {MOST_BYTES // 1024**2} MB: make it smaller")
    return _image(body) if kind == "image" else _text(content_type, body)


def _image(body: bytes) -> Fetched:
    for start, name in _IMAGES:
        if body.startswith(start):
            return Fetched(content_type=name, content=body)
    raise Refused("FETCH_TYPE", "is no gif, jpg or png image")


def _text(content_type: str, body: bytes) -> Fetched:
    header = Message()
    header["Content-Type"] = content_type or "text/html"
    if not header.get_content_type().startswith(_TEXTS):
        raise Refused("FETCH_TYPE", "is no text: a content to include is HTML or plain text")
    charset = str(header.get_content_charset() or "utf-8")
    try:
        text = body.decode(charset)
    except (LookupError, UnicodeDecodeError) as error:
        raise Refused("FETCH_TYPE", "is not in the charset that its server declares (else UTF-8)") from error
    return Fetched(text=text.removeprefix("\ufeff"))
