"""What a mail that came back says, before anybody asks whose it is. Pure."""

import enum
import re
from dataclasses import dataclass, field
from typing import Final

ADDRESS: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,128}@(?:[\w-]{1,63}\.)+[a-z][\w-]{1,62}", re.IGNORECASE)


class Kind(enum.StrEnum):
    """The kinds of mail that come to our return paths."""

    BOUNCE = "bounce"
    DELAY = "delay"
    AUTO_REPLY = "auto_reply"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient of a report: `address` lower-case or "", `status` as 5.1.1 or "", `text` the server's words."""

    address: str
    status: str = ""
    text: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A whole mail; `failures` has a row for each recipient of a bounce, a delay or a complaint.

    `quoted` is the text in which tokens of the returned message may be.
    """

    kind: Kind
    failures: tuple[Failure, ...] = ()
    quoted: str = field(default="", repr=False)


def address_in(text: str) -> str:
    """Return the first address of a text, lower-case, or ""."""
    found = ADDRESS.search(text)
    return found[0].strip(".'`").lower() if found else ""
