"""The fences, the sweeper, the journal and the restore, row by row."""

import asyncio
import json
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from deliveries import conf, workers
from deliveries.models import Message, SendingRange, Subscription, Worker
from deliveries.sending.database.database_thread import DatabaseThread
from deliveries.sending.ledger import completion, ranges, result_journal, sweeper
from deliveries.sending.ledger.records import Composed, Outcome
from deliveries.sending.lifecycle import control
from deliveries.sending.worker.group_commit import Waves
from recipients import suppressions
from recipients.models import Reason
from tests.sending.conftest import make_delivery, make_going, only_message, statuses
from tests.sending.waving import commit_wave
from tests.sessions import waits_for_a_lock
from tests.waiting import wait_for, wait_for_end


def _intent(message: Message) -> Composed:
    print_ = suppressions.fingerprint(message.address)
    return Composed(
        message.pk, message.attempt, message.address, "r@b.example", b"body", b"s" * 32, print_, timezone.now()
    )


def _sender() -> int:
    return workers.enrol_sender()


def _grant(owner: int, *messages: Message) -> frozenset[int]:
    return commit_wave(owner, [], [_intent(message) for message in messages])


def _result(message: Message, status: str, attempt: int = 1, **more) -> Outcome:
    return Outcome(message.pk, attempt, granted=True, status=status, **more)


def test_an_intent_is_granted_once(shop):
    message = only_message(make_going(shop, 1))
    assert _grant(1, message) == {message.pk}
    assert _grant(2, message) == frozenset()
    message.refresh_from_db()
    assert (message.status, message.attempt, message.owner) == ("sending", 1, 1)


@pytest.mark.parametrize("status", ["paused", "stopped", "failed", "ready"])
def test_120_no_intent_is_granted_while_the_delivery_is_not_going_out(shop, status):
    delivery = make_going(shop, 1, status=status)
    assert _grant(1, only_message(delivery)) == frozenset()
    assert statuses(delivery) == {"pending": 1}


@pytest.mark.parametrize(
    ("reason", "days", "status"),
    [
        (Reason.BY_HAND, None, "blacklist"),
        (Reason.UNSUBSCRIBED, None, "blacklist"),
        (Reason.BOUNCES, 7, "temporary_blacklist"),
    ],
)
def test_120_who_is_blacklisted_after_the_start_is_counted_and_not_written_to(shop, reason, days, status):
    delivery = make_going(shop, ["Anna@to.example"])
    message = only_message(delivery)
    until = timezone.now() + timedelta(days=days) if days else None
    suppressions.suppress(shop.account, "anna@to.example", reason, until=until)
    intent = _intent(message)._replace(fingerprint=suppressions.fingerprint("anna@to.example"))
    assert commit_wave(_sender(), [], [intent]) == frozenset()
    message.refresh_from_db()
    assert (message.status, message.reason) == (status, int(reason))


def test_120_who_unsubscribes_after_the_start_is_not_written_to_but_for_transactional_mail(shop):
    Subscription.objects.create(
        newsletter=shop, address="p0@to.example", fingerprint=suppressions.fingerprint("p0@to.example"), state=-1
    )
    marketing = only_message(make_going(shop, 1))
    invoice = only_message(make_going(shop, 1, transactional=True))
    assert _grant(1, marketing, invoice) == {invoice.pk}
    marketing.refresh_from_db()
    assert (marketing.status, marketing.reason) == ("blacklist", 4)


def test_a_result_of_another_hand_or_attempt_changes_nothing(shop):
    message = only_message(make_going(shop, 1))
    _grant(1, message)
    commit_wave(2, [_result(message, "delivered")], [])
    commit_wave(1, [_result(message, "delivered", attempt=2)], [])
    message.refresh_from_db()
    assert message.status == "sending"


def test_a_late_result_settles_what_the_sweeper_called_in_doubt(shop):
    delivery = make_going(shop, 1)
    message = only_message(delivery)
    dead = workers.enrol_sender()
    SendingRange.objects.update(owner=dead, lease_until=timezone.now() + timedelta(minutes=1))
    _grant(dead, message)
    Worker.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    sweeper.sweep()
    assert statuses(delivery) == {"in_doubt": 1}
    commit_wave(dead, [_result(message, "delivered", code=250)], [])
    assert statuses(delivery) == {"delivered": 1}


