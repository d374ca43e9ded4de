"""Who may send from a domain: what each account has, declares, proves and is given."""

from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from recipients import addresses
from recipients.domains import dns
from recipients.errors import ClientError
from recipients.models import Account, DomainState, SenderDomain

OWNED: Final = (DomainState.VOUCHED, DomainState.PROVED)
_RECORD: Final = "_xml-delivery"
_VALUE: Final = "xml-delivery-domain="


def in_a_labels(text: str) -> str | None:
    """Return a domain in A-labels and lower case, None for what is not one."""
    try:
        return addresses.parse(f"postmaster@{text.strip().rstrip('.')}").domain
    except ClientError:
        return None


def owned(account: Account) -> frozenset[str]:
    """Return the domains that count: proved, or vouched for."""
    rows = SenderDomain.objects.filter(account=account, state__in=OWNED)
    return frozenset(rows.values_list("domain", flat=True))


def possible(account: Account, text: str) -> str:
    """Return the domain in A-labels if the account may declare it. Raises ClientError.

    What is not a domain and what is another account's are answered alike: nobody learns who else is here.
    """
    domain = in_a_labels(text)
    if domain is None or _is_anothers(account, domain):
        raise _not_possible(text)
    return domain


def declare(account: Account, text: str) -> SenderDomain:
    """Note a domain that the account wants to send from; it counts once it is proved. Raises ClientError."""
    row, _made = SenderDomain.objects.get_or_create(account=account, domain=possible(account, text))
    return row


def vouch(account: Account, texts: Iterable[str]) -> list[SenderDomain]:
    """Give domains to an account on the platform's word, also one that another account has. Raises ClientError."""
    rows = []
    for text in texts:
        domain = in_a_labels(text)
        if domain is None:
            raise _not_possible(text)
        row, _made = SenderDomain.objects.get_or_create(account=account, domain=domain)
        if row.state != DomainState.VOUCHED:
            SenderDomain.objects.filter(pk=row.pk).update(state=DomainState.VOUCHED)
            row.state = DomainState.VOUCHED
        rows.append(row)
    return rows


def record(row: SenderDomain) -> tuple[str, str]:
    """Return name and value of the TXT record that proves the domain."""
    return f"{_RECORD}.{row.domain}", f"{_VALUE}{row.token}"


def prove(row: SenderDomain) -> None:
    """Look for the record and let the domain count. Raises ClientError, and ServiceError by the DNS."""
    name, value = record(row)
    found = dns.texts(name)  # outside any transaction
    if value not in found:
        SenderDomain.objects.filter(pk=row.pk).update(checked_at=Now())
        shown = ", ".join(f"“{text[:80]}”" for text in found[:3]) or _("nothing")
        sentence = _("%(name)s has no TXT record “%(value)s” (found: %(found)s): publish it, then check again.")
        raise ClientError("DOMAIN_UNPROVED", sentence % {"name": name, "value": value, "found": shown})
    if _is_anothers(row.account, row.domain) or not _proved(row):
        raise _not_possible(row.domain)


def shared() -> dict[str, list[str]]:
    """Return the domains that count for several accounts, with the names of these."""
    rows = SenderDomain.objects.filter(state__in=OWNED)
    several = rows.values("domain").annotate(accounts=Count("account")).filter(accounts__gt=1)
    found: dict[str, list[str]] = {}
    named = rows.filter(domain__in=several.values("domain")).order_by("domain", "account__name")
    for domain, name in named.values_list("domain", "account__name"):
        found.setdefault(domain, []).append(name)
    return found


def _proved(row: SenderDomain) -> bool:
    """Move the row on; False where another account proved the domain at the same moment."""
    unproved = SenderDomain.objects.filter(pk=row.pk, state=DomainState.UNPROVED)
    try:
        with transaction.atomic():
            unproved.update(state=DomainState.PROVED, proved_at=Now(), checked_at=Now())
    except IntegrityError:
        return False
    return True


def _is_anothers(account: Account, domain: str) -> bool:
    return SenderDomain.objects.filter(domain=domain, state__in=OWNED).exclude(account=account).exists()


def _not_possible(text: str) -> ClientError:
    sentence = _("“%(domain)s” is not possible here: write a domain of yours, or ask whoever runs this platform.")
    return ClientError("DOMAIN_NOT_POSSIBLE", sentence % {"domain": text.strip()[:80]})
