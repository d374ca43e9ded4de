"""Reference 5.3: each end of a dialogue, on a real server that misbehaves."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.models import Event, MessageCopy
from deliveries.sending.lifecycle import control
from recipients.models import BlacklistEntry
from tests.sending.conftest import make_going, only_message, statuses
from tests.sending.pump import pump
from tests.sending.smtp_server import Drop, Hang


def _at(place, answer):
    return lambda phase, _context: answer if phase == place else None


def _once(place, answer):
    left = [answer]
    return lambda phase, _context: left.pop() if phase == place and left else None


def test_a_good_message_is_delivered_with_its_envelope_and_headers(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    pump(smtp.url)
    message = only_message(delivery)
    assert (message.status, message.code, message.attempt) == ("delivered", 250, 1)
    (sender, to, _body), *more = smtp.accepted
    assert not more
    assert to == "anna@to.example"
    assert sender.endswith("@bounces.shop.example")
    assert len(sender.partition("@")[0]) <= 64
    delivery.refresh_from_db()
    assert delivery.status == "sent"


@pytest.mark.parametrize("place", ["mail", "rcpt", "data", "dot"])
def test_103_a_greylisted_message_waits_and_arrives_at_the_second_attempt_as_it_was(smtp, shop, place):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _once(place, "450 4.2.0 greylisted")
    began = timezone.now()
    pump(smtp.url)
    message = only_message(delivery)
    assert (message.status, message.code, message.enhanced) == ("deferred", 450, "4.2.0")
    assert began + timedelta(minutes=4) <= message.not_before <= timezone.now() + timedelta(minutes=6)
    assert MessageCopy.objects.filter(message=message).exists()
    message.not_before = timezone.now()
    message.save()
    delivery.ranges.update(due_at=timezone.now())
    pump(smtp.url)
    message.refresh_from_db()
    assert (message.status, message.attempt) == ("delivered", 2)
    assert not MessageCopy.objects.exists()
    assert smtp.copies() == {"anna@to.example": 1}


@pytest.mark.sentence("7-08")
def test_106_an_unknown_mailbox_bounces_and_is_suppressed_for_good(smtp, shop):
    delivery = make_going(shop, ["gone@to.example", "anna@to.example"])
    smtp.script = lambda phase, context: (
        "550 5.1.1 no such user" if phase == "rcpt" and context["to"].startswith("gone") else None
    )
    pump(smtp.url)
    assert statuses(delivery) == {"bounced": 1, "delivered": 1}
    bounced = delivery.messages.get(status="bounced")
    assert (bounced.category, bounced.enhanced, bounced.reply) == (1, "5.1.1", "5.1.1 no such user")
    assert BlacklistEntry.objects.get(address="gone@to.example").permanent
    event = Event.objects.get(message=bounced)
    assert (event.action, event.reference, event.classification) == ("z", "1", 1)


@pytest.mark.sentence("7-08")
def test_107_a_policy_refusal_never_suppresses_the_address(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("dot", "550 5.7.1 not authenticated")
    pump(smtp.url)
    assert (only_message(delivery).status, only_message(delivery).category) == ("bounced", 7)
    assert not BlacklistEntry.objects.exists()


def test_107_a_fifth_refused_by_policy_pauses_the_delivery_once_fifty_have_ended(smtp, shop):
    delivery = make_going(shop, 80)
    turn = itertools.count()
    smtp.script = lambda phase, _context: (
        "550 5.7.515 not authenticated" if phase == "dot" and next(turn) % 4 == 0 else None
    )
    pump(smtp.url)
    delivery.refresh_from_db()
    assert delivery.status == "paused"
    assert "POLICY_REFUSED" in delivery.note
    assert "5.7.515 not authenticated" in delivery.note
    left = statuses(delivery)
    assert left["delivered"] + left["bounced"] >= 50
    assert left["pending"] >= 20
    control.resume(delivery.pk)
    smtp.script = lambda *_: None
    pump(smtp.url)
    assert not statuses(delivery)["pending"]


@pytest.mark.parametrize("reply", ["452 4.5.3 too many recipients", "552 too many recipients"])
def test_104_too_many_recipients_is_temporary(smtp, shop, reply):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("rcpt", reply)
    pump(smtp.url)
    assert only_message(delivery).status == "deferred"


def test_105_a_full_server_at_the_dot_is_tried_again(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("dot", "452 4.3.1 disk full")
    pump(smtp.url)
    assert only_message(delivery).status == "deferred"
    assert not smtp.accepted


def test_108_three_refusals_of_the_sender_pause_the_delivery_and_cost_no_recipient(smtp, shop):
    delivery = make_going(shop, 5)
    smtp.script = _at("mail", "550 5.7.1 sender rejected")
    pump(smtp.url)
    delivery.refresh_from_db()
    assert delivery.status == "paused"
    assert "SENDER_REFUSED" in delivery.note
    assert "sender rejected" in delivery.note
    assert statuses(delivery) == {"pending": 5}


@pytest.mark.parametrize("place", ["mail", "rcpt", "data", "body"])
def test_109_a_line_that_drops_before_the_dot_is_a_retry(smtp, shop, place):
    delivery = make_going(shop, 3)
    smtp.script = _once(place, Drop())
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 3}
    assert set(smtp.copies().values()) == {1}


@pytest.mark.parametrize("accepted", [True, False])
def test_110_a_line_that_drops_after_the_dot_is_in_doubt_and_not_sent_again(smtp, shop, accepted):
    delivery = make_going(shop, 3)
    smtp.script = _once("dot", Drop(accepted=accepted))
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 2, "in_doubt": 1}
    assert sum(smtp.copies().values()) == 3 - (not accepted)
    assert "after the final dot" in delivery.messages.get(status="in_doubt").reply
    assert MessageCopy.objects.count() == 1
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_111_a_late_250_is_waited_for(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    event = threading.Event()
    smtp.script = _once("dot", Hang(event, accepted=True))
    threading.Timer(1.0, event.set).start()
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"
    assert smtp.copies() == {"anna@to.example": 1}


@pytest.mark.parametrize(
    "garbage",
    [
        "hello there",
        "354 go on",
        Drop(saying=b"250-half\r\n"),
        Drop(saying=b"250 2.0.0 hal"),
        b"\x00\xff\r\n",
        "999 what",
    ],
)
def test_113_garbage_after_the_dot_is_in_doubt(smtp, shop, garbage):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("dot", garbage)
    pump(smtp.url)
    assert only_message(delivery).status == "in_doubt"


def test_114_a_failing_quit_after_a_250_is_nothing(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("quit", Drop())
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"


@pytest.mark.parametrize("place", ["banner", "ehlo", "mail", "rcpt", "data"])
def test_102_a_421_rests_the_relay_and_costs_no_recipient(smtp, shop, place):
    delivery = make_going(shop, 2)
    smtp.script = _once(place, "421 4.3.2 not now")
    relay = pump(smtp.url)
    assert statuses(delivery) == {"delivered": 2}
    assert relay.troubles == 0, "it is fine again"


def test_102_a_421_to_the_dot_is_a_retry(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _once("dot", "421 4.3.2 not now")
    pump(smtp.url)
    assert only_message(delivery).status == "deferred"


def test_118_a_server_without_extensions_gets_valid_mail(smtp, shop):
    smtp.offers = ()
    delivery = make_going(shop, ["anna@to.example"])
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"
    assert not any("SIZE=" in command for command in smtp.commands)
    assert smtp.accepted[0][2].isascii()


@pytest.mark.parametrize("code", ["500 5.5.1 what", "502 5.5.1 not implemented"])
def test_118_a_server_that_knows_no_ehlo_is_greeted_with_helo_and_nothing_else_is_asked_of_it(smtp, shop, code):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("ehlo", code)
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"
    assert smtp.commands[1].startswith("HELO ")
    assert not any("SIZE=" in command for command in smtp.commands)


def test_118_another_refusal_of_ehlo_rests_the_relay(smtp, shop):
    make_going(shop, ["anna@to.example"])
    smtp.script = _once("ehlo", "554 5.7.1 go away")
    pump(smtp.url)
    assert not any(command.startswith("HELO") for command in smtp.commands)


def test_71_a_local_part_beyond_ascii_needs_smtputf8_or_bounces_alone(smtp, shop):
    smtp.offers = ("SIZE",)
    delivery = make_going(shop, ["josé@to.example", "anna@to.example"])
    pump(smtp.url)
    bounced = delivery.messages.get(status="bounced")
    assert bounced.address == "josé@to.example"
    assert "SMTPUTF8" in bounced.reply
    assert smtp.copies() == {"anna@to.example": 1}


def test_71_with_smtputf8_it_goes_out_to_that_mailbox(smtp, shop):
    delivery = make_going(shop, ["josé@to.example"])
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"
    assert smtp.copies() == {"josé@to.example": 1}
    assert any(command.endswith(" SMTPUTF8") for command in smtp.commands)


def test_a_message_above_the_relays_size_bounces_without_being_offered(smtp, shop):
    smtp.offers = ("SIZE 100",)
    delivery = make_going(shop, ["anna@to.example"])
    pump(smtp.url)
    message = only_message(delivery)
    assert (message.status, message.category, message.enhanced) == ("bounced", 5, "5.3.4")
    assert not any(command.startswith("MAIL") for command in smtp.commands)


@pytest.mark.parametrize(
    "reply", [b"250-" + b"x" * 100_000 + b"\r\n250 ok\r\n", b"250-ok\r\n" * 10_000 + b"250 2.0.0 ok\r\n"]
)
def test_119_a_huge_reply_is_read_to_its_end_and_capped(smtp, shop, reply):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("rcpt", reply)
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"


def test_119_what_a_server_says_is_kept_clean_and_short(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _at("rcpt", b"550 5.7.1 \x1b[31m<b>no\x00</b>" + b"y" * 3000 + b"\r\n")
    pump(smtp.url)
    reply = only_message(delivery).reply
    assert len(reply) <= 500
    assert reply.isprintable()


def test_121_a_message_past_its_time_is_expired_and_never_sent_late(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"], started_at=timezone.now() - timedelta(hours=49))
    pump(smtp.url)
    assert only_message(delivery).status == "expired"
    assert not smtp.accepted


def test_121_transactional_mail_is_worth_sending_for_four_days(smtp, shop):
    delivery = make_going(shop, 1, started_at=timezone.now() - timedelta(hours=49), transactional=True)
    pump(smtp.url)
    assert only_message(delivery).status == "delivered"


def test_a_person_whose_row_is_gone_is_an_error_of_that_message_only(smtp, shop):
    delivery = make_going(shop, 2)
    message = delivery.messages.first()
    message.recipient_id = 999_999
    message.save()
    pump(smtp.url)
    assert statuses(delivery) == {"error": 1, "delivered": 1}
    assert "no longer in the database" in delivery.messages.get(status="error").reply
