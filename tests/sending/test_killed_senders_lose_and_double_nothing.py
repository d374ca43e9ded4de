"""Reference 5.3: real sender processes, killed, stopped, starved of their database."""

import os
import random
import signal
import threading
from pathlib import Path

import psycopg
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from psycopg import sql

from deliveries import conf
from deliveries.models import Delivery, Message, MessageStatus, SendingRange, Worker
from deliveries.sending.ledger import sweeper
from deliveries.sending.lifecycle import control
from tests.sending.conftest import database_url, forget_workers, make_going, statuses
from tests.sending.smtp_server import Drop, Gate, Hang
from tests.waiting import wait_for

# Seconds that a slow server takes for each: their number tells what time passed, however busy the machine is.
A_DOT = 0.1
SLOW = threading.Event()


def _slowly(phase, _context):
    if phase == "dot":
        SLOW.wait(A_DOT)


def _open(delivery) -> int:
    return Message.objects.filter(delivery=delivery, status__in=["pending", "sending", "deferred"]).count()


def _intended(delivery) -> int:
    """Return how many messages have, or had, a committed intent."""
    return delivery.messages.exclude(status__in=["pending", "deferred"]).count()


def _agree(delivery, smtp, allowed_doubt: int) -> None:
    """Nothing lost, nothing doubled, nothing falsely sent; what is in doubt is counted."""
    copies = smtp.copies()
    told = dict(Message.objects.filter(delivery=delivery).values_list("address", "status"))
    assert max(copies.values()) == 1
    assert set(copies) <= set(told)
    for address, status in told.items():
        if status == "delivered":
            assert copies[address] == 1, f"{address} is called delivered and never arrived"
        else:
            assert status == "in_doubt", f"{address} is {status}"
    assert statuses(delivery)["in_doubt"] <= allowed_doubt


def test_82_senders_killed_at_random_lose_nothing_and_double_nothing(senders, smtp, shop):
    chance = random.Random(82)
    lock = threading.Lock()

    def script(phase, _context):
        with lock:
            dice = chance.random()
        if phase == "body" and dice < 0.01:
            return Drop()
        if phase == "dot" and dice < 0.02:
            return Drop(accepted=dice < 0.01)
        return None

    smtp.script = script
    delivery = make_going(shop, 1_500, width=100)
    kills = 0
    while _open(delivery) and kills < 4:
        process = senders.start()
        target = len(smtp.accepted) + chance.randint(50, 300)
        wait_for(lambda target=target: len(smtp.accepted) >= target or not _open(delivery), "some progress")
        senders.kill(process)
        kills += 1
        forget_workers()
        sweeper.sweep()
    last = senders.start()
    wait_for(lambda: not _open(delivery), "the end")
    code, errors = senders.stop(last)
    assert code == 0, errors
    forced = sum(
        1 for message in Message.objects.filter(status="in_doubt") if "after the final dot" in message.reply
    )
    _agree(delivery, smtp, forced + kills * conf.connections())
    delivery.refresh_from_db()
    assert delivery.status == "sent"
    assert not SendingRange.objects.exists()


def test_83_a_kill_between_dot_and_result_leaves_it_in_doubt_and_never_sends_it_again(senders, smtp, shop):
    silence = threading.Event()
    smtp.script = lambda phase, _context: Hang(silence, accepted=True) if phase == "dot" else None
    delivery = make_going(shop, 1)
    process = senders.start()
    wait_for(lambda: smtp.accepted, "the first copy")
    senders.kill(process)
    silence.set()
    assert statuses(delivery) == {"sending": 1}
    forget_workers()
    assert sweeper.sweep() == 1
    assert statuses(delivery) == {"in_doubt": 1}
    assert "between the final dot and the reply" in delivery.messages.get().reply
    sweeper.sweep()
    delivery.refresh_from_db()
    assert delivery.status == "sent"
    assert sum(smtp.copies().values()) == 1


