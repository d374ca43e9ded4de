"""A delivery of the sending benchmark, frozen and paused: nothing is missing but the word to go."""

import time
from typing import Final

from django.db import connection
from django.utils import timezone
from psycopg import sql

from benchmarks.measuring import shop_list
from benchmarks.sending import composing
from deliveries import vault
from deliveries.audience.freezing import RANGES
from deliveries.content.mime import dkim
from deliveries.models import Content, Delivery, Newsletter
from recipients import tables
from recipients.models import Database

_FIELDS: Final = tuple(composing.FIELDS.items())
_FREEZE: Final = f"""
    INSERT INTO deliveries_message (delivery_id, recipient_id, address, status, attempt, enhanced, reply)
    SELECT %s, n, 'p' || n || '@to.example', 'pending', 0, '', '' FROM generate_series(1, %s) AS n ORDER BY n;
    INSERT INTO deliveries_sendingrange (delivery_id, first_id, last_id, due_at, leases)
    SELECT %s, min(id), max(id), now(), 0
    FROM (SELECT id, row_number() OVER (ORDER BY id DESC) - 1 AS behind
          FROM deliveries_message WHERE delivery_id = %s) AS waiting
    GROUP BY {RANGES} ORDER BY min(id)
"""  # noqa: S608  a constant of ours


def _people(database: Database, messages: int) -> None:
    query = sql.SQL(
        "INSERT INTO {} (email, nome, cognome, citta, ordine, nota)"
        " SELECT 'p' || n || '@to.example', 'Anna' || n, 'De Rossi', 'Forlì', n, 'Grazie & a presto, è un piacere'"
        " FROM generate_series(1, %s) AS n"
    ).format(tables.identifier(database))
    with connection.cursor() as cursor:
        cursor.execute(query, [messages])


def _messages(delivery: Delivery, messages: int) -> None:
    """Write the rows that a start writes."""
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE, [delivery.pk, messages, delivery.pk, delivery.pk])


def paused(messages: int, own_links: int = 1) -> Delivery:
    """Make a delivery to so many people of the message that `composing` measures, its clicks tracked."""
    name = f"Bench of sending {time.time_ns()}"
    database = shop_list.database(name, "Customers", _FIELDS)
    newsletter = Newsletter.objects.create(
        account=database.account,
        name="N",
        database=database,
        from_address="news@shop.example",
        reply_to="help@shop.example",
    )
    delivery = Delivery.objects.create(
        account=database.account,
        newsletter=newsletter,
        database=database,
        title="Bench",
        subject="${nome}$, your order ${ordine}$",
        status="paused",
        started_at=timezone.now(),
        size=messages,
    )
    Content.objects.create(
        delivery=delivery,
        from_name="Shop",
        from_address="news@shop.example",
        reply_to="help@shop.example",
        html=composing.page(own_links=own_links),
        html_links="parse",
        text=composing.text(),
        tracking="individual",
    )
    _people(database, messages)
    _messages(delivery, messages)
    return delivery


def signed(delivery: Delivery) -> Delivery:
    """Return it with an RSA key, with which its messages are signed."""
    Newsletter.objects.filter(pk=delivery.newsletter_id).update(
        dkim_domain="shop.example", dkim_selector="bench", dkim_key=vault.seal(dkim.new_key())
    )
    return delivery
