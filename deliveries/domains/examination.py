"""What the DNS says of a newsletter's sender, kept: whoever sends waits for no name server (reference 8)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from deliveries import conf, queue
from deliveries.content.mime.mailboxes import domain_of
from deliveries.domains import dkim
from deliveries.domains.deliverability import Finding, examine
from deliveries.errors import ClientError
from deliveries.models import Newsletter, SenderDns

_KEPT: Final = timedelta(minutes=15)  # pages that are opened again meanwhile show the same answers
_QUEUED: Final = timedelta(minutes=2)  # a look that was queued and lost is queued again


def examine_sender(newsletter: Newsletter, domain: str) -> list[Finding]:
    """Ask the DNS now for what receivers judge mails from `domain` by, and keep the answers."""
    bounces = domain_of(newsletter.bounce_domain) or conf.bounce_domain(domain)
    found = examine(domain, bounces, published([newsletter]))
    now = timezone.now()
    SenderDns.objects.update_or_create(
        newsletter=newsletter,
        domain=domain,
        defaults={
            "verdicts": [[each.kind, each.verdict.value] for each in found],
            "asked_at": now,
            "answered_at": now,
        },
    )
    return found


def kept_answer(newsletter: Newsletter, domain: str) -> SenderDns:
    """Return what the DNS last said, without asking it; an answer that is missing or old is asked for by a task."""
    now = timezone.now()
    with transaction.atomic():
        row, _made = SenderDns.objects.get_or_create(newsletter=newsletter, domain=domain)
        old = Q(answered_at=None) | Q(answered_at__lt=now - _KEPT)
        not_queued = Q(asked_at=None) | Q(asked_at__lt=now - _QUEUED)
        if SenderDns.objects.filter(old, not_queued, pk=row.pk).update(asked_at=now):
            queue.enqueue(queue.EXAMINE_SENDER, row.pk)
    return row


def examine_queued(row_id: int) -> str:
    """Ask for a row that was queued; return what became of it."""
    row = SenderDns.objects.select_related("newsletter").filter(pk=row_id).first()
    if row is None:
        return f"sender {row_id} is gone"
    found = examine_sender(row.newsletter, row.domain)
    return f"{row.domain}: " + ", ".join(f"{each.kind} {each.verdict.value}" for each in found)


def published(newsletters: Iterable[Newsletter]) -> list[tuple[str, str]]:
    """Return name and text of each DKIM record that these newsletters' mails are verified by."""
    found: dict[tuple[str, str], None] = {}
    for newsletter in newsletters:
        try:
            found |= {(record.name, record.text): None for record in dkim.dns_record(newsletter)}
        except ClientError:
            continue  # a key that can't be opened publishes nothing; sending says so
    return list(found)