def test_a_newsletter_that_wants_it_has_what_was_in_doubt_sent_again_as_it_was(senders, smtp, shop):
    shop.in_doubt = "resend"
    shop.save()
    silence = threading.Event()
    smtp.script = lambda phase, _context: Hang(silence, accepted=True) if phase == "dot" else None
    delivery = make_going(shop, 1)
    process = senders.start()
    wait_for(lambda: smtp.accepted, "the first copy")
    senders.kill(process)
    silence.set()
    forget_workers()
    sweeper.sweep()
    delivery.refresh_from_db()
    assert (delivery.status, statuses(delivery)) == ("sending", {"in_doubt": 1})
    Message.objects.update(outcome_at=timezone.now() - timezone.timedelta(minutes=16))
    smtp.script = lambda *_: None
    process = senders.start()
    wait_for(lambda: statuses(delivery) == {"delivered": 1}, "the second copy")
    senders.stop(process)
    first, second = [body for _, _, body in smtp.accepted]
    assert first == second, "the same Message-ID, Date and bytes"


def test_96_a_sender_told_to_stop_sends_no_further_dot_and_takes_the_replies_still_out(senders, smtp, shop):
    silence = threading.Event()
    smtp.script = lambda phase, _context: Hang(silence, accepted=True) if phase == "dot" else None
    delivery = make_going(shop, 100)
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) == conf.connections(), "a dot on each connection")
    process.send_signal(signal.SIGTERM)
    threading.Timer(0.5, silence.set).start()
    code, errors = senders.reap(process)
    assert code == 0, errors
    left = statuses(delivery)  # deferred is what had its intent, and waited too long for its turn to send the dot
    assert left["delivered"] == conf.connections()
    assert left["pending"] + left["deferred"] == 100 - conf.connections()
    assert not SendingRange.objects.filter(owner__isnull=False).exists()
    assert Worker.objects.get().ended_at is not None


def test_96_what_has_no_reply_at_the_end_of_the_wait_is_in_doubt(senders, smtp, shop):
    silence = threading.Event()
    smtp.script = lambda phase, _context: Hang(silence) if phase == "dot" else None
    delivery = make_going(shop, 1)
    process = senders.start(XMLD_STOP_SECONDS="1")
    wait_for(lambda: statuses(delivery)["sending"], "the intent")
    code, errors = senders.stop(process)
    silence.set()
    assert code == 0, errors
    assert statuses(delivery) == {"in_doubt": 1}


def test_84_a_database_that_cuts_every_connection_again_and_again_costs_nothing(senders, smtp, shop):
    delivery = make_going(shop, 600)
    process = senders.start()
    for step in (1, 2, 3, 4):
        wait_for(lambda step=step: len(smtp.accepted) >= 100 * step, "some progress")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    wait_for(lambda: not _open(delivery), "the end")
    code, errors = senders.stop(process)
    assert code == 0, errors
    assert statuses(delivery) == {"delivered": 600}
    assert max(smtp.copies().values()) == 1


def _refused(database: str) -> int:
    """Return how often the server has refused a connection to this database, as it says in its log."""
    log = (Path(os.environ["XMLD_TESTS_STATE"]) / "log" / "postgres.log").read_text(encoding="utf-8")
    return log.count(f'database "{database}" is not currently accepting connections')


def _alone(database: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database])
        return cursor.fetchone() == (1,)


def test_85_while_the_database_is_away_no_dot_is_sent_and_afterwards_nothing_is_missing(senders, smtp, shop):
    delivery = make_going(shop, 600)
    gate = smtp.script = Gate(100)
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) == 100, "some progress")
    name, ours = connection.settings_dict["NAME"], connection.connection.info.backend_pid
    with psycopg.connect(database_url("postgres"), autocommit=True) as outside:
        away = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        outside.execute(away.format(sql.Identifier(name), sql.SQL("false")))
        try:
            outside.execute(others, [name, ours])
            wait_for(lambda: _alone(name), "the end of all other sessions")
            stood = _intended(delivery)
            gate.open()
            wait_for(lambda: _refused(name) >= 3, "three trials in vain")
            assert 100 <= len(smtp.accepted) <= stood < 600, "no dot but those whose intents stand"
        finally:
            outside.execute(away.format(sql.Identifier(name), sql.SQL("true")))
    wait_for(lambda: not _open(delivery), "the end")
    code, errors = senders.stop(process)
    assert code == 0, errors
    assert statuses(delivery) == {"delivered": 600}
    assert set(smtp.copies().values()) == {1}


