"""A delivery of the sending benchmark, frozen and paused: nothing is missing but the word to go."""

import time
from typing import Final

from django.db import connection
from django.utils import timezone
from psycopg import sql

from benchmarks import composing, shop_list
from deliveries import conf, vault
from deliveries.content.mime import dkim
from deliveries.models import Content, Delivery, Message, Newsletter, SendingRange
from recipients import tables
from recipients.models import Database

_FIELDS: Final = tuple(composing.FIELDS.items())


def _people(database: Database, messages: int) -> None:
    query = sql.SQL(
        "INSERT INTO {} (email, nome, cognome, citta, ordine, nota)"
        " SELECT 'p' || n || '@to.example', 'Anna' || n, 'De Rossi', 'Forlì', n, 'Grazie & a presto, è un piacere'"
        " FROM generate_series(1, %s) AS n"
    ).format(tables.identifier(database))
    with connection.cursor() as cursor:
        cursor.execute(query, [messages])


def _messages(delivery: Delivery, messages: int) -> None:
    made = Message.objects.bulk_create(
        [Message(delivery=delivery, recipient_id=n, address=f"p{n}@to.example") for n in range(1, messages + 1)],
        5_000,
    )
    for first in range(0, messages, conf.RANGE_SIZE):
        block = made[first : first + conf.RANGE_SIZE]
        SendingRange.objects.create(
            delivery=delivery, first_id=block[0].pk, last_id=block[-1].pk, due_at=timezone.now()
        )


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
