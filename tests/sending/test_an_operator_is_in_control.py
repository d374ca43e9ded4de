import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import OrmQ

from deliveries.admin.acts import starting
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Activity, Delivery, Message, SendingRange
from deliveries.sending.lifecycle import control
from recipients.faults import Fault
from recipients.models import User
from tests.sending.conftest import make_delivery, make_going, statuses


@pytest.fixture
def anna(shop):
    return User.objects.create_user("anna", first_name="Anna")


def _status(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.status


def test_a_double_click_on_send_now_starts_it_once_and_says_who_was_first(shop, anna):
    delivery = make_delivery(shop)
    control.start(delivery.pk, actor=anna)
    with pytest.raises(StateConflict, match=r"Anna started it \d+ s ago"):
        control.start(delivery.pk, actor=anna)
    assert OrmQ.objects.count() == 1
    assert Activity.objects.filter(delivery=delivery, verb="started", actor=anna).count() == 1
    assert _status(delivery) == "scheduled"
    assert delivery.start_at <= timezone.now()


def test_what_is_scheduled_for_later_can_be_sent_now(shop, anna):
    delivery = make_delivery(shop)
    control.schedule(delivery.pk, timezone.now() + timedelta(days=1), actor=anna)
    control.start(delivery.pk, actor=anna)
    delivery.refresh_from_db()
    assert delivery.start_at <= timezone.now()


def test_a_schedule_is_meant_in_the_accounts_zone_and_can_be_taken_back(shop, anna):
    delivery = make_delivery(shop)
    at = control.schedule(delivery.pk, "2030-07-01T09:00:00", actor=anna)
    assert at.isoformat() == "2030-07-01T07:00:00+00:00"
    control.unschedule(delivery.pk, actor=anna)
    assert _status(delivery) == "ready"
    assert delivery.start_at is None
    with pytest.raises(StateConflict):
        control.unschedule(delivery.pk, actor=anna)


@pytest.mark.parametrize(
    "when", ["2020-01-01T09:00:00", "2020-01-01T09:00:00Z", timezone.now() - timedelta(minutes=1)]
)
@pytest.mark.parametrize("status", ["ready", "scheduled"])
def test_a_time_in_the_past_is_refused_and_sends_to_nobody(shop, anna, when, status):
    delivery = make_delivery(shop, status=status)
    with pytest.raises(ClientError, match="is in the past: choose a later time, or send it now") as refusal:
        control.schedule(delivery.pk, when, actor=anna)
    assert refusal.value.code == "SCHEDULE_PAST"
    assert _status(delivery) == status
    assert delivery.start_at is None


def test_the_dialog_proposes_no_time_that_has_passed(shop):
    delivery = make_delivery(shop, proposed_at=timezone.now() - timedelta(minutes=1))
    assert starting._planned(delivery, None) == {}
    delivery.proposed_at = datetime(2050, 7, 1, 9, 0, tzinfo=UTC)
    assert starting._planned(delivery, None) == {"when": "2050-07-01T11:00"}


def test_pause_and_resume_go_back_and_forth(shop, anna):
    delivery = make_going(shop, 2)
    control.pause(delivery.pk, actor=anna)
    with pytest.raises(StateConflict, match="Anna paused it"):
        control.pause(delivery.pk, actor=anna)
    control.resume(delivery.pk, actor=anna)
    assert _status(delivery) == "sending"


def test_stop_cancels_what_waits_and_leaves_what_is_on_its_way(shop, anna):
    delivery = make_going(shop, 3)
    one = delivery.messages.first()
    Message.objects.filter(id=one.pk).update(status="sending", attempt=1, owner=1, intent_at=timezone.now())
    control.stop(delivery.pk, actor=anna)
    assert _status(delivery) == "stopped"
    assert statuses(delivery) == {"cancelled": 2, "sending": 1}
    with pytest.raises(StateConflict):
        control.resume(delivery.pk, actor=anna)


def test_only_what_has_not_gone_out_can_be_deleted(shop, anna):
    ready, going = make_delivery(shop), make_going(shop, 1)
    control.delete(ready.pk, actor=anna)
    assert not Delivery.objects.filter(id=ready.pk).exists()
    with pytest.raises(StateConflict):
        control.delete(going.pk, actor=anna)
    with pytest.raises(StateConflict, match="There is no delivery"):
        control.delete(ready.pk, actor=anna)


@pytest.mark.parametrize(
    ("how", "after", "status"), [("sent", "delivered", "sent"), ("resend", "pending", "sending")]
)
def test_what_is_in_doubt_is_settled_by_a_person(shop, anna, how, after, status):
    delivery = make_going(shop, 2, status="sent")
    SendingRange.objects.all().delete()
    Message.objects.update(status="in_doubt", attempt=1, outcome_at=timezone.now())
    assert control.resolve(delivery.pk, how, actor=anna) == 2
    assert statuses(delivery) == {after: 2}
    assert _status(delivery) == status
    assert SendingRange.objects.exists() == (how == "resend")
    assert control.resolve(delivery.pk, how, actor=anna) == 0
    assert [row.params for row in Activity.objects.filter(verb__startswith="doubt")] == [{"n": 2}]


def test_a_failed_delivery_goes_back_to_ready_with_its_frozen_audience_forgotten(shop, anna):
    delivery = make_going(shop, 2, status="failed", fault=Fault.written("why").as_json())
    control.retry(delivery.pk, actor=anna)
    assert _status(delivery) == "ready"
    assert (delivery.note, delivery.messages.count(), delivery.ranges.count()) == ("", 0, 0)


def test_a_failed_delivery_of_which_something_was_tried_is_not_retried(shop, anna):
    delivery = make_going(shop, 2, status="failed")
    Message.objects.update(attempt=1)
    with pytest.raises(StateConflict, match="make a new one for the rest"):
        control.retry(delivery.pk, actor=anna)
    assert _status(delivery) == "failed"


def test_what_was_tried_is_not_deleted_and_the_sentence_says_so(shop, anna):
    delivery = make_going(shop, 2, status="failed")
    Message.objects.update(attempt=1)
    with pytest.raises(StateConflict, match="already tried: it stays"):
        control.delete(delivery.pk, actor=anna)
    assert Delivery.objects.filter(pk=delivery.pk).exists()


def test_who_comes_second_reads_an_act_of_several_words_as_it_is(shop, anna):
    delivery = make_going(shop, 2, status="failed")
    control.retry(delivery.pk, actor=anna)
    with pytest.raises(StateConflict, match=r"is ready; last: taken back to ready, by Anna, \d+ s ago\."):
        control.retry(delivery.pk, actor=anna)


def test_the_command_says_in_one_line_why_it_can_not(shop, anna, capsys):
    delivery = make_going(shop, 1)
    call_command("delivery", "pause", str(delivery.pk), "--json")
    assert json.loads(capsys.readouterr().out)["status"] == "paused"
    with pytest.raises(CommandError, match="is paused"):
        call_command("delivery", "pause", str(delivery.pk))
    with pytest.raises(CommandError, match="2020-01-01 09:00 is in the past"):
        call_command("delivery", "schedule", str(delivery.pk), "2020-01-01T09:00:00")
    with pytest.raises(CommandError, match="write 2026-12-01T09:00:00"):
        call_command("delivery", "schedule", str(delivery.pk), "soon")


def test_the_command_settles_doubts_and_stops_and_resumes(shop, capsys):
    delivery = make_going(shop, 2)
    Message.objects.filter(id=delivery.messages.first().pk).update(status="in_doubt", attempt=1)
    call_command("delivery", "resolve", str(delivery.pk), "sent")
    assert "1 messages: sent" in capsys.readouterr().out
    call_command("delivery", "pause", str(delivery.pk))
    call_command("delivery", "resume", str(delivery.pk))
    call_command("delivery", "stop", str(delivery.pk))
    assert statuses(delivery) == {"delivered": 1, "cancelled": 1}


def test_a_word_that_resolve_does_not_know_changes_nothing(shop):
    delivery = make_going(shop, 1)
    with pytest.raises(ClientError):
        control.resolve(delivery.pk, "maybe")
