"""Numbers of a newsletter by domain and by name: its rates, its categories of links."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from deliveries.conf import MAX_LINK_CATEGORY
from deliveries.content.mime.headers import one_line
from deliveries.content.mime.mailboxes import domain_of
from deliveries.errors import ClientError

_MOST: Final = 2**31 - 1  # as the column of a newsletter's whole rate holds


def rates(value: object) -> dict[str, int]:
    """Return messages an hour by domain in A-labels, nothing for nothing; raises ClientError."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        example = '{"gmail.example": 3600}'
        sentence = _("Write an object of domains and messages an hour, for example %(example)s.")
        raise ClientError("RATES", sentence % {"example": example})
    found = {}
    for written, rate in value.items():
        domain = domain_of(str(written))
        if domain is None:
            sentence = _("“%(domain)s” is not a domain: write one like gmail.example.")
            raise ClientError("RATES", sentence % {"domain": one_line(str(written))[:80]})
        if not isinstance(rate, int) or isinstance(rate, bool) or not 0 < rate <= _MOST:
            sentence = _("%(domain)s: write messages an hour as a whole number, 1 or more.")
            raise ClientError("RATES", sentence % {"domain": domain})
        found[domain] = rate
    return found


def categories(value: object) -> dict[str, int]:
    """Return the numbers of link categories by name, nothing for nothing; raises ClientError."""
    found = {} if value is None else value
    good = isinstance(found, Mapping) and all(
        isinstance(number, int)
        and not isinstance(number, bool)
        and 0 < number <= MAX_LINK_CATEGORY
        and name.strip()
        for name, number in found.items()
    )
    if not good:
        sentence = _("Write an object of names and numbers from 1 to 9999, for example %(example)s.")
        raise ClientError("CATEGORIES", sentence % {"example": '{"News": 1}'})
    return {str(name).strip()[:100]: int(number) for name, number in dict(found).items()}  # type: ignore[call-overload]
