"""Reference 5.3: more connections than the relay serves, and messages that fill the memory, keep nobody waiting."""

import itertools
import threading

import pytest

from deliveries.models import SendingRange
from deliveries.sending.lifecycle import control
from deliveries.sending.worker import connection
from deliveries.sending.worker.jobs import LARGE, MOST_LARGE
from tests.sending.conftest import make_going, statuses
from tests.sending.pump import pump
from tests.sending.smtp_server import Drop, Hang
from tests.waiting import wait_for


def _large(delivery):
    delivery.content.html = f"<p>{'a large message ' * (LARGE // 16 + 1)}</p>"
    delivery.content.save()
    return delivery


def test_who_is_not_greeted_keeps_no_message_waiting(smtp, shop):
    """Postfix has 100 processes unless told otherwise; who connects besides is not greeted until one is free."""
    delivery = make_going(shop, 20)
    full, greeted = threading.Event(), itertools.count()
    smtp.script = lambda phase, _context: Hang(full) if phase == "banner" and next(greeted) >= 2 else None
    pump(smtp.url, connections=6)
    full.set()
    assert statuses(delivery) == {"delivered": 20}
    assert set(smtp.copies().values()) == {1}


def test_sessions_that_the_server_closed_keep_no_message_waiting_for_new_ones(senders, smtp, shop):
    first = make_going(shop, 30)
    full, greeted, few = threading.Event(), itertools.count(), threading.Event()

    def greets_few_later(phase, _context):
        return Hang(full) if phase == "banner" and few.is_set() and next(greeted) >= 2 else None

    smtp.script = greets_few_later
    senders.start(XMLD_CONNECTIONS="6")
    wait_for(lambda: statuses(first) == {"delivered": 30}, "the first ones")
    few.set()
    smtp.hang_up()
    later = make_going(shop, 20, transactional=True)
    wait_for(lambda: statuses(later) == {"delivered": 20}, "all others")
    full.set()


def test_a_message_in_hand_when_its_line_is_closed_goes_by_another(senders, smtp, shop):
    delivery = make_going(shop, 60)
    full, dots, closed = threading.Event(), itertools.count(), threading.Event()

    def closes_one(phase, _context):
        if phase == "banner" and closed.is_set():
            return Hang(full)
        if phase == "dot" and next(dots) == 15:
            closed.set()
            return "421 4.3.2 not now"
        return None

    smtp.script = closes_one
    senders.start(XMLD_CONNECTIONS="4")
    wait_for(lambda: statuses(delivery) == {"delivered": 59, "deferred": 1}, "all but the one that was put off")
    full.set()


def test_the_only_message_goes_by_another_connection_than_the_one_that_is_not_greeted(smtp, shop, monkeypatch):
    monkeypatch.setattr(connection, "_GREETING", 0.1)
    full, greeted = threading.Event(), itertools.count()
    smtp.script = lambda phase, _context: Hang(full) if phase == "banner" and next(greeted) == 0 else None
    delivery = make_going(shop, 1, transactional=True)
    pump(smtp.url, connections=3)
    full.set()
    assert statuses(delivery) == {"delivered": 1}


def test_a_relay_that_refuses_further_connections_is_not_in_trouble(smtp, shop):
    delivery = make_going(shop, 40)
    served = threading.Event()

    def takes_two(phase, _context):
        if phase == "banner" and len(smtp._open) > 2:
            served.wait(1.0)  # until a session is open, at the latest in a second
            return Drop(saying=b"421 4.7.0 too many connections\r\n")
        if phase == "mail":
            served.set()
        return None

    smtp.script = takes_two
    relay = pump(smtp.url, connections=6)
    assert statuses(delivery) == {"delivered": 40}
    assert (relay.troubles, relay.code) == (0, "")


def test_a_relay_that_speaks_unasked_after_its_greeting_rests(senders, smtp, shop):
    make_going(shop, 5)
    greeting = "250-test\r\n250 PIPELINING\r\n421 4.3.2 go away"
    smtp.script = lambda phase, _context: greeting if phase == "ehlo" else None
    process = senders.start(XMLD_CONNECTIONS="2")
    wait_for(lambda: "rests 2 s" in senders.said(process), "a second try after a rest")
    wait_for(lambda: not smtp._open, "all lines closed")
    assert smtp.sessions <= 8, "two connections tried a few times"


def test_the_ranges_of_a_paused_delivery_are_returned_while_the_relay_is_away(senders, smtp, shop):
    delivery = make_going(shop, 30)
    silence = threading.Event()
    smtp.script = lambda phase, _context: Hang(silence) if phase == "mail" else None
    process = senders.start(XMLD_CONNECTIONS="4")
    wait_for(lambda: sum(line.startswith("MAIL") for line in smtp.commands) >= 4, "messages under way")
    smtp.kill()
    wait_for(lambda: "rests" in senders.said(process), "the relay's rest")
    control.pause(delivery.pk)
    wait_for(lambda: not SendingRange.objects.exclude(owner=None).exists(), "the ranges back")
    silence.set()
    smtp.start()


def test_of_large_messages_a_sender_holds_a_few_at_a_time(smtp, shop):
    """A hundred of 24 MB, on the way and drafted, would take all of a machine's memory."""
    delivery = _large(make_going(shop, 12))
    on_the_way, seen = set(), []

    def counts(phase, context):
        if phase == "data":
            on_the_way.add(context["to"])
            seen.append(len(on_the_way))
        elif phase == "dot":
            on_the_way.discard(context["to"])

    smtp.script = counts
    pump(smtp.url, connections=8)
    assert statuses(delivery) == {"delivered": 12}
    assert max(seen) <= MOST_LARGE


@pytest.mark.parametrize("transactional", [True, False])
def test_large_messages_whose_replies_are_late_keep_no_small_one_waiting(senders, smtp, shop, transactional):
    large = _large(make_going(shop, 20))
    late = threading.Event()

    def is_late_for_large(phase, context):
        return Hang(late) if phase == "dot" and context["to"].startswith("p") else None

    smtp.script = is_late_for_large
    senders.start(XMLD_CONNECTIONS="8")
    wait_for(lambda: smtp.commands.count("DATA") == MOST_LARGE, "as many as there is room for")
    small = make_going(shop, [f"small{n}@to.example" for n in range(30)], transactional=transactional)
    wait_for(lambda: statuses(small) == {"delivered": 30}, "all small ones")
    late.set()
    wait_for(lambda: statuses(large) == {"delivered": 20}, "the large ones")
