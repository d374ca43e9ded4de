"""What the messages of an ended delivery say, counted once and kept (docs/architecture.md, From hit to figure)."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from deliveries.models import Delivery, KeptFigures
from deliveries.models.states import OPEN_MESSAGES
from deliveries.statistics.figures import ENDED, OUTCOMES

MOST_DOMAINS: Final = 40  # the largest; a list has thousands with one person each
_AT_ONCE: Final = 20  # deliveries of one look: the thread has hits to classify too

# One pass over a delivery's messages for all that is told of them.
_COUNT: Final = """
    SELECT status, category, lower(split_part(address, '@', 2)),
           CASE WHEN status = 'delivered' THEN
               to_char(date_trunc('hour', outcome_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') END,
           emptied > 0, count(*)
    FROM deliveries_message WHERE delivery_id = %s GROUP BY 1, 2, 3, 4, 5
"""


def keep_ended() -> int:
    """Count what has ended and is not kept, or is stale; return how many deliveries were kept.

    A row that is made now is counted the next time: a move that was under way found no row to mark.
    """
    ended = Delivery.objects.filter(status__in=ENDED)
    longest_ago = F("kept_figures__counted_at").asc(nulls_first=True)
    stale = ended.filter(kept_figures__stale=True).order_by(longest_ago, "pk")
    kept = sum(_keep(pk) for pk in list(stale.values_list("pk", flat=True)[:_AT_ONCE]))
    missing = ended.filter(kept_figures=None).values_list("pk", flat=True)[:_AT_ONCE]
    KeptFigures.objects.bulk_create([KeptFigures(delivery_id=pk) for pk in missing], ignore_conflicts=True)
    return kept


def _keep(delivery_id: int) -> bool:
    """Count one delivery, unless a message of it is open: then nothing tells of its last move.

    The row is locked first. What moves a message writes to it too (a trigger): either it waits for us and marks it
    stale again, or we come after it and count what it did.
    """
    with transaction.atomic():
        locked = KeptFigures.objects.select_for_update()
        kept = locked.filter(delivery=delivery_id, stale=True).first()
        if kept is None or not Delivery.objects.filter(pk=delivery_id, status__in=ENDED).exists():
            return False
        outcomes, breakdown, still_open = summary(delivery_id)
        if still_open:
            # Goes to the end of the line, so that one open message holds up nobody else.
            KeptFigures.objects.filter(pk=kept.pk).update(counted_at=timezone.now())
            return False
        KeptFigures.objects.filter(pk=kept.pk).update(
            outcomes=outcomes, breakdown=breakdown, stale=False, counted_at=timezone.now()
        )
    return True


def summary(delivery_id: int) -> tuple[dict[str, int], dict[str, Any], bool]:
    """Return outcomes by figure, the breakdown of the report, and whether any message is open."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [delivery_id])
        rows = cursor.fetchall()
    outcomes: Tally[str] = Tally()
    bounces: Tally[int] = Tally()
    sent: Tally[str] = Tally()
    domains: dict[str, Tally[str]] = {}
    emptied = 0
    for status, category, domain, hour, is_emptied, number in rows:
        figure = OUTCOMES[status]
        outcomes.update({"size": number, figure: number})
        domains.setdefault(domain, Tally()).update({"size": number, figure: number})
        if figure == "bounced":
            bounces[category or 0] += number
        if hour is not None:
            sent[hour] += number
        emptied += number if is_emptied else 0
    breakdown = {
        "bounces": [[category, bounces[category]] for category in sorted(bounces)],
        "domains": _largest(domains),
        "sent": [[hour, sent[hour]] for hour in sorted(sent)],
        "emptied": emptied,
    }
    return dict(outcomes), breakdown, any(row[0] in OPEN_MESSAGES for row in rows)


def _largest(domains: Mapping[str, Mapping[str, int]]) -> list[list[Any]]:
    """Return the largest domains: [name, size, delivered, bounced]."""
    largest: Iterable[str] = sorted(domains, key=lambda name: (-domains[name]["size"], name))[:MOST_DOMAINS]
    return [
        [name, domains[name]["size"], domains[name].get("delivered", 0), domains[name].get("bounced", 0)]
        for name in largest
    ]