def test_a_late_4xx_finds_its_range_gone_and_is_tried_again_all_the_same(shop):
    delivery = make_going(shop, 1, status="sent")
    message = only_message(delivery)
    SendingRange.objects.all().delete()
    Message.objects.update(status="in_doubt", owner=1, attempt=1)
    commit_wave(1, [_result(message, "deferred", wait=300.0, body=b"x")], [])
    delivery.refresh_from_db()
    assert (delivery.status, statuses(delivery)) == ("sending", {"deferred": 1})
    assert SendingRange.objects.get().due_at > timezone.now() + timedelta(minutes=4)


def test_what_is_deferred_in_a_stopped_delivery_is_cancelled(shop):
    delivery = make_going(shop, 1)
    message = only_message(delivery)
    _grant(1, message)
    delivery.status = "stopped"
    delivery.save()
    commit_wave(1, [_result(message, "deferred", wait=300.0)], [])
    assert statuses(delivery) == {"cancelled": 1}


def test_88_an_intent_whose_commit_is_unknown_is_taken_back_in_both_cases(shop):
    committed, lost = make_going(shop, 2).messages.order_by("id")
    _grant(1, committed)
    back = [_result(m, "deferred", wait=0.0) for m in (committed, lost)]
    commit_wave(1, back, [])
    committed.refresh_from_db()
    lost.refresh_from_db()
    assert (committed.status, lost.status) == ("deferred", "pending")


