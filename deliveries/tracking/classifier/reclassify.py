"""A delivery's raw hits classified anew: what its events should be (reference 6, `reconcile`).

Hits live shorter than events: an event whose hit is past its retention is left as it is.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db import connection, transaction

from deliveries.models import ClassifierMark, Event
from deliveries.tracking.classifier import reading, rules, writing
from deliveries.tracking.classifier.changes import Classified
from deliveries.tracking.classifier.classify import verdicts
from deliveries.tracking.classifier.rules import Hit

_MESSAGES: Final = "SELECT id FROM deliveries_message WHERE delivery_id = %s AND id > %s ORDER BY id LIMIT 5000"


def reclassify(delivery_id: int, *, mend: bool = False) -> int:
    """Return how many events are missing or of another origin than their hits say; with `mend` they are put right.

    Whoever mends counts the delivery anew afterwards (deliveries.statistics.mend).
    """
    with transaction.atomic():
        if not mend:  # one snapshot, as a classifier at work may correct what we look at
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        marks = ClassifierMark.objects.all()
        mark = (marks.select_for_update() if mend else marks).first()
        until = mark.last_hit if mark else 0
        return sum(_differences(delivery_id, hits, mend=mend) for hits in _batches(delivery_id, until))


def _batches(delivery_id: int, until: int) -> Iterator[list[Hit]]:
    """Yield the classified hits of a delivery: all of some messages at a time, then those of nobody."""
    after = 0
    while messages := [row[0] for row in reading.rows(_MESSAGES, [delivery_id, after])]:
        after = messages[-1]
        yield reading.hits_of_messages(messages, until)
    yield reading.hits_of_nobody(delivery_id, until)


def _differences(delivery_id: int, hits: Sequence[Hit], *, mend: bool) -> int:
    if not hits:
        return 0
    states = reading.messages_of({hit.message_id for hit in hits if hit.message_id is not None})
    accounts = reading.accounts_of([delivery_id])
    traps = {hit.visitor for hit in hits if rules.is_hidden(hit)}
    classified = verdicts(hits, states, rules.bursts(hits), traps)
    whose = Event.objects.filter(delivery=delivery_id, hit__in=[hit.id for hit in hits])
    whose = whose.filter(message__in=states) if states else whose.filter(message=None)
    there = dict(whose.values_list("hit", "origin"))
    missing = [one for one in classified if one.hit_id not in there]
    wrong = [one for one in classified if there.get(one.hit_id, one.origin) != one.origin]
    if mend:
        writing.events(missing, {hit.id: hit for hit in hits}, accounts)
        _set_origins(wrong)
    return len(missing) + len(wrong)


def _set_origins(classified: Sequence[Classified]) -> None:
    if classified:
        rows = [(one.message_id, one.hit_id, one.origin.value) for one in classified]
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE deliveries_event AS e SET origin = u.origin"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS u (message, hit, origin)"
                " WHERE e.hit = u.hit AND e.message_id IS NOT DISTINCT FROM u.message AND e.delivery_id = %s",
                [*columns, classified[0].delivery_id],
            )
