"""Reference 5.3: the database refuses, is cut off at the COMMIT itself, or is busy migrating."""

import threading
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from deliveries.models import Delivery
from tests.sending.conftest import database_url, forget_workers, make_going, statuses
from tests.sending.cutting_proxy import CuttingProxy
from tests.sending.smtp_server import Gate, Hang
from tests.waiting import wait_for


def _is_over(delivery) -> bool:
    return Delivery.objects.filter(id=delivery.pk, status="sent").exists()


def _each_got_one(delivery, smtp):
    assert statuses(delivery) == {"delivered": delivery.messages.count()}
    assert set(smtp.copies().values()) == {1}
    assert Delivery.objects.get(id=delivery.pk).status == "sent"


def _run(*statements: str):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def full_disk(shop):
    """Return `fill` and `free`: between their calls each write of a message fails as with a full disk."""
    _run(
        "CREATE SEQUENCE refused",  # what a sequence gave out stays given out, also after a rollback
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('refused');"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
    )
    drop = "DROP TRIGGER IF EXISTS full_disk ON deliveries_message"
    yield (
        lambda: _run(
            "CREATE TRIGGER full_disk BEFORE UPDATE ON deliveries_message"
            " FOR EACH STATEMENT EXECUTE FUNCTION full_disk()",
        ),
        lambda: _run(drop),
    )
    _run(drop, "DROP FUNCTION full_disk", "DROP SEQUENCE refused")


def _refused() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM refused WHERE is_called")
        return cursor.fetchone()[0] if cursor.rowcount else 0


def _intended(delivery) -> int:
    """Return how many messages have, or had, a committed intent."""
    return delivery.messages.exclude(status__in=["pending", "deferred"]).count()


def test_86_a_database_whose_disk_is_full_stops_the_dots_and_costs_nothing(senders, smtp, shop, full_disk):
    fill, free = full_disk
    delivery = make_going(shop, 400)
    full = threading.Event()  # each dot after the fiftieth waits for its reply until then: some results come later
    smtp.script = lambda phase, _context: (
        Hang(full, accepted=True) if phase == "dot" and len(smtp.accepted) >= 50 else None
    )
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) > 50, "some progress")
    fill()
    full.set()
    wait_for(lambda: list(senders.state.glob("journal/*.jsonl")), "results kept on disk")
    stood, tried = _intended(delivery), _refused()
    wait_for(lambda: _refused() >= tried + 3, "three more trials")
    assert 50 < len(smtp.accepted) <= stood < 400, "no dot but those whose intents stand"
    free()
    wait_for(lambda: _is_over(delivery), "the end")
    code, errors = senders.stop(process)
    assert code == 0, errors
    assert "No space left on device" in errors
    _each_got_one(delivery, smtp)


@pytest.fixture
def slow_commit(shop):
    """Make one COMMIT that brings a message to a status last for a minute."""

    def arm(status: str):
        _run(
            "CREATE SEQUENCE once",
            "CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF nextval('once') = 1 THEN PERFORM pg_sleep(60); END IF; RETURN NULL; END $$",
            "CREATE CONSTRAINT TRIGGER hold_commit AFTER UPDATE ON deliveries_message DEFERRABLE INITIALLY DEFERRED"
            f" FOR EACH ROW WHEN (NEW.status = '{status}') EXECUTE FUNCTION hold_commit()",
        )

    yield arm
    _run(
        "DROP TRIGGER IF EXISTS hold_commit ON deliveries_message",
        "DROP FUNCTION IF EXISTS hold_commit",
        "DROP SEQUENCE IF EXISTS once",
    )


def _kill_the_commit() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event = 'PgSleep' AND query ILIKE 'COMMIT%'"
        )
        return bool(cursor.fetchall())


@pytest.mark.parametrize("status", ["sending", "delivered"])
def test_88_a_connection_killed_in_its_commit_loses_and_doubles_nothing(senders, smtp, shop, slow_commit, status):
    delivery = make_going(shop, 100)
    slow_commit(status)
    process = senders.start()
    wait_for(_kill_the_commit, f"a COMMIT of {status} in flight")
    wait_for(lambda: _is_over(delivery), "the end")
    code, errors = senders.stop(process)
    assert code == 0, errors
    assert "DB_AWAY" in errors
    _each_got_one(delivery, smtp)


def _in_its_commit() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event = 'PgSleep' AND query ILIKE 'COMMIT%'"
        )
        return cursor.fetchone()[0]


def test_what_a_hanging_database_did_not_take_is_kept_when_the_sender_must_stop(senders, smtp, shop, slow_commit):
    delivery = make_going(shop, 5)
    slow_commit("delivered")
    process = senders.start(XMLD_STOP_SECONDS="1")
    wait_for(_in_its_commit, "a COMMIT of results that hangs")
    process.terminate()
    wait_for(lambda: list(senders.state.glob("journal/*.jsonl")), "results kept on disk")
    senders.kill(process)
    wait_for(_kill_the_commit, "the end of that COMMIT")
    forget_workers()  # its range would be taken over a minute later
    senders.start()
    wait_for(lambda: _is_over(delivery), "the end")
    assert statuses(delivery) == {"delivered": 5}
    _each_got_one(delivery, smtp)


@pytest.mark.parametrize("heard", [True, False])
def test_88_whether_the_server_heard_the_commit_or_not_nothing_is_lost_or_doubled(senders, smtp, shop, heard):
    proxy = CuttingProxy(heard=heard)
    given = connection.settings_dict
    address = f"postgresql://{given['USER']}:{quote(given['PASSWORD'])}@127.0.0.1:{proxy.port}/{given['NAME']}"
    delivery = make_going(shop, 300)
    gate = smtp.script = Gate(0)
    process = senders.start(DATABASE_URL=address)
    for step in (1, 2, 3, 4):
        gate.let(40 * step)
        wait_for(lambda step=step: len(smtp.accepted) >= 40 * step, "some progress")
        proxy.cuts = 1
        gate.let(40 * step + 20)
        wait_for(lambda step=step: proxy.done >= step, "a COMMIT that was cut")
    gate.open()
    wait_for(lambda: _is_over(delivery), "the end")
    code, errors = senders.stop(process)
    proxy.close()
    assert code == 0, errors
    _each_got_one(delivery, smtp)


def test_100_a_migration_in_mid_sending_holds_the_dots_and_nothing_falls_into_doubt(senders, smtp, shop):
    delivery = make_going(shop, 300)
    gate = smtp.script = Gate(50)
    process = senders.start()
    wait_for(lambda: len(smtp.accepted) == 50, "some progress")
    intended = "SELECT count(*) FROM deliveries_message WHERE status NOT IN ('pending', 'deferred')"
    with psycopg.connect(database_url()) as other:
        other.execute("ALTER TABLE deliveries_message ADD COLUMN of_tomorrow integer")
        (stood,) = other.execute(intended).fetchone()
        gate.open()
        wait_for(lambda: "DB_AWAY" in senders.said(process), "a wave that waited for the lock in vain")
        assert 50 <= len(smtp.accepted) <= stood < 300, "no further dot but those whose intents stood"
        other.rollback()
    wait_for(lambda: _is_over(delivery), "the end")
    code, errors = senders.stop(process)
    assert code == 0, errors
    _each_got_one(delivery, smtp)
