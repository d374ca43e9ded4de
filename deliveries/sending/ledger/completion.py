"""The end of a delivery: sent when no message is open any more (reference 5.1)."""

from typing import Final

import structlog
from django.db import connection, transaction

from deliveries.models import SendingRange
from deliveries.sending.ledger import retry_schedule

# While its messages are worth sending (reference 5.1).
LIVES: Final = f"""
    (d.started_at IS NULL OR d.started_at > clock_timestamp() - CASE WHEN d.transactional
        THEN interval '{retry_schedule.TRANSACTIONAL_LIFE.total_seconds():.0f} seconds'
        ELSE interval '{retry_schedule.MARKETING_LIFE.total_seconds():.0f} seconds' END)
"""
# Who waits for a second sending out of doubt is open too, where the newsletter says so (reference 8).
# Whoever opens a message again holds the delivery: the question below is asked once they have committed, as a
# statement sees nothing that was committed after it began.
_HELD: Final = "SELECT id FROM deliveries_delivery WHERE id = %s AND status = 'sending' FOR NO KEY UPDATE"
_FINISH: Final = f"""
    UPDATE deliveries_delivery AS d SET status = 'sent', ended_at = clock_timestamp()
    FROM deliveries_newsletter AS n
    WHERE d.id = %s AND d.status = 'sending' AND n.id = d.newsletter_id
      AND NOT EXISTS (SELECT 1 FROM deliveries_sendingrange AS r WHERE r.delivery_id = d.id)
      AND NOT EXISTS (SELECT 1 FROM deliveries_message AS m WHERE m.delivery_id = d.id
                      AND (m.status IN ('pending', 'sending', 'deferred')
                           OR (m.status = 'in_doubt' AND n.in_doubt = 'resend' AND {LIVES})))
"""  # noqa: S608  both halves are constants of ours


def finish(delivery_id: int) -> bool:
    """Move a delivery from sending to sent if nothing in it is open; return whether it moved.

    While it has ranges nobody looks further: all its messages would be read, for each range that comes back.
    """
    if SendingRange.objects.filter(delivery=delivery_id).exists():
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HELD, [delivery_id])
        cursor.execute(_FINISH, [delivery_id])
        moved = bool(cursor.rowcount == 1)
    if moved:
        structlog.get_logger(__name__).info("a delivery is sent", delivery=delivery_id)
    return moved
