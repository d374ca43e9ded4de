"""What a server's reply means for a message (RFC 5321 4.2, RFC 3463; reference 6, bounce categories). Pure."""

import re
from typing import Final, NamedTuple

from deliveries.refusals import MOST_TEXT as MOST_TEXT
from deliveries.refusals import Category, Refusal, classify, find_enhanced
from deliveries.refusals import clean as clean

_LINE: Final = re.compile(rb"^([2-5][0-9]{2})(?:([ -])(.*))?$", re.DOTALL)

PERMANENT: Final = 500
TRANSIENT: Final = 400
CLOSING: Final = 421
TOO_MUCH: Final = 552


class Reply(NamedTuple):
    """A whole reply: `code` 200-599, `enhanced` such as 5.1.1 or "", `text` clean and at most 500 characters."""

    code: int
    enhanced: str
    text: str

    @property
    def good(self) -> bool:
        """Return whether it is a 2xx."""
        return self.code < 300  # noqa: PLR2004  the class of RFC 5321 4.2.1


def last_line(line: bytes) -> bool | None:
    """Return whether a line (without its end) is the last of a reply; None when it is not a reply line at all."""
    match = _LINE.match(line)
    return None if match is None else match[2] != b"-"


def read(lines: list[bytes]) -> Reply:
    """Return the reply that these lines make; the last line's code counts."""
    code = int(lines[-1][:3])
    words = (
        lines[0][4:300].decode("utf-8", "replace").strip()
        if len(lines) == 1
        else " ".join(line[4:300].decode("utf-8", "replace").strip() for line in lines[:20])
    )
    return Reply(code, find_enhanced(words, code), clean(words))


def category(reply: Reply, phase: str, return_path: str = "", recipient: str = "") -> Category:
    """Return the bounce category of a refusal in phase mail, rcpt, data or dot, of this envelope."""
    return classify(Refusal(reply.text, reply.code, reply.enhanced, phase, return_path, recipient))


def permanent(reply: Reply, phase: str) -> bool:
    """Return whether a refusal ends the message: an enhanced code decides over the three digits.

    552 to RCPT without an enhanced code means too many recipients: temporary (RFC 5321 4.5.3.1.10).
    """
    if reply.enhanced:
        return reply.enhanced[0] == "5" and reply.enhanced not in {"5.5.3", "5.4.5"}
    return reply.code >= PERMANENT and not (phase == "rcpt" and reply.code == TOO_MUCH)
