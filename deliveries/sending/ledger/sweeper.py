"""The sweeper: what a dead sender held goes on or is in doubt; times of a clock that jumped come back."""

from typing import Final

from django.db import connection, transaction

from deliveries import conf
from deliveries.models import Delivery, SendingRange
from deliveries.sending.ledger import completion, ranges, retry_schedule

_DEAD: Final = conf.SENDER_DEAD_AFTER.total_seconds()
_LOCK: Final = 0x786D6C66  # its own (migrations have …64): one sweep at a time, whoever calls it

# Leased by somebody who is gone, was not heard of for the time given, or let the lease run out.
_ABANDONED: Final = """
    SELECT r.id, r.owner, r.leases
    FROM deliveries_sendingrange AS r LEFT JOIN deliveries_worker AS w ON w.id = r.owner
    WHERE r.owner IS NOT NULL AND (r.lease_until < clock_timestamp() OR w.id IS NULL OR w.ended_at IS NOT NULL
          OR w.heartbeat_at < clock_timestamp() - %s * interval '1 second')
    ORDER BY r.id FOR UPDATE OF r SKIP LOCKED
"""
# Of a range its ids are looked for (`+ 0`), as in ranges.py.
_DOUBT: Final = """
    UPDATE deliveries_message AS m SET status = 'in_doubt', outcome_at = clock_timestamp(),
        reply = 'the sender ended between the final dot and the reply'
    FROM deliveries_sendingrange AS r
    WHERE r.id = %s AND m.id BETWEEN r.first_id AND r.last_id AND m.delivery_id + 0 = r.delivery_id
      AND m.status = 'sending' AND m.owner = %s
"""
# Leases, retries and heartbeats can't lie further ahead than we ever write them: a clock has jumped.
_CLAMPS: Final = (
    """
    UPDATE deliveries_worker SET heartbeat_at = clock_timestamp()
    WHERE heartbeat_at > clock_timestamp() + interval '5 seconds'
    """,
    """
    UPDATE deliveries_sendingrange SET lease_until = clock_timestamp() + %(lease)s * interval '1 second'
    WHERE lease_until > clock_timestamp() + %(lease)s * interval '1 second' + interval '5 seconds'
    """,
    """
    UPDATE deliveries_message AS m SET not_before = clock_timestamp() FROM deliveries_sendingrange AS r
    WHERE r.owner IS NULL AND r.due_at > clock_timestamp() + %(longest)s * interval '1 second'
      AND m.delivery_id + 0 = r.delivery_id AND m.id BETWEEN r.first_id AND r.last_id AND m.status = 'deferred'
      AND m.not_before > clock_timestamp() + %(longest)s * interval '1 second'
    """,
    """
    UPDATE deliveries_sendingrange SET due_at = clock_timestamp()
    WHERE owner IS NULL AND due_at > clock_timestamp() + %(longest)s * interval '1 second'
    """,
)
_RESTED: Final = f"""
    UPDATE deliveries_message AS m SET status = 'pending', not_before = NULL, doubted = true
    FROM deliveries_delivery AS d
    JOIN deliveries_newsletter AS n ON n.id = d.newsletter_id
    WHERE d.id = %s AND m.delivery_id = d.id AND d.status = 'sending' AND n.in_doubt = 'resend'
      AND m.status = 'in_doubt' AND m.outcome_at < clock_timestamp() - %s * interval '1 second'
      AND {completion.LIVES}
    RETURNING m.id
"""  # noqa: S608  both halves are constants of ours
_LEFT_OVER: Final = """
    UPDATE deliveries_message AS m SET status = CASE WHEN m.doubted THEN 'in_doubt' ELSE 'cancelled' END,
        outcome_at = clock_timestamp(), not_before = NULL
    FROM deliveries_sendingrange AS r JOIN deliveries_delivery AS d ON d.id = r.delivery_id
    WHERE d.status = 'stopped' AND m.delivery_id + 0 = d.id AND m.id BETWEEN r.first_id AND r.last_id
      AND m.status IN ('pending', 'deferred')
"""


def sweep() -> int:
    """Recover what nobody works any more; return how many ranges were taken back. Safe to call at any time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        for clamp in _CLAMPS:
            cursor.execute(clamp, {"lease": _DEAD, "longest": retry_schedule.LONGEST.total_seconds()})
        cursor.execute(_ABANDONED, [_DEAD])
        abandoned = cursor.fetchall()
        for range_id, owner, _leases in abandoned:
            cursor.execute(_DOUBT, [range_id, owner])
    for range_id, owner, leases in abandoned:
        ranges.give_back(owner, range_id, leases)
    _settle()
    return len(abandoned)


def _settle() -> None:
    """Send again what rested long enough in doubt, cancel what is left of stopped deliveries, end what is over."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_OVER)
    for stale in SendingRange.objects.filter(owner=None, delivery__status="stopped"):
        ranges.give_back(None, stale.pk, stale.leases)
    for delivery in Delivery.objects.filter(status="sending").select_related("newsletter"):
        if delivery.newsletter.in_doubt == "resend":
            _resend_rested(delivery)
        completion.finish(delivery.pk)


def _resend_rested(delivery: Delivery) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RESTED, [delivery.pk, retry_schedule.DOUBT_REST.total_seconds()])
        ranges.cover(delivery, [row[0] for row in cursor.fetchall()])
