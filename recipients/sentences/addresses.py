"""Addresses (reference 3.2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

_UNUSABLE: Final = Sentence(
    _("'%(address)s' is not a usable e-mail address: %(why)s; correct it"), personal=frozenset({"address"})
)

SENTENCES: Final[Mapping[str, Sentence]] = {
    "ADDR_EMPTY": Sentence(_("the address is empty; write one as name@domain")),
    "ADDR_EMPTY.row": Sentence(_("the address is empty: fill it in or take the row out")),
    "ADDR_SYNTAX": _UNUSABLE,
    "ADDR_DOMAIN": _UNUSABLE,
    "ADDR_TOO_LONG": _UNUSABLE,
    "address.no_at": Sentence(_("it has no @")),
    "address.local": Sentence(_("what comes before the @ can't be written to")),
    "address.bracket": Sentence(_("a bracketed network address is not accepted; write a domain")),
    "address.dots": Sentence(_("a dot of the domain has nothing before or after it")),
    "address.domain": Sentence(_("what comes after the @ is not a domain name")),
    "address.one_label": Sentence(_("the domain needs a dot inside it")),
    "address.number": Sentence(_("the domain ends in a number")),
    "address.characters": Sentence(_("it has %(length)s characters, %(most)s are the most")),
    "address.local_bytes": Sentence(_("more than %(most)s bytes are before the @")),
    "address.bytes": Sentence(_("it is longer than %(most)s bytes")),
}