def test_89_a_row_that_somebody_else_holds_delays_only_itself(senders, smtp, shop):
    delivery = make_going(shop, 60)
    held = Message.objects.filter(delivery=delivery).last()
    with psycopg.connect(database_url(), autocommit=False) as other:
        other.execute("SELECT 1 FROM deliveries_delivery WHERE id = %s FOR UPDATE", [delivery.pk])
        process = senders.start()
        wait_for(lambda: statuses(delivery)["delivered"] == 60, "all of it while the delivery's row is held")
        other.rollback()
    wait_for(lambda: Delivery.objects.filter(id=delivery.pk, status="sent").exists(), "the end")
    senders.stop(process)
    assert smtp.copies()[held.address] == 1


def test_95_a_sender_that_slept_past_its_lease_hangs_up_without_the_dot(senders, smtp, shop):
    gate = threading.Event()
    smtp.script = lambda phase, _context: Hang(gate, then="354 go on") if phase == "data" else None
    delivery = make_going(shop, 1)
    first = senders.start()
    wait_for(lambda: any(command == "DATA" for command in smtp.commands), "the message on its way")
    first.send_signal(signal.SIGSTOP)
    forget_workers()
    SendingRange.objects.update(lease_until=timezone.now())
    smtp.script = lambda *_: None
    second = senders.start()
    wait_for(lambda: statuses(delivery) == {"delivered": 1}, "the other sender")
    gate.set()
    first.send_signal(signal.SIGCONT)
    senders.stop(second)
    senders.stop(first)
    assert statuses(delivery) == {"delivered": 1}
    assert smtp.copies() == {"p0@to.example": 1}


def test_94_two_senders_share_a_delivery_and_write_to_each_once(senders, smtp, shop):
    delivery = make_going(shop, 300, width=30)
    both = [senders.start(), senders.start()]
    wait_for(lambda: Worker.objects.count() == 2, "both at work")
    wait_for(lambda: not _open(delivery), "the end")
    for process in both:
        assert senders.stop(process)[0] == 0
    assert statuses(delivery) == {"delivered": 300}
    assert set(smtp.copies().values()) == {1}


def test_87_a_database_that_may_lose_a_commit_is_refused(senders, smtp, shop):
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_user), quote_ident(current_database())")
        user, database = cursor.fetchone()
        cursor.execute(f"ALTER ROLE {user} IN DATABASE {database} SET synchronous_commit = off")
    try:
        process = senders.start()
        code, errors = senders.reap(process)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER ROLE {user} IN DATABASE {database} RESET synchronous_commit")
    assert code == 1
    assert "UNSAFE_DB_SETTING" in errors
    assert "synchronous_commit = off" in errors
    assert len(errors.strip().splitlines()) == 1


def test_120_pause_is_obeyed_within_five_seconds_and_resume_goes_on(senders, smtp, shop):
    delivery = make_going(shop, 6_000)
    smtp.script = _slowly
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) > 50, "some progress")
    control.pause(delivery.pk)
    before = len(smtp.accepted)
    wait_for(lambda: not SendingRange.objects.filter(owner__isnull=False).exists(), "the ranges back")
    stood = len(smtp.accepted)
    assert stood - before <= 5 / A_DOT * conf.connections(), "what each connection sends in five seconds"
    assert not Message.objects.filter(status=MessageStatus.SENDING).exists()
    heard = Worker.objects.get().heartbeat_at
    wait_for(lambda: Worker.objects.get().heartbeat_at > heard, "the sender to look around again")
    assert len(smtp.accepted) == stood < 6_000
    control.resume(delivery.pk)
    wait_for(lambda: len(smtp.accepted) > stood, "going on")
    control.stop(delivery.pk)
    wait_for(lambda: not SendingRange.objects.exists(), "the end")
    senders.stop(process)
    left = statuses(delivery)
    assert set(left) == {"delivered", "cancelled"}
    assert left["delivered"] == len(smtp.accepted)


def test_101_a_small_delivery_is_not_behind_a_big_one(senders, smtp, shop):
    big = make_going(shop, 6_000, width=2_000)
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) > 50, "some progress")
    small = make_going(shop, [f"s{n}@to.example" for n in range(20)])
    wait_for(lambda: statuses(small) == {"delivered": 20}, "the small one")
    last = small.messages.order_by("outcome_at").last().outcome_at
    assert big.messages.filter(Q(outcome_at__gt=last) | Q(outcome_at=None)).exists()
    senders.kill(process)
