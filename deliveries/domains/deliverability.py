"""What a domain's DNS says of mails sent in its name: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
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
_AT_ONCE: Final = 8  # questions to the DNS, of which nearly all the time is waiting
_Answers = Mapping[str, list[str] | None]


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
    wanted = list(dkim)
    answers = _ask([bounce_domain, *(name for name, _text in wanted), *_dmarc_names(domain)])
    keys = [_dkim(answers, name, text) for name, text in wanted]
    return [_spf(answers, bounce_domain), *keys, _dmarc(answers, domain)]


def _ask(names: list[str]) -> _Answers:
    """Return the texts of each name. All are asked at once: a dead name server costs one wait, not one a record."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(names, pool.map(_texts, names), strict=True))


def _texts(name: str) -> list[str] | None:
    """Return the texts of a name, None where the DNS does not answer."""
    try:
        return dns.texts(name)
    except ServiceError:
        return None


def _beginning(answers: _Answers, name: str, begins: str) -> list[str] | None:
    texts = answers[name]
    return None if texts is None else [text for text in texts if text.lower().startswith(begins)]


def _absent(kind: str, name: str, records: list[str] | None, advice: str) -> Finding:
    if records is None:
        return Finding(kind, name, Verdict.UNANSWERED, "", _("the DNS does not answer: try again later"))
    return Finding(kind, name, Verdict.MISSING, "", advice)


def _finding(kind: str, name: str, records: list[str], *, good: bool, advice: str) -> Finding:
    found = " | ".join(records)
    return (
        Finding(kind, name, Verdict.GOOD, found, "") if good else Finding(kind, name, Verdict.WRONG, found, advice)
    )


def _spf(answers: _Answers, domain: str) -> Finding:
    records = _beginning(answers, domain, "v=spf1")
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


def _dkim(answers: _Answers, name: str, text: str) -> Finding:
    records = answers[name]
    advice = _PUBLISH % {"name": name, "text": text}
    if not records:
        return _absent("DKIM", name, records, advice)
    good = [_public_key(record) for record in records] == [_public_key(text)]
    return _finding("DKIM", name, records, good=good, advice=advice)


def _public_key(record: str) -> str:
    return re.sub(r"\s", "", record.partition("p=")[2].partition(";")[0])


def _dmarc_names(domain: str) -> list[str]:
    """Return where it may be: a subdomain without a record goes by those of the domains above."""
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[start:])}" for start in range(max(len(labels) - 1, 1))]


def _dmarc(answers: _Answers, domain: str) -> Finding:
    advice = _PUBLISH % {
        "name": f"_dmarc.{domain}",
        "text": f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}",
    }
    for name in _dmarc_names(domain):
        records = _beginning(answers, name, "v=dmarc1")
        if records is None:
            return _absent("DMARC", name, records, advice)
        if records:
            good = len(records) == 1 and _POLICY.search(records[0]) is not None
            return _finding("DMARC", name, records, good=good, advice=advice)
    return _absent("DMARC", f"_dmarc.{domain}", [], advice)
