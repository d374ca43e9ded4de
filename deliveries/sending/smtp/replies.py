"""What a server's reply means for a message (RFC 5321 4.2, RFC 3463; reference 6, bounce categories). Pure."""

import re
from dataclasses import dataclass
from typing import Final

MOST_TEXT: Final = 500
_LINE: Final = re.compile(rb"^([2-5][0-9]{2})(?:([ -])(.*))?$", re.DOTALL)
_ENHANCED: Final = re.compile(r"^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s|$)")
_UNCLEAN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

PERMANENT: Final = 500
TRANSIENT: Final = 400
CLOSING: Final = 421
TOO_MUCH: Final = 552


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: `code` 200-599, `enhanced` such as 5.1.1 or "", `text` clean and at most 500 characters."""

    code: int
    enhanced: str
    text: str

    @property
    def good(self) -> bool:
        """Say whether it is a 2xx."""
        return self.code < 300  # noqa: PLR2004  the class of RFC 5321 4.2.1


def clean(text: str) -> str:
    """Return text of a stranger in one line without control characters, at most 500 characters."""
    return _UNCLEAN.sub(" ", _ANSI.sub("", text)).strip()[:MOST_TEXT]


def last_line(line: bytes) -> bool | None:
    """Say whether a line (without its end) is the last of a reply; None when it is no reply line at all."""
    match = _LINE.match(line)
    return None if match is None else match[2] != b"-"


def read(lines: list[bytes]) -> Reply:
    """Return the reply that these lines make; the last line's code counts."""
    code = int(lines[-1][:3])
    words = " ".join(line[4:300].decode("utf-8", "replace").strip() for line in lines[:20])
    match = _ENHANCED.match(words)
    return Reply(code, match[1] if match else "", clean(words))


# Enhanced codes without their class -> category; a code that is not here falls back to its subject.
_DETAIL: Final = {
    "1.1": 1, "1.2": 2, "1.3": 1, "1.6": 1, "1.10": 2, "1.8": 7, "1.7": 7,
    "2.1": 9, "2.2": 3, "2.3": 5, "3.1": 8, "3.4": 5, "4.1": 4, "4.4": 2, "4.7": 4, "6.7": 7,
}  # fmt: skip
_SUBJECT: Final = {"2": 9, "3": 8, "4": 4, "5": 8, "6": 10, "7": 7}
_SPAM: Final = re.compile(
    r"spam|reputation|blacklist|blocklist|block list|dnsbl|rbl|listed|unsolicited", re.IGNORECASE
)
_NOBODY: Final = re.compile(
    r"(user|recipient|mailbox|address)[^.]{0,30}(unknown|not found|does ?n.t exist|not exist|invalid)"
    r"|unknown user|no such (user|mailbox|recipient)|no mailbox",
    re.IGNORECASE,
)
_NO_DOMAIN: Final = re.compile(
    r"domain[^.]{0,20}(not found|does not exist|unknown)|no such domain|host unknown", re.IGNORECASE
)
_FULL: Final = re.compile(r"mailbox (is )?full|over ?quota|quota exceeded", re.IGNORECASE)
_BY_TEXT: Final = ((_SPAM, 6), (_FULL, 3), (_NO_DOMAIN, 2), (_NOBODY, 1))


def category(reply: Reply, phase: str) -> int:
    """Return the bounce category (0-10) of a refusal in phase mail, rcpt, data or dot."""
    detail = reply.enhanced[2:]
    if detail.startswith("7.") or (not detail and _SPAM.search(reply.text)):
        return 6 if _SPAM.search(reply.text) else 7
    if detail in _DETAIL:
        return _DETAIL[detail]
    if detail and detail.split(".")[0] in _SUBJECT:
        return _SUBJECT[detail.split(".")[0]]
    by_text = next((number for pattern, number in _BY_TEXT if pattern.search(reply.text)), 0)
    if by_text:
        return by_text
    if reply.code == TOO_MUCH:
        return 5 if phase in {"mail", "dot"} else 3
    # Without a word of explanation a 550 to RCPT may be policy as well as a missing mailbox: unknown.
    return 1 if phase == "rcpt" and reply.code in {551, 553} else 0


def permanent(reply: Reply, phase: str) -> bool:
    """Say whether a refusal ends the message: an enhanced code decides over the three digits.

    552 to RCPT without an enhanced code means too many recipients: temporary (RFC 5321 4.5.3.1.10).
    """
    if reply.enhanced:
        return reply.enhanced[0] == "5" and reply.enhanced not in {"5.5.3", "5.4.5"}
    return reply.code >= PERMANENT and not (phase == "rcpt" and reply.code == TOO_MUCH)
