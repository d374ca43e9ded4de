from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.models import Delivery, RelayHealth, SendingRange, Worker
from deliveries.sending.ledger import relay_health
from deliveries.sending.lifecycle.waits import waits_for
from tests.sending.conftest import make_going, statuses
from tests.waiting import wait_for


def _away(smtp, settings):
    settings.SMTP_URL = smtp.url
    long_ago = timezone.now() - timedelta(minutes=9)
    return RelayHealth.objects.create(
        relay=f"127.0.0.1:{smtp.port}",
        failing_since=long_ago,
        code="SMTP_UNREACHABLE",
        words="connection refused",
        told_at=long_ago,
    )


@pytest.fixture
def sender(shop):
    return Worker.objects.create(kind="sender", host="h", pid=1, heartbeat_at=timezone.now())


def test_a_relay_that_refuses_is_told_with_its_words_and_forgotten_when_it_takes_mail_again(
    senders, smtp, shop, settings
):
    settings.SMTP_URL = smtp.url
    smtp.script = lambda phase, _context: "554 5.7.1 not you" if phase == "banner" else None
    delivery = make_going(shop, 3)
    process = senders.start()
    state = wait_for(relay_health.failing, "the trouble to be told")
    assert (state.code, state.words) == ("SMTP_REFUSED", "the banner was 554 5.7.1 not you")
    assert "SMTP_REFUSED, the banner was 554 5.7.1 not you" in waits_for(Delivery.objects.get(id=delivery.pk))
    smtp.script = lambda *_: None
    wait_for(lambda: statuses(delivery) == {"delivered": 3}, "the end")
    wait_for(lambda: not RelayHealth.objects.exclude(failing_since=None).exists(), "the good news")
    code, errors = senders.stop(process)
    assert code == 0, errors
    assert "5.7.1 not you" in errors


def test_a_trouble_that_passes_within_seconds_is_no_news(smtp, shop, settings):
    state = _away(smtp, settings)
    assert relay_health.failing() == state
    RelayHealth.objects.update(failing_since=timezone.now())
    assert relay_health.failing() is None


def test_readyz_and_metrics_say_it(smtp, shop, sender, client, settings):
    _away(smtp, settings)
    answer = client.get("/readyz").json()
    assert "relay" in answer["failing"]
    assert "connection refused" in answer["parts"]["relay"]["message"]
    assert "xmld_relay_failing 1.0" in client.get("/metrics").content.decode()


def test_what_a_delivery_waits_for_is_one_sentence_or_nothing(smtp, shop, sender):
    delivery = make_going(shop, 1)
    assert waits_for(delivery) is None
    SendingRange.objects.update(due_at=timezone.now() + timedelta(hours=2))
    assert waits_for(delivery).startswith("waits for its next retry at 20")
    Worker.objects.all().delete()
    assert "none is alive" in waits_for(delivery)
    delivery.status = "sent"
    assert waits_for(delivery) is None
