"""Hits, events and messages past their retention (reference 10). Figures stay: counters and kept outcomes do."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, Min
from psycopg import sql

from deliveries.models import Event, EventKey, KeptFigures, LinkVisit, Message, OwnTarget

_STEP: Final = 50_000  # ids of one statement: nobody waits for long behind it
_CHUNK: Final = 5_000  # messages of one statement, with their events
# Partitions and where each ends; the default one has no end.
_MONTHS: Final = """
    SELECT c.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass
"""


def drop_months(table: str, before: datetime) -> int:
    """Drop the partitions of a table that lie wholly before a time, and what older rows the default one holds."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [table])
        old = [name for name, end in cursor.fetchall() if end is not None and end <= before]
        for name in old:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        rest = sql.SQL("DELETE FROM {} WHERE at < %s").format(sql.Identifier(f"{table}_default"))
        cursor.execute(rest, [before])
        return len(old)


def forget_ip_addresses(before: datetime) -> int:
    """Empty the addresses of events before a time, step by step in the order of ids; return how many."""
    span = Event.objects.filter(at__lt=before).aggregate(first=Min("id"), last=Max("id"))
    if span["first"] is None:
        return 0
    emptied = 0
    for first in range(span["first"], span["last"] + 1, _STEP):
        step = Event.objects.filter(id__gte=first, id__lt=first + _STEP, at__lt=before, ip__isnull=False)
        emptied += step.update(ip=None)
    return emptied


def forget_keys(before: datetime) -> int:
    """Delete the keys of events that can't be told again."""
    return EventKey.objects.filter(at__lt=before).delete()[0]


def forget_messages(before: datetime) -> int:
    """Delete the messages of deliveries that started before a time and whose figures are kept; return how many."""
    ready = KeptFigures.objects.filter(
        stale=False, delivery__started_at__lt=before, delivery__messages__isnull=False
    )
    return sum(_forget(pk) for pk in ready.values_list("pk", flat=True).distinct())


def _forget(delivery_id: int) -> int:
    gone = 0
    mine = Message.objects.filter(delivery=delivery_id).order_by("id")
    while ids := list(mine.values_list("id", flat=True)[:_CHUNK]):
        with transaction.atomic():
            LinkVisit.objects.filter(message_id__in=ids).delete()
            Message.objects.filter(id__in=ids).delete()
        gone += len(ids)
    OwnTarget.objects.filter(delivery=delivery_id).delete()
    return gone
