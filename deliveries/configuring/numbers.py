"""Numbers of newsletters and spaces, and the bounds within which they mean something."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from deliveries.content.mime.headers import one_line
from deliveries.content.mime.mailboxes import domain_of
from deliveries.errors import ClientError

_MOST: Final = 2**31 - 1
BOUNDS: Final[Mapping[str, tuple[float, float, StrOrPromise]]] = {
    "port": (1, 65_535, lazy("Write a number from 1 to 65535.")),
    "poll_seconds": (5, 86_400, lazy("Write 5 or more, and at most 86400 (a day).")),
    "duplicate_window_minutes": (0, 30 * 24 * 60, lazy("Write minutes from 0 (off) to 43200 (30 days).")),
    "bad_rows_limit": (0, 1, lazy("Write a share between 0 and 1, as 0.1 for 10 %.")),
    "rate_per_hour": (0, _MOST, lazy("Write 0 (no limit) or more.")),
}

_MOST_CATEGORY: Final = 9_999


def judge_number(name: str, value: float | None) -> float | None:
    """Return the value of a bounded setting as it is; raises ClientError beyond its bounds."""
    low, high, sentence = BOUNDS[name]
    if value is not None and not low <= value <= high:
        raise ClientError("NUMBER", str(sentence))
    return value


def judges(*names: str) -> dict[str, Callable[[float | None], float | None]]:
    """Return the judge of each of these settings."""
    return {name: partial(judge_number, name) for name in names}


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
            sentence = _("“%(domain)s” is no domain: write one like gmail.example.")
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
        isinstance(number, int) and not isinstance(number, bool) and 0 < number <= _MOST_CATEGORY and name.strip()
        for name, number in found.items()
    )
    if not good:
        sentence = _("Write an object of names and numbers from 1 to 9999, for example %(example)s.")
        raise ClientError("CATEGORIES", sentence % {"example": '{"News": 1}'})
    return {str(name).strip()[:100]: int(number) for name, number in dict(found).items()}  # type: ignore[call-overload]
