"""Reference 2.3: the statistics that a bundle asked for go out by mail, once, when they are due."""

import csv
import email
import io
from datetime import timedelta
from email.policy import default

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, queue, tasks
from deliveries.models import DeliveryStatus, Link, ReportPlan
from recipients.models import Membership, User
from tests.sending.smtp_server import SmtpServer


@pytest.fixture
def relay(settings):
    server = SmtpServer()
    settings.SMTP_URL = server.url
    settings.ADMIN_URL = "https://intern.example/admin"
    yield server
    server.stop()


@pytest.fixture
def plan(delivery):
    for name in ("erp", "boss"):
        user = User.objects.create(username=name, email=f"{name}@shop.example")
        Membership.objects.create(account=delivery.account, user=user, name=name)
    return ReportPlan.objects.create(
        delivery=delivery,
        recipients=["ERP@shop.example", "boss@shop.example"],
        delay_hours=12,
        due_at=timezone.now() - timedelta(minutes=5),
    )


def rung():
    """Ring, and do what was queued; return what the tasks said."""
    clock.enqueue_mails()
    said = [
        tasks.send_report(*task.task["args"])
        for task in OrmQ.objects.all()
        if task.task["func"] == queue.SEND_REPORT
    ]
    OrmQ.objects.all().delete()
    return said


def mails(relay):
    return [email.message_from_bytes(body, policy=default) for _sender, _to, body in relay.accepted]


@pytest.mark.sentence("2.3-28")
def test_what_is_due_is_mailed_once_with_the_figures_of_that_moment(plan, message, event, relay):
    people = [message("delivered") for _ in range(3)] + [message("bounced", category=1)]
    event(people[0], "o")
    assert rung() == [f"report {plan.pk}: mailed to 2"]
    assert rung() == []
    assert tasks.send_report(plan.pk) == f"report {plan.pk}: nothing to mail"
    (mail,) = mails(relay)
    assert mail["To"] == "ERP@shop.example, boss@shop.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    plan.refresh_from_db()
    assert plan.sent_at is not None


@pytest.mark.sentence("2.3-28")
@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Statistics of «Winter»", "size: 4", "delivered: 3", "bounced: 1", "delivery rate: 75.0 %"]),
        ("it", ["Statistiche di «Winter»", "totale: 4", "tasso di consegna: 75,0 %"]),
    ],
)
def test_it_says_the_figures_and_rates_in_the_accounts_language(plan, message, relay, language, lines):
    plan.delivery.account.language = language
    plan.delivery.account.save()
    for _ in range(3):
        message("delivered")
    message("bounced", category=1)
    rung()
    (mail,) = mails(relay)
    said = [mail["Subject"], *mail.get_body(["plain"]).get_content().splitlines()]
    assert [line for line in lines if line not in said] == []
    assert said[-1] == f"https://intern.example/admin/deliveries/delivery/{plan.delivery_id}/change/"


@pytest.mark.sentence("2.3-26")
@pytest.mark.parametrize("change", ["not due", "never started", *sorted({"new", "ready", "scheduled", "failed"})])
def test_before_it_is_due_or_of_what_did_not_start_nothing_is_mailed(plan, relay, change):
    due = {"not due": timezone.now() + timedelta(minutes=1), "never started": None}.get(change, plan.due_at)
    ReportPlan.objects.update(due_at=due)
    if change in DeliveryStatus.values:
        plan.delivery.status = change
        plan.delivery.save()
    assert rung() == []
    assert tasks.send_report(plan.pk) == f"report {plan.pk}: nothing to mail"
    assert mails(relay) == []


@pytest.mark.sentence("2.3-24")
def test_who_is_no_user_of_the_account_any_more_gets_no_figures(plan, relay):
    Membership.objects.filter(name="erp").delete()
    assert rung() == [f"report {plan.pk}: mailed to 1"]
    assert mails(relay)[0]["To"] == "boss@shop.example"
    ReportPlan.objects.update(sent_at=None)
    User.objects.update(is_active=False)
    assert rung() == [f"report {plan.pk}: nobody is left to report to"]
    assert rung() == []


def test_a_relay_that_is_away_is_asked_again_a_minute_later(plan, relay, settings):
    good, settings.SMTP_URL = settings.SMTP_URL, "smtp://127.0.0.1:1"
    assert "the relay did not take our mail" in rung()[0]
    assert mails(relay) == []
    settings.SMTP_URL = good
    assert rung() == [f"report {plan.pk}: mailed to 2"]
    assert len(mails(relay)) == 1


@pytest.mark.sentence("6-06")
def test_text_html_and_file_say_the_same_and_what_was_not_measured(plan, message, event, relay):
    Link.objects.create(delivery=plan.delivery, number=1, url="https://shop.example/?a=1&b=<2>")
    clicked = message("delivered")
    event(clicked, "c", reference="1"), event(clicked, "c", reference="1")
    plan.delivery.account.language = "en"
    plan.delivery.account.save()
    type(plan.delivery).objects.update(measured="c")
    rung()
    (mail,) = mails(relay)
    text, page = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    for said in ("views: not measured", "clicks: 2", "unique clicks: 1", "https://shop.example/?a=1&b=<2>: 2"):
        assert said in text.splitlines()
    assert "https://shop.example/?a=1&amp;b=&lt;2&gt;" in page
    assert page.count("not measured") == text.count("not measured")
    (file,) = mail.iter_attachments()
    assert file.get_filename() == f"statistics-{plan.delivery_id}.csv"
    rows = list(csv.DictReader(io.StringIO(file.get_content().lstrip("\ufeff"))))
    told = {(row["kind"], row["name"], row["measure"]): row["value"] for row in rows}
    assert told["figure", "clicks", "count"] == "2"
    assert told["figure", "views", "count"] == ""
    assert told["link", "https://shop.example/?a=1&b=<2>", "unique_clicks"] == "1"
    assert told["hour", "2026-12-01T12:00:00+00:00", "sent"] == "1"
