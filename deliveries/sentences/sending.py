"""Sending: one person's message, why a delivery stops, what an operator may not do with it (reference 5)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # one person's message
    "MSG_TOO_BIG": Sentence(_("without files it has %(size)s bytes, %(most)s are the most")),
    "MSG_TOO_BIG.values": Sentence(_("this person's values make a message that is too long: shorten them")),
    "FROM_ADDRESS.values": Sentence(_("this person's values make no address to send from")),
    "TO_ADDRESS": Sentence(_("the recipient's address can't stand in a header")),
}
