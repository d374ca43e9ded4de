from django.db import connection

from deliveries.models import Delivery
from recipients.models import Database

BIG = "email,nome,ordine\n" + "".join(f"person{n}@x.example,Person {n},{n}\n" for n in range(5_000))


def rows():
    """How many rows the only database has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM recipients_data.db_{Database.objects.get().pk}")
        return cursor.fetchone()[0]


def ended_well(client, count):
    run = client.run()
    assert (run.status, run.error, run.rows_good) == ("SUCCESS", "", count)
    assert rows() == count
    assert Delivery.objects.count() == 1
