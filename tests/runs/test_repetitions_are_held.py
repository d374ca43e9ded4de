"""Reference 1: the same content again is never sent silently twice, nor dropped silently."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from lxml import etree

from deliveries.intake.runs import control
from deliveries.models import Activity, Delivery, ProcessingRun, SftpSpace
from recipients import locks
from recipients.models import Database, Filter
from tests.runs.conftest import CSV

FILTER = "<filter><normal>{}</normal></filter>"


def statuses():
    return list(ProcessingRun.objects.order_by("id").values_list("status", "sub_status"))


HELD = ("LOADING", "DUPLICATE_HELD")
WELL = ("SUCCESS", "DELIVERY_FINISHED")


@pytest.mark.sentence("1.6-01")
def test_the_same_content_under_another_name_is_held(client_system):
    client_system.bundle("a")
    client_system.poll()
    client_system.server.put("other.xml", client_system.xml(csv="a.csv"))
    client_system.server.put("other.ok")
    client_system.poll()
    assert statuses() == [WELL, HELD]


@pytest.mark.sentence("1.6-02")
def test_other_recipients_under_the_same_xml_are_no_repetition(client_system):
    client_system.bundle()
    client_system.poll()
    client_system.bundle(csv=CSV + "dan@x.example,Dan,4\n")
    client_system.poll()
    assert statuses() == [WELL, WELL]


@pytest.mark.sentence("1.6-03")
def test_what_failed_the_first_time_may_come_again(client_system):
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timedelta(minutes=5))
    client_system.bundle()
    client_system.poll()
    locks.release(database.pk, "an import")
    client_system.bundle()
    client_system.poll()
    assert [status for status, _ in statuses()] == ["ERROR", "SUCCESS"]


@pytest.mark.sentence("1.6-04")
@pytest.mark.parametrize(("minutes", "since"), [(60, 61), (0, 1), (30 * 24 * 60, 30 * 24 * 60 + 1)])
def test_outside_of_the_window_it_is_a_new_bundle(client_system, minutes, since):
    SftpSpace.objects.update(duplicate_window_minutes=minutes)
    client_system.bundle()
    client_system.poll()
    ProcessingRun.objects.update(ended_at=timezone.now() - timedelta(minutes=since))
    client_system.bundle()
    client_system.poll()
    assert statuses() == [WELL, WELL]


@pytest.mark.sentence("1.6-10")
@pytest.mark.parametrize(("hold", "second"), [(False, WELL), (True, HELD)])
def test_filters_only_are_held_where_the_space_says_so(client_system, hold, second):
    SftpSpace.objects.update(hold_filter_only=hold)
    chosen = Filter.objects.create(
        database=Database.objects.get(),
        name="all",
        conditions=[{"field": "email", "op": "is_not_empty"}],
    )
    xml = client_system.xml(method="manual")
    start, end = xml.index("<new_recipients>"), xml.index("</recipients>")
    for _ in range(2):
        client_system.server.put("a.xml", xml[:start] + FILTER.format(chosen.pk) + xml[end:])
        client_system.server.put("a.ok")
        client_system.poll()
    assert statuses() == [WELL, second]


def held(client_system):
    for _ in range(2):
        client_system.bundle()
        client_system.poll()
    return client_system.run(), ProcessingRun.objects.earliest("id")


@pytest.mark.sentence("1.6-05", "1.6-09", "4.1-11")
def test_it_names_the_first_run_and_its_report_is_final_at_once(client_system):
    run, first = held(client_system)
    report = etree.fromstring(client_system.text("report.a.xml.done").encode())
    assert run.duplicate_of == first
    assert report.findtext("error") == f"same content as run {first.pk}, held for an operator"
    assert report.find("error").get("time")
    assert report.find("process").get("finish")
    assert client_system.text("report.a.xml") == client_system.text("report.a.xml.done")


@pytest.mark.sentence("1.6-06", "4.2-19")
@pytest.mark.parametrize("reports", [["xml"], ["xml", "email"]])
def test_notify_gets_a_mail_at_once_also_where_it_gets_no_summaries(client_system, reports):
    SftpSpace.objects.update(reports=reports, notify=["ops@demo.example"])
    held(client_system)
    summaries = [task for task in OrmQ.objects.all() if task.func().endswith("send_summary")]
    assert len(summaries) == (2 if "email" in reports else 1)


@pytest.mark.sentence("1.6-07", "1.6-09")
def test_release_goes_on_and_writes_a_new_report(client_system):
    run, _first = held(client_system)
    control.release(run.pk)
    client_system.poll()
    assert statuses() == [WELL, WELL]
    report = etree.fromstring(client_system.text("report.a.xml.done").encode())
    run.refresh_from_db()
    assert (report.findtext("error"), report.findtext("delivery/id/normal")) == ("", str(run.delivery_id))
    assert Delivery.objects.count() == 2
    assert Activity.objects.filter(verb="run released").exists()


@pytest.mark.sentence("1.6-08", "4.1-11")
def test_discard_ends_it_without_a_delivery_and_says_so_in_its_report(client_system):
    run, _first = held(client_system)
    control.discard(run.pk)
    client_system.poll()
    assert statuses() == [WELL, ("ERROR", "DISCARDED")]
    assert "discarded by an operator" in client_system.text("report.a.xml.done")
    assert Delivery.objects.count() == 1


@pytest.mark.sentence("1.3-07")
def test_a_run_that_is_held_lets_the_next_one_pass(client_system):
    held(client_system)
    client_system.bundle("b", csv=CSV + "dan@x.example,Dan,4\n")
    client_system.poll()
    assert statuses() == [WELL, HELD, WELL]


def test_the_report_of_a_newer_run_of_the_name_is_not_overwritten_by_an_older_one(client_system):
    run, _first = held(client_system)
    client_system.bundle(csv=CSV + "dan@x.example,Dan,4\n")
    client_system.poll()
    control.discard(run.pk)
    client_system.poll()
    assert ">4</recipients>" in client_system.text("report.a.xml.done")
