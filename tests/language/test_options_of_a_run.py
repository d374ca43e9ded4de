"""Reference 2.3: when a run's delivery goes out, to whom, and what becomes of its report."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, queue
from deliveries.models import Delivery, ReportPlan
from deliveries.sending.lifecycle import start
from tests.language.test_deliveries_of_a_run import CSV, MANUAL, started
from tests.language.test_schedule import scheduled

pytestmark = pytest.mark.django_db(transaction=True)
AUTO = '<delivery method="auto"/>'


def queued():
    """The deliveries whose start is queued."""
    return [task.task["args"][0] for task in OrmQ.objects.all() if task.task["func"] == queue.START_DELIVERY]


@pytest.mark.sentence("2.3-03")
def test_manual_is_prepared_and_waits_for_an_operator(ran):
    delivery = ran(delivery=MANUAL).delivery
    assert (delivery.status, delivery.start_at, delivery.content.html) == ("ready", None, "<p>Ciao ${nome}$</p>")
    clock.enqueue_due()
    assert queued() == []
    assert "nothing to start" in start.begin(delivery.pk)


@pytest.mark.sentence("2.3-06")
def test_auto_without_schedule_goes_at_once(ran):
    delivery = ran(delivery=AUTO).delivery
    assert queued() == [delivery.pk]
    assert started(delivery) == ["anna@mail.example"]


@pytest.mark.sentence("2.3-05")
def test_auto_goes_at_its_schedule_and_not_before(ran):
    at = (timezone.now() + timedelta(hours=1)).replace(microsecond=0)
    delivery = ran(delivery=scheduled(at.isoformat())).delivery
    assert (delivery.status, delivery.start_at) == ("scheduled", at)
    clock.enqueue_due()
    assert queued() == []
    assert started(delivery) == []
    Delivery.objects.update(start_at=timezone.now())
    clock.enqueue_due()
    assert queued() == [delivery.pk]
    assert started(delivery) == ["anna@mail.example"]


@pytest.mark.sentence("2.3-13")
def test_a_schedule_of_an_hour_ago_goes_at_once_and_the_run_notes_it(ran):
    at = f"{timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    run = ran(delivery=scheduled(at))
    assert run.warnings == [f"x.xml: schedule {at} is past: sent at once"]
    assert queued() == [run.delivery_id]


@pytest.mark.sentence("2.3-15")
def test_a_schedule_beside_manual_is_kept_as_the_proposed_time(ran):
    delivery = ran(delivery=scheduled("2020-01-01T10:00:00", "manual")).delivery
    assert (delivery.status, delivery.start_at) == ("ready", None)
    assert delivery.proposed_at == datetime(2020, 1, 1, 9, tzinfo=UTC)


ROWS = ["Ida@X.example", "b@x.example", "ida@x.EXAMPLE", "ugo@b\u00fccher.example", "UGO@xn--bcher-kva.example"]


@pytest.mark.sentence("2.3-17", "2.3-18", "2.3-19")
@pytest.mark.parametrize("asked", [True, False])
def test_remove_duplicates_keeps_the_first_row_of_an_address(ran, asked):
    rows = "".join(f"{address},{number}\n" for number, address in enumerate(ROWS))
    flag = "<remove_duplicates/>" if asked else ""
    files = {"list.csv": f"email,ordine\n{rows}".encode()}
    delivery = ran(files, recipients=CSV, delivery=f'<delivery method="auto">{flag}</delivery>').delivery
    written = [address.lower() for address in started(delivery)]
    first, *_others, last = sorted(delivery.messages.values_list("recipient_id", flat=True))
    assert len(written) == (3 if asked else 5)
    if asked:
        assert written == ["ida@x.example", "b@x.example", "ugo@xn--bcher-kva.example"]
        assert (last - first, delivery.left_out_duplicates) == (3, 2)


REPORT = '<delivery method="auto"><schedule_report>{}<delay_hour>{}</delay_hour></schedule_report></delivery>'
ERP, STRANGER = (
    f"<report_recipient>{address}</report_recipient>" for address in ("erp@demo.example", "x@y.example")
)


@pytest.mark.sentence("2.3-26")
@pytest.mark.parametrize("hours", [12, 720])
def test_a_report_is_due_that_many_hours_after_the_start(ran, hours):
    delivery = ran(delivery=REPORT.format(ERP, hours)).delivery
    assert started(delivery)
    plan = ReportPlan.objects.get()
    assert (plan.delivery, plan.recipients) == (delivery, ["erp@demo.example"])
    assert plan.due_at == delivery.started_at + timedelta(hours=hours)


@pytest.mark.sentence("2.3-27")
def test_a_report_that_can_not_be_scheduled_is_noted_and_the_delivery_goes_on(ran):
    run = ran(delivery=REPORT.format(STRANGER, 12))
    assert run.status == "SUCCESS"
    assert run.warnings == [
        "x.xml: schedule_report: “x@y.example” is not a user of this account, no report goes there",
        "x.xml: schedule_report: nobody is left to report to, no report is planned",
    ]
    assert started(run.delivery) == ["anna@mail.example"]
    assert not ReportPlan.objects.exists()


@pytest.mark.sentence("2.3-24")
def test_of_several_addresses_of_a_report_those_of_registered_users_are_kept(ran):
    run = ran(delivery=REPORT.format(STRANGER + ERP, 12))
    assert ReportPlan.objects.get().recipients == ["erp@demo.example"]
    assert len(run.warnings) == 1
