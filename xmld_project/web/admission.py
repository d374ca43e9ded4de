"""What a request may bring, decided by its first line and headers, before a byte of its body is read."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

KB: Final = 1024
OF_A_STRANGER: Final = 64 * KB  # bytes of who has no session: log-in and unsubscription need a few hundred
OF_A_PUBLIC_PAGE: Final = (
    16 * KB
)  # the unsubscribe form has one short field; a mailbox provider's POST is smaller still
# Never behind the pages that take bodies: a probe, a pixel and a click are answered whatever the area does.
_PUBLIC: Final = ("/healthz", "/readyz", "/metrics", "/static/", "/o/", "/c/", "/u/", "/w/")


class Refused(Exception):
    """The request is answered with this status and sentence, and its connection is closed."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Announced:
    """A body as its headers announce it. `length` in bytes."""

    length: int
    public: bool

    @property
    def needs_log_in(self) -> bool:
        """Whether it is larger than anybody may send whom nobody knows."""
        return self.length > OF_A_STRANGER


def is_public(path: str) -> bool:
    """Return whether the address belongs to people who have no account here."""
    return path.startswith(_PUBLIC)


def announced(path: str, content_length: str | None, transfer_encoding: str | None) -> Announced:
    """Return what comes after the headers. Raises Refused.

    A body without a length is refused before it is read. The parser of the web server drops a Content-Length that
    comes beside `chunked`, so both are refused as one: no browser and no mailbox provider sends chunks.
    """
    if transfer_encoding is not None:
        raise Refused(HTTPStatus.BAD_REQUEST, "Say the length of the body with Content-Length.")
    text = content_length or "0"
    if not (text.isascii() and text.isdecimal()):
        raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length is not a number.")
    public = is_public(path)
    found = Announced(int(text), public)
    if public and found.length > OF_A_PUBLIC_PAGE:
        raise too_large(OF_A_PUBLIC_PAGE)
    return found


def too_large(most: int) -> Refused:
    """Return the refusal of what is larger than `most` bytes."""
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {most // KB} kB can be sent to this page.")
