import time
from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.models import Delivery, RateBucket, SendingRange
from deliveries.sending.ledger import rate_tokens
from deliveries.sending.lifecycle import control
from deliveries.sending.lifecycle.waits import waits_for
from deliveries.sending.worker.rates import read_limits
from tests.sending.conftest import make_going, statuses
from tests.waiting import wait_for

HOUR = 3600
SLOW = HOUR // 100  # a token each hundred seconds: no test takes so long


def _back_date(seconds: float):
    RateBucket.objects.update(at=timezone.now() - timedelta(seconds=seconds))


def test_tokens_come_with_time_and_are_given_to_one_only(shop, monkeypatch):
    monkeypatch.setattr(rate_tokens, "_BURST_SECONDS", 1_000)
    assert rate_tokens.take({"k": (SLOW, 10)}) == {"k": 1}
    assert rate_tokens.take({"k": (SLOW, 10)}) == {"k": 0}
    _back_date(450)
    given = [rate_tokens.take({"k": (SLOW, 3)})["k"] for _ in range(3)]
    assert given == [3, 1, 0]


@pytest.mark.parametrize("hours", [1, -1])
def test_98_a_clock_that_jumps_lets_no_flood_go_and_stops_nothing_for_good(shop, hours):
    rate_tokens.take({"k": (HOUR, 1)})
    _back_date(hours * HOUR)
    assert rate_tokens.take({"k": (HOUR, 1000)})["k"] == (10 if hours > 0 else 0)
    _back_date(120)
    assert rate_tokens.take({"k": (SLOW, 1000)})["k"] == 1


def test_the_rates_in_force_are_those_of_the_relay_the_newsletters_and_their_domains(shop, settings):
    settings.RELAY_RATE_PER_HOUR = 9
    shop.rate_per_hour, shop.rates = 7, {"Gmail.example": 5, "other.example": 0}
    shop.save()
    assert read_limits([shop.pk]) == {
        "relay": 9,
        f"newsletter:{shop.pk}": 7,
        f"newsletter:{shop.pk}:gmail.example": 5,
    }


def test_two_senders_together_keep_the_rate_of_a_newsletter_and_the_page_says_what_it_waits_for(
    senders, smtp, shop
):
    shop.rate_per_hour = 10 * HOUR
    shop.save()
    delivery = make_going(shop, 400, width=20)
    both = [senders.start(), senders.start()]
    wait_for(lambda: len(smtp.accepted) >= 5, "the first ones")
    began, before = time.monotonic(), len(smtp.accepted)
    wait_for(lambda: len(smtp.accepted) >= before + 30, "some more")
    took = time.monotonic() - began
    sent = len(smtp.accepted) - before
    assert sent / took <= 10 * 1.5 + 10 / took, "no faster than the rate, but for what was in hand"
    said = "waits for its newsletter's rate"  # once a sender asked in vain: a busy one may be slower than the rate
    wait_for(lambda: waits_for(Delivery.objects.get(id=delivery.pk)) == said, "the sentence")
    control.pause(delivery.pk)
    wait_for(lambda: not SendingRange.objects.filter(owner__isnull=False).exists(), "the ranges back")
    for process in both:
        assert senders.stop(process)[0] == 0
    assert set(statuses(delivery)) == {"delivered", "pending"}
    assert max(smtp.copies().values()) == 1


def test_a_domain_that_waits_for_its_rate_holds_nobody_else_back(senders, smtp, shop):
    shop.rates = {"slow.example": 60}
    shop.save()
    people = [f"p{n}@{'slow' if n % 2 else 'to'}.example" for n in range(100)]
    delivery = make_going(shop, people)
    process = senders.start()
    wait_for(lambda: statuses(delivery)["delivered"] >= 51, "all the others, and one of the slow domain")
    assert sum(to.endswith("@slow.example") for to in smtp.copies()) <= 2
    waits = wait_for(lambda: waits_for(Delivery.objects.get(id=delivery.pk)), "the sentence")
    assert waits == "waits for the rate of slow.example"
    shop.rates = {}
    shop.save()
    wait_for(lambda: statuses(delivery) == {"delivered": 100}, "the rest, once the rate is lifted")
    assert senders.stop(process)[0] == 0
    assert max(smtp.copies().values()) == 1
