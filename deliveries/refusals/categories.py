"""The bounce categories (reference 6)."""

import enum
from typing import Final


class Category(enum.IntEnum):
    """Why a message was refused; the numbers are kept in rows, in the event log and in reports."""

    UNKNOWN = 0
    NO_MAILBOX = 1
    NO_DOMAIN = 2
    FULL = 3
    UNREACHABLE = 4
    TOO_LARGE = 5
    SPAM = 6
    POLICY = 7
    TEMPORARY = 8
    DISABLED = 9
    CONTENT = 10


# What no later attempt can mend: such an address is written to no more.
HARD: Final = frozenset({Category.NO_MAILBOX, Category.NO_DOMAIN})
NAMES: Final = {
    Category.UNKNOWN: "unknown",
    Category.NO_MAILBOX: "mailbox does not exist",
    Category.NO_DOMAIN: "domain does not exist",
    Category.FULL: "mailbox full",
    Category.UNREACHABLE: "server unreachable",
    Category.TOO_LARGE: "message too large",
    Category.SPAM: "refused as spam or by reputation",
    Category.POLICY: "policy or authentication",
    Category.TEMPORARY: "temporary trouble",
    Category.DISABLED: "mailbox disabled",
    Category.CONTENT: "content refused",
}
