"""Reference 3.3: what a bundle adds to its database, and what it leaves as it was."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, queue, tasks
from deliveries.intake.runs import load as prepare
from deliveries.models import ProcessingRun, SftpSpace
from recipients import locks
from recipients.models import Account, Database, Filter


def everybody():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM recipients_data.db_{Database.objects.get().pk} ORDER BY id")
        return cursor.fetchall()


@pytest.mark.sentence("3.3-03")
def test_the_filter_of_a_load_is_named_after_the_file_and_the_accounts_time(client_system):
    Account.objects.update(time_zone="Asia/Tokyo")
    client_system.bundle()
    client_system.poll()
    file, _, when = client_system.run().filter.name.partition(" ")
    made = datetime.strptime(when, "%Y-%m-%d %H:%M:%S").replace(tzinfo=Account.objects.get().zone)
    assert file == "a.xml"
    assert timedelta(0) <= timezone.now() - made < timedelta(minutes=1)


@pytest.mark.sentence("3.3-05")
def test_a_load_touches_no_row_and_no_filter_that_was_there(client_system):
    database = Database.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO recipients_data.db_{database.pk} (email, nome, ordine, "XML_DELIVERY_CODE") '
            "VALUES ('ada@x.example', 'Old', 9, NULL), ('ada@x.example', 'Older', 8, 'XMLD-1-N')"
        )
    Filter.objects.create(database=database, name="a.xml", conditions=[{"field": "nome", "op": "is_empty"}])
    Filter.objects.create(database=database, name="a.xml", conditions=[], automatic=True)
    rows, filters = everybody(), list(Filter.objects.order_by("pk").values())
    client_system.bundle()
    client_system.poll()
    assert client_system.run().status == "SUCCESS"
    assert everybody()[:2] == rows
    assert len(everybody()) == 5
    assert list(Filter.objects.order_by("pk").values())[:2] == filters


@pytest.mark.sentence("3.4-01", "3.4-11")
def test_a_run_holds_the_lock_of_its_database_while_it_loads(client_system, monkeypatch):
    seen = []
    real = prepare.load_csv

    def load(*given, **named):
        seen.append(Database.objects.values_list("locked_by", "locked_since", "locked_until").get())
        return real(*given, **named)

    monkeypatch.setattr(prepare, "load_csv", load)
    client_system.bundle()
    client_system.poll()
    [(holder, since, until)] = seen
    assert holder == f"run {client_system.run().pk}"
    assert timedelta(0) <= timezone.now() - since < timedelta(minutes=1)
    assert until > since
    assert Database.objects.get().locked_by == ""


@pytest.mark.sentence("3.4-05", "3.4-06")
def test_the_clock_takes_up_a_run_that_waits_for_the_lock(client_system):
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timedelta(minutes=5))
    client_system.bundle(retry="<retry/>")
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.sub_status) == ("LOADING", "LOCK_WAIT")
    locks.release(database.pk, "an import")
    OrmQ.objects.all().delete()
    ProcessingRun.objects.update(resume_at=timezone.now())
    SftpSpace.objects.update(next_poll_at=timezone.now() + timedelta(minutes=5))
    assert clock.enqueue_due() == 1
    [rung] = OrmQ.objects.all()
    assert (rung.func(), rung.args()) == (queue.RESUME_RUN, (run.pk,))
    tasks.resume_run(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error, run.rows_good) == ("SUCCESS", "", 3)
