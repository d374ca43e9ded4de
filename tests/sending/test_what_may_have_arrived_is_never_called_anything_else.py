"""A message sent again out of doubt may have arrived at its first attempt, whatever becomes of the second."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from deliveries import workers
from deliveries.models import Message, MessageCopy, SendingRange
from deliveries.sending.ledger import completion, retry_schedule, sweeper
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.lifecycle import control
from recipients import suppressions, tables
from recipients.models import Reason
from tests.sending.conftest import make_going, only_message, statuses
from tests.sending.pump import pump
from tests.sending.smtp_server import Drop
from tests.sending.waving import commit_wave


def _once(place, answer):
    left = [answer]
    return lambda phase, _context: left.pop() if phase == place and left else None


def _rename(newsletter, name):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("UPDATE {} SET nome = %s").format(tables.identifier(newsletter.database)), [name])


@pytest.fixture
def doubtful(smtp, shop):
    """A message in doubt whose bytes were not kept, as a killed sender leaves it."""
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _once("dot", Drop(accepted=True))
    pump(smtp.url)
    MessageCopy.objects.all().delete()
    assert statuses(delivery) == {"in_doubt": 1}
    return delivery


def test_unchanged_it_is_sent_again_byte_for_byte(smtp, doubtful):
    control.resolve(doubtful.pk, "resend")
    pump(smtp.url)
    assert statuses(doubtful) == {"delivered": 1}
    first, second = [body for _, _, body in smtp.accepted]
    assert first == second


def test_when_its_values_have_changed_since_it_stays_in_doubt_and_is_not_sent(smtp, shop, doubtful):
    _rename(shop, "Changed")
    control.resolve(doubtful.pk, "resend")
    pump(smtp.url)
    assert statuses(doubtful) == {"in_doubt": 1}
    assert "have changed since" in only_message(doubtful).reply
    assert len(smtp.accepted) == 1
    doubtful.refresh_from_db()
    assert doubtful.status == "sent"


def test_past_its_time_it_stays_in_doubt(smtp, doubtful):
    control.resolve(doubtful.pk, "resend")
    doubtful.started_at = timezone.now() - timedelta(days=3)
    doubtful.save(update_fields=["started_at"])
    pump(smtp.url)
    assert statuses(doubtful) == {"in_doubt": 1}
    assert len(smtp.accepted) == 1


def test_in_a_stopped_delivery_it_stays_in_doubt(doubtful):
    control.resolve(doubtful.pk, "resend")
    control.stop(doubtful.pk)
    assert statuses(doubtful) == {"in_doubt": 1}


def test_of_somebody_blacklisted_since_it_stays_in_doubt_and_is_not_sent(smtp, shop, doubtful):
    suppressions.suppress(shop.account, "anna@to.example", Reason.BY_HAND)
    control.resolve(doubtful.pk, "resend")
    pump(smtp.url)
    assert statuses(doubtful) == {"in_doubt": 1}
    assert len(smtp.accepted) == 1


def test_a_second_try_that_is_put_off_does_not_make_the_first_forgotten(smtp, doubtful):
    control.resolve(doubtful.pk, "resend")
    smtp.script = _once("dot", "450 4.2.0 later")
    pump(smtp.url)
    assert statuses(doubtful) == {"deferred": 1}
    control.stop(doubtful.pk)
    assert statuses(doubtful) == {"in_doubt": 1}


def test_what_is_to_be_sent_again_by_itself_is_given_up_in_doubt_once_it_is_too_old(shop, doubtful):
    shop.in_doubt = "resend"
    shop.save()
    doubtful.status, doubtful.started_at = "sending", timezone.now() - timedelta(hours=49)
    doubtful.save()
    SendingRange.objects.all().delete()
    Message.objects.update(outcome_at=timezone.now() - timedelta(hours=1))
    sweeper.sweep()
    doubtful.refresh_from_db()
    assert (doubtful.status, statuses(doubtful)) == ("sent", {"in_doubt": 1})
    assert not completion.finish(doubtful.pk)


def test_what_must_arrive_is_sent_again_after_its_rest_byte_for_byte_though_its_values_changed(smtp, shop):
    shop.in_doubt = "resend"
    shop.save()
    delivery = make_going(shop, ["anna@to.example"])
    smtp.script = _once("dot", Drop(accepted=True))
    pump(smtp.url)
    _rename(shop, "Changed")
    sweeper.sweep()  # too early
    pump(smtp.url)
    delivery.refresh_from_db()
    assert (delivery.status, statuses(delivery), len(smtp.accepted)) == ("sending", {"in_doubt": 1}, 1)
    Message.objects.update(outcome_at=timezone.now() - retry_schedule.DOUBT_REST - timedelta(seconds=1))
    sweeper.sweep()
    pump(smtp.url)
    delivery.refresh_from_db()
    assert (delivery.status, statuses(delivery)) == ("sent", {"delivered": 1})
    first, second = [body for _, _, body in smtp.accepted]
    assert first == second
    assert not MessageCopy.objects.exists()


def test_what_must_arrive_is_kept_from_its_intent_on_and_forgotten_once_it_has(smtp, shop):
    shop.in_doubt = "resend"
    shop.save()
    delivery = make_going(shop, 2)
    kept = []
    smtp.script = lambda phase, _context: kept.append(MessageCopy.objects.exists()) if phase == "dot" else None
    pump(smtp.url)
    assert kept == [True, True]
    assert statuses(delivery) == {"delivered": 2}
    assert not MessageCopy.objects.exists()


def test_a_withdrawn_message_keeps_its_bytes_though_its_values_change(smtp, shop):
    delivery = make_going(shop, ["anna@to.example"])
    message = only_message(delivery)
    moment = timezone.now()
    print_ = suppressions.fingerprint("anna@to.example")
    asked = Composed(message.pk, 0, message.address, "r@b.example", b"was\r\n", b"s" * 32, print_, moment)
    owner = workers.enrol_sender()
    commit_wave(owner, [], [asked])
    back = Outcome(message.pk, 1, granted=True, status="deferred", wait=0.0, body=b"was\r\n")
    commit_wave(owner, [back], [])
    _rename(shop, "Changed")
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 1}
    assert [body for _, _, body in smtp.accepted] == [b"was\r\n"]
