"""Count, preview and freeze of an audience."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Final

from django.db import connection, transaction

from benchmarks.measuring import environment, shop_list
from benchmarks.measuring.figures import Row, Sizes
from benchmarks.measuring.stopwatch import best, seconds
from deliveries import audience
from deliveries.models import Delivery, Newsletter
from recipients.models import Filter

METHOD: Final = """\
audience: a nested filter on {rows:,} rows, 2 % of them on the blacklist, against the same predicate typed into
psql, by the time that psql itself shows; the best of {rounds} times 5 counts on either side, taken in turn. Few:
one person in a thousand, so that 50 are found after 50,000 rows. The freeze is of all rows, once."""
PREVIEW: Final = 50
LONGEST_START: Final = 30  # of a million
ASKED: Final = 5  # as the method says
FIELDS: Final = (("email", "email"), ("nome", "string"), ("citta", "string"), ("ordine", "integer"))
BY_HAND: Final = "citta = 'Milano' AND (ordine > {over} OR nome LIKE '{name}%')"


def nested(over: int, name: str) -> list[dict[str, object]]:
    """Return the conditions that BY_HAND says in SQL."""
    either = [
        {"field": "ordine", "op": "greater", "value": over},
        {"field": "nome", "op": "starts_with", "value": name},
    ]
    return [
        {"field": "citta", "op": "equals", "value": "Milano"},
        {"match": "any", "conditions": either},
    ]


def ask(query: str) -> None:
    """Run a query and fetch what it answers."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        if cursor.description:
            cursor.fetchall()


def typed(query: str) -> float:
    """Return the seconds, as psql shows them, of a query typed ASKED times into one session: the best."""
    words = "\\timing on\n" + f"{query};\n" * ASKED
    command = [str(environment.psql()), os.environ["DATABASE_URL"], "-qAt"]
    shown = subprocess.run(command, check=True, input=words, stdout=subprocess.PIPE, text=True, timeout=60).stdout
    return min(float(each) for each in re.findall(r"^Time: ([0-9.]+) ms", shown, re.MULTILINE)) / 1000


def prepare(rows: int) -> Delivery:
    """Make the people, the blacklist and a delivery to them."""
    database = shop_list.database("Bench of the audience", "People", FIELDS)
    account, table = database.account, f"recipients_data.db_{database.pk}"
    ask(
        f"INSERT INTO {table} (email, nome, citta, ordine) "  # noqa: S608  our own numbers
        f"SELECT 'Person' || i || '@x.example', 'nome' || i, CASE i % 4 WHEN 0 THEN 'Milano' ELSE 'Roma' END, "
        f"i % 1000 FROM generate_series(1, {rows}) AS i"
    )
    ask(
        "INSERT INTO recipients_blacklistentry (account_id, address, fingerprint, permanent, reason, count, note, "  # noqa: S608  the same
        f"created_at, updated_at) SELECT {account.pk}, 'person' || i || '@x.example', "
        f"sha256(convert_to(i::text, 'UTF8')), true, 1, 0, '', now(), now() FROM generate_series(1, {rows}, 50) i"
    )
    ask(f"ANALYZE {table}; ANALYZE recipients_blacklistentry")
    newsletter = Newsletter.objects.create(account=account, database=database, name="N", from_address="n@x.example")
    return Delivery.objects.create(
        account=account, database=database, newsletter=newsletter, title="B", remove_duplicates=True
    )


def compare(
    delivery: Delivery, what: str, query: str, ours: Callable[[Delivery], object], rounds: int
) -> Iterator[Row]:
    """Ask in turn: psql, and the product."""
    by_hand, by_us = [], []
    for _round in range(rounds):
        by_hand.append(typed(query))
        by_us.append(best(lambda: ours(delivery), ASKED))
    yield Row(f"{what}, typed", min(by_hand) * 1000, "ms", 1.0)
    yield Row(f"{what}, nested filter", min(by_us) * 1000, "ms", min(by_us) / min(by_hand), at_most=2)


def measure(sizes: Sizes) -> Iterator[Row]:
    """Compare count and preview, then freeze."""
    delivery = prepare(sizes.rows)
    for who, over, name in (("many", 500, "nome1"), ("few", 995, "nome12345")):
        delivery.filter = Filter.objects.create(database=delivery.database, name=who, conditions=nested(over, name))
        chosen = f"FROM recipients_data.db_{delivery.database_id} WHERE {BY_HAND.format(over=over, name=name)}"
        yield from compare(delivery, f"count of {who}", f"SELECT count(*) {chosen}", audience.count, sizes.rounds)
        first = f"SELECT id {chosen} ORDER BY id LIMIT {PREVIEW}"
        yield from compare(
            delivery, f"preview of {who}", first, lambda chosen: audience.sample(chosen, PREVIEW), sizes.rounds
        )
    delivery.filter = None
    frozen: list[int] = []
    with transaction.atomic():
        froze = seconds(lambda: frozen.append(audience.freeze(delivery)))
    yield Row(f"freeze of {frozen[0]:,} messages", froze, "s", at_most=LONGEST_START)
    yield Row("the same, messages a second", frozen[0] / froze, "messages/s")
