"""Reference 5.3, what ended the dialogue: refusals at each phase, silence, a line that drops again and again."""

import threading
from types import SimpleNamespace

import pytest

from deliveries.relay.address import read_address
from deliveries.sending.ledger.records import Outcome
from deliveries.sending.smtp import session
from deliveries.sending.smtp.backoff import Relay
from deliveries.sending.smtp.replies import Reply
from deliveries.sending.worker.dispatcher import Dispatcher
from tests.sending.conftest import make_going, only_message, statuses
from tests.sending.pump import pump
from tests.sending.smtp_server import Drop, Hang


def _of_the_first_sender(place, answer):
    """Return the script that says this in a phase to the sender that it meets first there."""
    first = []

    def script(phase, context):
        if phase != place:
            return None
        first.append(context["sender"])
        return answer if context["sender"] == first[0] else None

    return script


@pytest.mark.parametrize("place", ["rcpt", "data", "dot"])
def test_a_5xx_to_rcpt_data_or_the_dot_bounces_that_message_alone(smtp, shop, place):
    delivery = make_going(shop, 3)
    smtp.script = _of_the_first_sender(place, "554 5.6.0 not this one")
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 2, "bounced": 1}
    bounced = delivery.messages.get(status="bounced")
    assert (bounced.category, bounced.attempt, bounced.reply) == (10, 1, "5.6.0 not this one")


@pytest.mark.parametrize("reply", ["552 too much", "554 5.3.4 too big"])
def test_552_or_5_3_4_to_mail_bounces_that_message_alone_as_too_large(smtp, shop, reply):
    delivery = make_going(shop, 3)
    smtp.script = _of_the_first_sender("mail", reply)
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 2, "bounced": 1}
    assert delivery.messages.get(status="bounced").category == 5
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_108_a_sender_that_is_refused_three_times_while_others_pass_bounces_with_its_message():
    recorded = []
    waves = SimpleNamespace(result=lambda outcome, _done: recorded.append(outcome))
    dispatcher = Dispatcher(waves, Relay(read_address("smtp://127.0.0.1:1")))
    leased = SimpleNamespace(closing=False, mailing=SimpleNamespace(delivery_id=7))
    refused, other = (SimpleNamespace(leased=leased, mail_refusals=0, done=None) for _job in range(2))
    bounce = Outcome(1, 0, granted=False, status="bounced")
    for _time in range(3):
        assert recorded == []
        dispatcher.sender_refused(refused, Reply(550, "5.1.8", "who?"), bounce)
        dispatcher.sender_accepted(other)
    assert recorded == [bounce]
    assert dispatcher.refused.empty(), "the delivery goes on"


def _silent(smtp, monkeypatch, place, *, accepted=False, **patience):
    """Have the server say nothing more in a phase, once, and lose patience soon; returns what ends its silence."""
    for name, seconds in patience.items():
        monkeypatch.setattr(session, name, seconds)
    over = threading.Event()
    left = [Hang(over, accepted=accepted)]
    smtp.script = lambda phase, _context: left.pop() if phase == place and left else None
    return over


def test_112_silence_after_the_dot_is_in_doubt_and_not_sent_again(smtp, shop, monkeypatch):
    delivery = make_going(shop, ["anna@to.example"])
    over = _silent(smtp, monkeypatch, "dot", accepted=True, DOT_PATIENCE=0.3)
    pump(smtp.url)
    over.set()
    message = only_message(delivery)
    assert (message.status, message.reply) == ("in_doubt", "after the final dot: no reply for 0 s")
    assert smtp.copies() == {"anna@to.example": 1}


def test_silence_before_the_dot_is_a_retry(smtp, shop, monkeypatch):
    delivery = make_going(shop, 3)
    over = _silent(smtp, monkeypatch, "rcpt", REPLY_PATIENCE=2.0)  # more than any other reply takes
    pump(smtp.url)
    over.set()
    assert statuses(delivery) == {"delivered": 3}
    assert set(smtp.copies().values()) == {1}


def test_a_line_that_drops_three_times_before_the_dot_puts_the_message_off_as_a_4xx_does(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = lambda phase, _context: Drop() if phase == "rcpt" else None
    pump(smtp.url)
    message = only_message(delivery)
    assert (message.status, message.attempt) == ("deferred", 1)
    assert message.reply.startswith("the connection broke 3 times before the final dot")
    assert message.not_before is not None
