"""Measures count, preview and freeze on a million rows; prints a table. Everything is rolled back.

Usage: python benchmarks/audience.py [ROWS], with DATABASE_URL of a migrated database.
"""

import os
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xmld_project.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  Django is set up first

from deliveries import audience  # noqa: E402
from deliveries.models import Delivery, Newsletter  # noqa: E402
from recipients import tables  # noqa: E402
from recipients.models import Account, Database, Field, Filter  # noqa: E402

NESTED = [
    {"field": "citta", "op": "equals", "value": "Milano"},
    {
        "match": "any",
        "conditions": [
            {"field": "ordine", "op": "greater", "value": 500},
            {"field": "nome", "op": "starts_with", "value": "nome1"},
        ],
    },
]
BY_HAND = "citta = 'Milano' AND (ordine > 500 OR nome LIKE 'nome1%')"


def prepare(rows: int) -> Delivery:
    account = Account.objects.create(name="Benchmark of the audience")
    database = Database.objects.create(account=account, name="People")
    fields = [("email", "email"), ("nome", "string"), ("citta", "string"), ("ordine", "integer")]
    for position, (name, kind) in enumerate([*fields, ("XML_DELIVERY_CODE", "string")]):
        Field.objects.create(database=database, name=name, type=kind, position=position)
    tables.create(database)
    run(
        f"INSERT INTO recipients_data.db_{database.pk} (email, nome, citta, ordine) "  # noqa: S608  our own numbers
        f"SELECT 'Person' || i || '@x.example', 'nome' || i, CASE i % 4 WHEN 0 THEN 'Milano' ELSE 'Roma' END, "
        f"i % 1000 FROM generate_series(1, {rows}) AS i"
    )
    run(
        "INSERT INTO recipients_blacklistentry (account_id, address, fingerprint, permanent, reason, count, note, "  # noqa: S608  the same
        f"created_at, updated_at) SELECT {account.pk}, 'person' || i || '@x.example', "
        f"sha256(convert_to(i::text, 'UTF8')), true, 1, 0, '', now(), now() FROM generate_series(1, {rows}, 50) i"
    )
    run(f"ANALYZE recipients_data.db_{database.pk}; ANALYZE recipients_blacklistentry")
    newsletter = Newsletter.objects.create(account=account, database=database, name="N", from_address="n@x.example")
    chosen = Filter.objects.create(database=database, name="Nested", conditions=NESTED)
    return Delivery.objects.create(
        account=account, database=database, newsletter=newsletter, filter=chosen, title="B", remove_duplicates=True
    )


def run(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def best(of: Callable[[], object], times: int = 5) -> float:
    measured = []
    for _ in range(times):
        began = time.perf_counter()
        of()
        measured.append(time.perf_counter() - began)
    return min(measured)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with transaction.atomic():
        delivery = prepare(rows)
        table = f"recipients_data.db_{delivery.database_id}"
        typed = best(lambda: run(f"SELECT count(*) FROM {table} WHERE {BY_HAND}"))  # noqa: S608  constants
        first = best(lambda: run(f"SELECT id FROM {table} WHERE {BY_HAND} ORDER BY id LIMIT 50"))  # noqa: S608
        counted, shown = best(lambda: audience.count(delivery)), best(lambda: audience.sample(delivery, 50))
        delivery.filter = None
        began = time.perf_counter()
        size = audience.freeze(delivery)
        froze = time.perf_counter() - began
        print(
            f"count, nested filter, {rows:,} rows   {counted:8.3f} s   {counted / typed:5.2f} x the typed predicate"
        )
        print(f"preview of 50                       {shown:8.3f} s   {shown / first:5.2f} x the typed predicate")
        print(f"freeze, {size:,} messages, 2 % listed {froze:8.2f} s   {size / froze:,.0f} messages/s")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
