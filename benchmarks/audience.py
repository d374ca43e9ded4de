"""Count, preview and freeze of an audience; everything is rolled back."""

from collections.abc import Iterator
from typing import Final

from django.db import connection, transaction

from benchmarks import shop_list
from benchmarks.figures import Row, Sizes
from benchmarks.stopwatch import best, seconds
from deliveries import audience
from deliveries.models import Delivery, Newsletter
from recipients.models import Filter

METHOD: Final = """\
audience: a nested filter on {rows:,} rows, 2 % of them on the blacklist, against the same predicate typed as plain
SQL on the same connection; the best of {rounds} counts on either side. The freeze is of all rows, once."""
FIELDS: Final = (("email", "email"), ("nome", "string"), ("citta", "string"), ("ordine", "integer"))
NESTED: Final = [
    {"field": "citta", "op": "equals", "value": "Milano"},
    {
        "match": "any",
        "conditions": [
            {"field": "ordine", "op": "greater", "value": 500},
            {"field": "nome", "op": "starts_with", "value": "nome1"},
        ],
    },
]
BY_HAND: Final = "citta = 'Milano' AND (ordine > 500 OR nome LIKE 'nome1%')"


def ask(query: str) -> None:
    """Run a query and fetch what it answers."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        if cursor.description:
            cursor.fetchall()


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
    chosen = Filter.objects.create(database=database, name="Nested", conditions=NESTED)
    return Delivery.objects.create(
        account=account, database=database, newsletter=newsletter, filter=chosen, title="B", remove_duplicates=True
    )


def measure(sizes: Sizes) -> Iterator[Row]:
    """Compare count and preview, then freeze."""
    with transaction.atomic():
        yield from _compare(prepare(sizes.rows), sizes.rounds)
        transaction.set_rollback(True)


def _compare(delivery: Delivery, rounds: int) -> Iterator[Row]:
    people = f"FROM recipients_data.db_{delivery.database_id} WHERE {BY_HAND}"
    typed = best(lambda: ask(f"SELECT count(*) {people}"), rounds)
    counted = best(lambda: audience.count(delivery), rounds)
    yield Row("count, typed", typed * 1000, "ms", 1.0)
    yield Row("count of the nested filter", counted * 1000, "ms", counted / typed, at_most=2)
    typed = best(lambda: ask(f"SELECT id {people} ORDER BY id LIMIT 50"), rounds)
    shown = best(lambda: audience.sample(delivery, 50), rounds)
    yield Row("preview of 50, typed", typed * 1000, "ms", 1.0)
    yield Row("preview of 50", shown * 1000, "ms", shown / typed, at_most=2)
    delivery.filter = None
    sizes: list[int] = []
    froze = seconds(lambda: sizes.append(audience.freeze(delivery)))
    yield Row(f"freeze of {sizes[0]:,} messages", froze, "s")
    yield Row("the same, messages a second", sizes[0] / froze, "messages/s")
