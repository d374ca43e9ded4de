"""Deliveries with messages and events made by SQL, as large as one likes."""

from typing import Final

from django.db import connection
from django.utils import timezone

from benchmarks.measuring import shop_list
from deliveries.models import Content, Delivery, Link, Newsletter
from deliveries.statistics import keeping
from deliveries.statistics.mend import mend
from recipients.models import Database

_MESSAGES: Final = """
    INSERT INTO deliveries_message (delivery_id, recipient_id, address, status, attempt, enhanced, reply, category,
                                    outcome_at)
    SELECT %(id)s, n, 'p' || n || '@' || (ARRAY['gmail', 'libero', 'yahoo', 'shop'])[1 + n %% 4] || '.example',
           CASE WHEN n %% 50 = 0 THEN 'bounced' ELSE 'delivered' END, 1, '', '',
           CASE WHEN n %% 50 = 0 THEN 1 + n %% 9 END, now() - n %% 72 * interval '1 hour'
    FROM generate_series(1, %(number)s) AS n
"""
_EVENTS: Final = """
    INSERT INTO deliveries_event (account_id, delivery_id, message_id, at, action, origin, classification,
                                  reference, ip, user_agent)
    SELECT %(account)s, m.delivery_id, m.id, now() - (m.id + e) %% 240 * interval '1 hour',
           CASE WHEN e %% 5 = 0 THEN 'c' ELSE 'v' END,
           CASE WHEN (m.id + e) %% 7 = 0 THEN 'machine' ELSE 'person' END,
           CASE WHEN e %% 5 = 0 THEN NULL ELSE m.id %% 2 END,
           CASE WHEN e %% 5 = 0 THEN (1 + m.id %% 5)::text ELSE '' END, '192.0.2.1', 'Mozilla/5.0 (X11)'
    FROM deliveries_message AS m, generate_series(1, 10) AS e WHERE m.delivery_id = %(id)s
"""


def delivery(name: str, messages: int, *, events: bool = False, account: str = "Bench of figures") -> Delivery:
    """Make a delivery that has ended, with so many messages, ten events each where asked for, its figures kept."""
    database = Database.objects.filter(account__name=account).first() or shop_list.database(
        account, "Customers", (("email", "email"),)
    )
    newsletter, _made = Newsletter.objects.get_or_create(
        account=database.account, name="N", defaults={"database": database, "from_address": "news@shop.example"}
    )
    row = Delivery.objects.create(
        account=database.account, newsletter=newsletter, database=database, title=name, status="sending",
        measured="vcw", size=messages, started_at=timezone.now(), ended_at=timezone.now(),
    )  # fmt: skip
    Content.objects.create(delivery=row, from_address="news@shop.example", tracking="individual")
    Link.objects.bulk_create([Link(delivery=row, number=n, url=f"https://shop.example/{n}") for n in range(1, 6)])
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, {"id": row.pk, "number": messages})
        if events:
            cursor.execute(_EVENTS, {"id": row.pk, "account": database.account_id})
            cursor.execute("ANALYZE deliveries_event, deliveries_message")
    if events:
        mend(row.pk)
    Delivery.objects.filter(pk=row.pk).update(status="sent")
    keeping.keep_ended()
    keeping.keep_ended()
    row.refresh_from_db()
    return row
