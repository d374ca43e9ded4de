"""Reference 5.1: whoever started a delivery that took long is told once that it is sent."""

import email
from datetime import timedelta
from email.policy import default

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, queue, tasks
from deliveries.models import Activity, Delivery
from recipients.models import Membership, User
from tests.statistics.test_statistics_by_mail import relay  # noqa: F401  the fixture


@pytest.fixture
def started(delivery, message):
    """Sent in an hour, by a person."""
    for status in ("delivered", "delivered", "bounced"):
        message(status)
    person = User.objects.create(username="olga", email="olga@shop.example", language="it")
    Membership.objects.create(account=delivery.account, user=person, name="olga")
    Activity.objects.create(account=delivery.account, actor=person, verb="started", delivery=delivery)
    now = timezone.now()
    Delivery.objects.update(status="sent", size=3, started_at=now - timedelta(hours=1), ended_at=now)
    return delivery


def rung():
    clock.enqueue_mails()
    found = [task.task for task in OrmQ.objects.all() if task.task["func"] == queue.TELL_SENT]
    OrmQ.objects.all().delete()
    return [tasks.tell_sent(*task["args"]) for task in found]


def test_it_is_told_once_in_the_persons_language(started, relay):  # noqa: F811  the fixture
    assert rung() == [f"delivery {started.pk}: told"]
    assert rung() == []
    assert "nothing to tell" in tasks.tell_sent(started.pk)
    ((_sender, to, body),) = relay.accepted
    mail = email.message_from_bytes(body, policy=default)
    assert (to, mail["Subject"]) == ("olga@shop.example", "«Winter» è inviata: 2 consegnati")
    assert f"https://intern.example/admin/deliveries/delivery/{started.pk}/change/" in mail.get_content()


def test_a_relay_that_is_away_is_tried_again(started, settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    assert "told" not in rung()[0]
    assert Delivery.objects.get().told_at is None


@pytest.mark.parametrize("what", ["quick", "by the product", "has left", "without an address"])
def test_nobody_is_told_of_what_they_saw_or_did_not_start(started, relay, what):  # noqa: F811  the fixture
    match what:
        case "quick":
            Delivery.objects.update(started_at=timezone.now() - timedelta(minutes=9))
        case "by the product":
            started.activity.all().update(actor=None)
        case "has left":
            Membership.objects.all().delete()
        case _:
            User.objects.update(email="")
    assert [said for said in rung() if "nobody" not in said] == []
    assert relay.accepted == []