def test_results_that_the_database_missed_come_back_from_the_journal(shop, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    message = only_message(make_going(shop, 1))
    _grant(7, message)
    kept = result_journal.Journal(7)
    kept.keep([_result(message, "delivered", code=250, reply="2.0.0 ok")])
    with kept.path.open("a") as file:
        file.write('{"message_id": 1, "att')  # the process died while it wrote
    assert result_journal.replay() == 0  # it still lives
    kept.close()
    assert result_journal.replay() == 1
    message.refresh_from_db()
    assert (message.status, message.code) == ("delivered", 250)
    assert not kept.path.exists()
    assert result_journal.replay() == 0


def meanwhile(delivery, change):
    """Ask whether the delivery is over while `change` is being made to it by another session; return the answer."""
    answers = []
    with transaction.atomic():
        change()
        thread = threading.Thread(
            target=lambda: (answers.append(completion.finish(delivery.pk)), connection.close())
        )
        thread.start()
        wait_for(waits_for_a_lock, "the question to wait")
    wait_for_end(thread)
    return answers


def test_a_delivery_does_not_end_while_what_was_in_doubt_is_sent_again(shop):
    delivery = make_going(shop, 1)
    message = only_message(delivery)
    SendingRange.objects.all().delete()
    Message.objects.update(status="in_doubt", attempt=1)
    assert meanwhile(delivery, lambda: control.resolve(delivery.pk, "resend")) == [False]
    delivery.refresh_from_db()
    message.refresh_from_db()
    assert (delivery.status, message.status) == ("sending", "pending")


def test_a_late_4xx_opens_a_delivery_that_is_just_ending(shop):
    delivery = make_going(shop, 1)
    message = only_message(delivery)
    _grant(7, message)
    SendingRange.objects.all().delete()
    Message.objects.update(status="in_doubt")
    late = threading.Thread(
        target=lambda: (commit_wave(7, [_result(message, "deferred", wait=5.0)], []), connection.close())
    )
    with transaction.atomic():
        assert completion.finish(delivery.pk)
        late.start()
        wait_for(waits_for_a_lock, "the result to wait")
    wait_for_end(late)
    delivery.refresh_from_db()
    assert (delivery.status, SendingRange.objects.count()) == ("sending", 1)


def test_98_times_of_a_clock_that_jumped_come_back(shop):
    delivery = make_going(shop, 1)
    later = timezone.now() + timedelta(days=3)
    Message.objects.update(status="deferred", not_before=later, attempt=1)
    SendingRange.objects.update(due_at=later)
    worker = workers.enrol_sender()
    Worker.objects.update(heartbeat_at=later)
    sweeper.sweep()
    assert SendingRange.objects.get().due_at <= timezone.now()
    assert only_message(delivery).not_before <= timezone.now()
    assert Worker.objects.get(id=worker).heartbeat_at <= timezone.now()
    held = SendingRange.objects.get()
    SendingRange.objects.update(owner=worker, lease_until=later)
    sweeper.sweep()
    held.refresh_from_db()
    assert held.lease_until <= timezone.now() + conf.SENDER_DEAD_AFTER + timedelta(seconds=1)


def test_a_message_whose_range_is_anothers_is_in_doubt_when_its_own_sender_is_dead(shop):
    delivery = make_going(shop, 1)
    alive, dead = workers.enrol_sender(), workers.enrol_sender()
    _grant(dead, only_message(delivery))
    SendingRange.objects.update(owner=alive, lease_until=timezone.now() + timedelta(minutes=1))
    held, began = SendingRange.objects.get(), timezone.now()
    ranges.give_back(alive, held.pk, held.leases)
    held.refresh_from_db()
    assert statuses(delivery) == {"sending": 1}
    assert held.due_at > began + timedelta(seconds=5), "looked at again, not in a circle"
    Worker.objects.filter(id=dead).update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    leased = ranges.lease(alive, {})
    assert leased is None
    SendingRange.objects.update(owner=alive)
    ranges.give_back(alive, held.pk, held.leases)
    assert statuses(delivery) == {"in_doubt": 1}
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_a_range_that_is_ours_again_is_not_returned_by_who_had_it_before(shop):
    make_going(shop, 2)
    owner = workers.enrol_sender()
    before = ranges.lease(owner, {})
    ranges.give_back(owner, before.pk, before.leases)  # and its answer is lost
    now = ranges.lease(owner, {})
    ranges.give_back(owner, before.pk, before.leases)
    assert ranges.renew(owner, [before]) == frozenset()
    assert ranges.renew(owner, [now]) == {now.pk}


def test_a_message_asked_for_twice_in_one_wave_gets_one_dot(shop):
    message = only_message(make_going(shop, 1))
    denied = []

    async def ask():
        desk = DatabaseThread("ledger")
        waves = Waves(workers_id, desk)
        asked = [waves.intend(_intent(message), lambda n=n: denied.append(n)) for n in range(2)]
        answers = asyncio.gather(*asked)
        running = asyncio.create_task(waves.run())
        found = await answers
        running.cancel()
        await waves.close()
        desk.close()
        return found

    workers_id = workers.enrol_sender()
    assert sorted(asyncio.run(ask())) == [False, True]
    assert len(denied) == 1


def test_ranges_are_taken_from_deliveries_by_turns(shop):
    first, second = make_going(shop, 4, width=1), make_going(shop, 2, width=1)
    owner = workers.enrol_sender()
    taken = [ranges.lease(owner, {}).delivery_id]
    taken.append(ranges.lease(owner, {taken[0]: shop.account_id}).delivery_id)
    assert set(taken) == {first.pk, second.pk}
    assert ranges.lease(owner, dict.fromkeys(taken, shop.account_id), others_only=True) is None
    assert ranges.lease(owner, dict.fromkeys(taken, shop.account_id)) is not None


def test_99_after_a_restore_what_was_going_out_is_paused_and_in_doubt(shop, capsys):
    going = make_going(shop, 3)
    Message.objects.filter(id=going.messages.first().pk).update(status="delivered")
    due = make_delivery(shop, status="scheduled", start_at=timezone.now() - timedelta(hours=1))
    later = make_delivery(shop, status="scheduled", start_at=timezone.now() + timedelta(hours=1))
    call_command("after_restore", "--json")
    assert json.loads(capsys.readouterr().out) == {"deliveries": 2, "in_doubt": 2}
    assert statuses(going) == {"delivered": 1, "in_doubt": 2}
    for delivery, status in ((going, "paused"), (due, "ready"), (later, "scheduled")):
        delivery.refresh_from_db()
        assert delivery.status == status
    assert "back-up" in going.note
    assert not SendingRange.objects.exists()
