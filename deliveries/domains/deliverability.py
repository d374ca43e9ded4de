"""What a domain's DNS says of mails sent in its name: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from recipients.domains import dns
from recipients.errors import ServiceError

_PUBLISH: Final = lazy("publish at %(name)s the TXT record “%(text)s”")
_EVERYBODY: Final = re.compile(r"(?:^|\s)\+?all\b", re.IGNORECASE)
_POLICY: Final = re.compile(r"\bp\s*=\s*(?:none|quarantine|reject)\b", re.IGNORECASE)


class Verdict(Enum):
    """What became of one record."""

    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Finding:
    """One record: which kind, the name that was asked, the verdict, what was found and what to publish."""

    kind: str
    name: str
    verdict: Verdict
    found: str
    advice: str


def examine(domain: str, bounce_domain: str, dkim: Iterable[tuple[str, str]] = ()) -> list[Finding]:
    """Return SPF of the return path's domain, each DKIM record (its name and text) as published, and DMARC."""
    keys = [_dkim(name, text) for name, text in dkim]
    return [_spf(bounce_domain), *keys, _dmarc(domain)]


def _texts(name: str, begins: str) -> list[str] | None:
    """Return the records that begin so, None where the DNS does not answer."""
    try:
        return [text for text in dns.texts(name) if text.lower().startswith(begins)]
    except ServiceError:
        return None


def _absent(kind: str, name: str, records: list[str] | None, advice: str) -> Finding:
    if records is None:
        return Finding(kind, name, Verdict.UNANSWERED, "", _("the DNS does not answer: try again later"))
    return Finding(kind, name, Verdict.MISSING, "", advice)


def _finding(kind: str, name: str, records: list[str], *, good: bool, advice: str) -> Finding:
    found = " | ".join(records)
    return (
        Finding(kind, name, Verdict.GOOD, found, "") if good else Finding(kind, name, Verdict.WRONG, found, advice)
    )


def _spf(domain: str) -> Finding:
    records = _texts(domain, "v=spf1")
    if not records:
        return _absent(
            "SPF",
            domain,
            records,
            _("publish at %(name)s a TXT record like “v=spf1 ip4:<your relay> -all”") % {"name": domain},
        )
    if len(records) > 1:
        return _finding(
            "SPF", domain, records, good=False, advice=_("leave one SPF record at %(name)s") % {"name": domain}
        )
    good = _EVERYBODY.search(records[0]) is None
    return _finding(
        "SPF", domain, records, good=good, advice=_("end it with -all or ~all: this one lets everybody send")
    )


def _dkim(name: str, text: str) -> Finding:
    records = _texts(name, "")
    advice = _PUBLISH % {"name": name, "text": text}
    if not records:
        return _absent("DKIM", name, records, advice)
    good = [_public_key(record) for record in records] == [_public_key(text)]
    return _finding("DKIM", name, records, good=good, advice=advice)


def _public_key(record: str) -> str:
    return re.sub(r"\s", "", record.partition("p=")[2].partition(";")[0])


def _dmarc(domain: str) -> Finding:
    """Go up to the domains above: a subdomain without a record goes by theirs."""
    labels = domain.split(".")
    advice = _PUBLISH % {
        "name": f"_dmarc.{domain}",
        "text": f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}",
    }
    for start in range(max(len(labels) - 1, 1)):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        records = _texts(name, "v=dmarc1")
        if records is None:
            return _absent("DMARC", name, records, advice)
        if records:
            good = len(records) == 1 and _POLICY.search(records[0]) is not None
            return _finding("DMARC", name, records, good=good, advice=advice)
    return _absent("DMARC", f"_dmarc.{domain}", [], advice)
