"""Reference 3.1, 3.3, 3.4: whose database a bundle's rows go to, and when they may not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from deliveries import conf
from deliveries.intake import rules
from deliveries.models import Delivery, DeliveryStatus, ProcessingRun, SftpSpace
from recipients import locks
from recipients.models import Database, Field, Filter
from tests.runs.conftest import CSV
from tests.runs.rows import rows


def codes():
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT email, "XML_DELIVERY_CODE" FROM recipients_data.db_{Database.objects.get().pk} ORDER BY id'
        )
        return cursor.fetchall()


@pytest.mark.sentence("3.3-01", "3.3-02")
def test_rows_are_appended_with_a_fresh_code_and_an_automatic_filter_that_picks_them(client_system):
    for number in range(2):
        client_system.bundle(csv=f"email,nome\nada{number}@x.example,Ada\n")
        client_system.poll()
    first, second = ProcessingRun.objects.order_by("id")
    assert codes() == [("ada0@x.example", f"XMLD-{first.pk}-N"), ("ada1@x.example", f"XMLD-{second.pk}-N")]
    for run in (first, second):
        assert (run.filter.automatic, run.filter.name.partition(" ")[0]) == (True, "a.xml")
        assert run.filter.conditions == [
            {"field": "XML_DELIVERY_CODE", "op": "equals", "value": f"XMLD-{run.pk}-N"}
        ]


@pytest.mark.sentence("3.3-01", "3.3-12")
def test_test_people_have_a_code_of_their_own_and_are_thirty_at_most(client_system):
    client_system.server.put("t.csv", "email\n" + "".join(f"t{n}@x.example\n" for n in range(35)))
    client_system.bundle()
    test = "<test_recipients><csv_file>t.csv</csv_file></test_recipients></recipients>"
    client_system.server.put("a.xml", client_system.xml().replace("</recipients>", test))
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.rows_good) == ("SUCCESS", 33)
    assert sum(code == f"XMLD-{run.pk}-T" for _email, code in codes()) == 30
    assert Delivery.objects.get(pk=run.test_delivery_id).type == "test"
    assert any("5 test recipients beyond 30" in warning for warning in run.warnings)


def test_a_file_of_the_longest_name_has_a_filter_too(client_system):
    client_system.bundle("n" * 195)
    client_system.poll()
    assert client_system.run().filter.name.startswith("n" * 195)


@pytest.mark.sentence("3.1-09")
def test_a_database_without_the_code_field_is_an_error_and_so_is_one_of_another_type(client_system):
    Field.objects.filter(name="XML_DELIVERY_CODE").update(type="integer")
    Database.objects.update(version=2)
    client_system.bundle()
    client_system.poll()
    run = client_system.run()
    assert (run.sub_status, run.code) == ("XMLD_CONFIGURATION_ERROR", "DATABASE_NO_CODE")
    assert rows() == 0


@pytest.mark.sentence("3.4-07")
def test_a_read_only_database_takes_nobody(client_system):
    Database.objects.update(read_only=True)
    client_system.bundle()
    client_system.poll()
    run = client_system.run()
    assert (run.sub_status, run.code) == ("XMLD_CONFIGURATION_ERROR", "DATABASE_READ_ONLY")
    assert rows() == 0


@pytest.mark.sentence("3.4-10")
@pytest.mark.parametrize("status", [DeliveryStatus.SENDING, DeliveryStatus.PAUSED])
def test_appending_is_not_refused_while_a_delivery_goes_out(client_system, status):
    client_system.bundle()
    client_system.poll()
    Delivery.objects.update(status=status)
    client_system.bundle("b", csv=CSV + "dan@x.example,Dan,4\n")
    client_system.poll()
    assert client_system.run().status == "SUCCESS"
    assert rows() == 7


def waiting(client_system):
    locks.acquire(Database.objects.get().pk, "an import", timedelta(minutes=5))
    client_system.bundle(retry="<retry/>")
    client_system.poll()
    return client_system.run()


@pytest.mark.sentence("3.1-22")
def test_a_lock_says_who_holds_it_and_since_when(client_system):
    waiting(client_system)
    database = Database.objects.get()
    assert database.locked_by == "an import"
    assert timezone.now() - database.locked_since < timedelta(minutes=1)


@pytest.mark.sentence("3.4-05")
def test_waiting_for_the_lock_is_no_error_and_there_is_no_report_yet(client_system):
    run = waiting(client_system)
    assert (run.status, run.sub_status, run.code, run.error) == ("LOADING", "LOCK_WAIT", "", "")
    assert run.resume_at - timezone.now() <= timedelta(seconds=5)
    assert not client_system.has("report.a.xml")
    assert not client_system.has("a.ok")


@pytest.mark.sentence("1.3-06")
def test_a_run_that_waits_lets_the_next_ones_pass(client_system):
    waiting(client_system)
    client_system.bundle("b", csv="email\nb@x.example\n")
    client_system.poll()
    assert list(ProcessingRun.objects.order_by("id").values_list("file", "sub_status")) == [
        ("a.xml", "LOCK_WAIT"),
        ("b.xml", "XMLD_CONFIGURATION_ERROR"),
    ]


def test_after_24_hours_the_wait_is_over_with_the_words_of_the_lock(client_system):
    run = waiting(client_system)
    ProcessingRun.objects.update(waiting_since=timezone.now() - conf.lock_retry_longest(), resume_at=timezone.now())
    client_system.poll()
    run.refresh_from_db()
    assert (run.status, run.error) == ("ERROR", f"Userdb is locked {Database.objects.get().pk}")


@pytest.mark.sentence("3.4-15")
def test_a_bundle_of_a_filter_only_does_not_ask_for_the_lock(client_system):
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timedelta(minutes=5))
    chosen = Filter.objects.create(
        database=database, name="all", conditions=[{"field": "email", "op": "is_not_empty"}]
    )
    xml = client_system.xml(method="manual")
    start, end = xml.index("<new_recipients>"), xml.index("</recipients>")
    client_system.server.put("a.xml", f"{xml[:start]}<filter><normal>{chosen.pk}</normal></filter>{xml[end:]}")
    client_system.server.put("a.ok")
    client_system.poll()
    assert client_system.run().status == "SUCCESS"


@pytest.mark.sentence("3.4-11")
def test_the_lock_is_free_after_a_run_that_failed(client_system):
    client_system.bundle(csv="email\nnobody\n")
    client_system.poll()
    assert client_system.run().status == "ERROR"
    assert Database.objects.get().locked_by == ""


@pytest.mark.sentence("3.2-30", "3.2-31")
def test_no_rows_never_means_everybody(client_system):
    for csv in ("email,nome\n", "", "\n\n", "email,nome\n\n  \n"):
        client_system.bundle(csv=csv)
        client_system.poll()
        assert client_system.run().code == "CSV_EMPTY"
    assert Delivery.objects.count() == 0


@pytest.mark.sentence("3.2-40")
@pytest.mark.parametrize(("bad", "status"), [(1, "SUCCESS"), (2, "ERROR")])
def test_the_run_ends_in_error_when_the_share_of_bad_rows_passes_the_limit(client_system, bad, status):
    SftpSpace.objects.update(bad_rows_limit=0.1)
    good = "".join(f"p{n}@x.example\n" for n in range(10 - bad))
    client_system.bundle(csv="email\n" + good + "bad\n" * bad)
    client_system.poll()
    run = client_system.run()
    assert run.status == status
    assert rows() == (9 if status == "SUCCESS" else 0)


def test_a_run_that_waits_for_the_lock_does_not_fetch_its_contents_each_time(client_system, monkeypatch):
    fetched = []
    real = rules.check_meaning
    monkeypatch.setattr(rules, "check_meaning", lambda *given: (fetched.append(1), real(*given))[1])
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timedelta(minutes=5))
    client_system.bundle(retry="<retry/>")
    for _ in range(4):
        client_system.poll()
        ProcessingRun.objects.update(resume_at=timezone.now())
    assert (client_system.run().sub_status, len(fetched)) == ("LOCK_WAIT", 1)
    locks.release(database.pk, "an import")
    client_system.poll()
    assert (client_system.run().status, len(fetched)) == ("SUCCESS", 2)
