"""Reference 4.1: a worker is killed or stopped at each step of a run."""

from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from django_q.models import OrmQ

from deliveries.intake.leases import lease
from deliveries.intake.runs import control
from deliveries.models import Delivery, ProcessingRun, SftpSpace, SubStatus
from tests.runs.halting import WAITING, gone
from tests.runs.nursery import Nursery
from tests.runs.rows import rows
from tests.waiting import wait_for

CRASHED = "this run crashed three times and is set aside: have the log read, then retry it"
STEPS = [
    "SEMAPHORE_FOUND",
    "XML_CONFIGURATION_FILE_FOUND",
    "DOWNLOAD_XML_COMPLETED",
    "USER_REQUESTING",
    "DOWNLOAD_CSV_ZIP_COMPLETED",
    "SEMAPHORE_DELETED",
    "RECIPIENTS_UPLOAD_STARTED",
    "RECIPIENTS_ADDED",
    "RECIPIENTS_UPLOAD_FINISHED",
    "DELIVERY_CONTENT",
    "DELIVERY_FINISHED",
]


def killed_at(step, nursery, halt, space):
    """Let a worker come to a step, kill it before it commits that, and free its lease as the clock does."""
    halt.at(step)
    worker = nursery.poll(space)
    wait_for(halt.waiting, "a worker at the step")
    worker.kill()
    wait_for(lambda: gone(worker), "the end of the worker")
    halt.end()
    assert lease.free_the_dead() == 1


def end_the_waiting():
    """End the session that waits at the step, as the server does once it is idle in its transaction for long."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("30s",)
        cursor.execute(f"SELECT pid, pg_cancel_backend(pid) FROM {WAITING}")
        ((pid, told),) = cursor.fetchall()
        assert told
        end = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid = %s AND state LIKE 'idle in transaction%%'"
        )
        wait_for(lambda: (cursor.execute(end, [pid]), cursor.fetchall())[1] == [(True,)], "its statement's end")


def ended_well(client_system):
    run = client_system.run()
    assert (run.status, run.error, run.rows_good, run.rows_bad) == ("SUCCESS", "", 3, 0)
    assert ProcessingRun.objects.count() == Delivery.objects.count() == 1
    assert rows() == 3
    assert OrmQ.objects.count() == 1
    assert not client_system.has("a.ok")
    assert client_system.text("report.a.xml.done") == client_system.text("report.a.xml")


@pytest.mark.sentence("1.3-16")
@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_before_a_step_is_committed_leaves_a_run_that_ends_once(step, client_system, nursery, halt):
    client_system.bundle()
    killed_at(step, nursery, halt, client_system.space)
    client_system.poll()
    client_system.poll()
    ended_well(client_system)


def test_the_third_crash_of_a_run_sets_it_aside_and_the_next_bundle_goes_on(client_system, nursery, halt):
    SftpSpace.objects.update(reports=["xml", "email"], notify=["it@x.example"])
    client_system.bundle()
    for _ in range(3):
        killed_at("RECIPIENTS_UPLOAD_FINISHED", nursery, halt, client_system.space)
        ProcessingRun.objects.update(rows_good=None, rows_so_far=0)
    client_system.bundle("b", csv="email,nome\nzed@x.example,Zed\n")
    client_system.poll()
    first, second = ProcessingRun.objects.order_by("id")
    assert (first.status, first.sub_status, first.crashes) == ("ERROR", "QUARANTINED", 3)
    assert first.error == CRASHED
    assert CRASHED in client_system.text("report.a.xml.done")
    assert (second.status, second.error) == ("SUCCESS", "")
    assert rows() == 1
    assert OrmQ.objects.count() == 3  # a start, and two summaries


def test_a_cluster_that_is_killed_whole_is_not_held_against_the_run(client_system, halt):
    client_system.bundle()
    for _ in range(4):
        nursery = Nursery()
        halt.at("RECIPIENTS_UPLOAD_FINISHED")
        nursery.poll(client_system.space)
        wait_for(halt.waiting, "a worker at the step")
        nursery.stop()
        wait_for(lease.free_the_dead, "a dead owner")
        halt.end()
    run = client_system.run()
    assert (run.status, run.crashes, run.interruptions) == ("LOADING", 0, 3)
    client_system.poll()
    ended_well(client_system)


def test_ten_deaths_without_a_step_set_a_run_aside_whoever_died(client_system):
    client_system.bundle()
    client_system.poll()
    Delivery.objects.all().delete()
    ProcessingRun.objects.update(
        status="LOADING",
        sub_status="RECIPIENTS_ADDED",
        ended_at=None,
        delivery=None,
        interruptions=9,
        worked_by="gone:1 0/1",
    )
    client_system.poll()
    assert client_system.run().sub_status == SubStatus.QUARANTINED
    assert "cut short ten times" in client_system.run().error


@pytest.mark.parametrize("step", ["DOWNLOAD_CSV_ZIP_COMPLETED", "RECIPIENTS_ADDED", "DELIVERY_FINISHED"])
def test_a_worker_stopped_longer_than_its_lease_wakes_and_writes_nothing(step, client_system, nursery, halt):
    client_system.bundle()
    halt.at(step)
    worker = nursery.poll(client_system.space)
    wait_for(halt.waiting, "a worker at the step")
    worker.suspend()
    SftpSpace.objects.update(lease_until="2026-01-01T00:00Z")  # as its lease lapses
    end_the_waiting()
    halt.end()
    client_system.poll()
    worker.resume()
    wait_for(lambda: gone(worker), "the end of the worker")
    ended_well(client_system)
    assert client_system.run().crashes == 0


def cut_off_at(step, client_system, nursery, halt):
    """Cut a worker's connection to the database while it commits this step, and wait for its end."""
    halt.at(step)
    worker = nursery.poll(client_system.space)
    wait_for(halt.waiting, "a worker at the step")
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM {WAITING}")
    halt.end()
    wait_for(lambda: gone(worker), "the end of the worker")


@pytest.mark.sentence("1.3-19", "4.1-10")
def test_half_an_hour_without_the_database_ends_the_run_and_a_retry_mends_it(client_system, nursery, halt):
    client_system.bundle()
    for status in ("LOADING", "ERROR"):
        ProcessingRun.objects.update(waiting_since=timezone.now() - timedelta(minutes=31))
        cut_off_at("RECIPIENTS_ADDED", client_system, nursery, halt)
        run = client_system.run()
        assert (run.status, run.code) == (status, "DATABASE_AWAY")
    assert (run.sub_status, rows()) == ("SERVER_COMMUNICATION_ERROR", 0)
    assert "retry the run" in client_system.text("report.a.xml.done")
    control.retry(run.pk)
    client_system.poll()
    assert (client_system.run().status, rows()) == ("RECOVERED", 3)


@pytest.mark.sentence("1.3-18")
def test_a_worker_whose_database_is_cut_off_puts_the_run_down_and_that_is_no_crash(client_system, nursery, halt):
    client_system.bundle()
    for step in ("SEMAPHORE_DELETED", "RECIPIENTS_ADDED", "RECIPIENTS_UPLOAD_FINISHED", "DELIVERY_FINISHED"):
        cut_off_at(step, client_system, nursery, halt)
        run = client_system.run()
        assert (run.status, run.code, run.crashes, run.interruptions) == ("LOADING", "DATABASE_AWAY", 0, 0)
        assert SftpSpace.objects.get().lease_until is None
    client_system.poll()
    ended_well(client_system)


@pytest.mark.sentence("1.3-04")
def test_two_pollers_at_once_do_nothing_twice(client_system, nursery, halt):
    client_system.bundle()
    halt.at("RECIPIENTS_ADDED")
    first = nursery.poll(client_system.space)
    wait_for(halt.waiting, "a worker at the step")
    assert f":{first.pid} until" in client_system.poll()
    second = nursery.poll(client_system.space)
    wait_for(lambda: gone(second), "the end of the worker")
    halt.end()
    wait_for(lambda: gone(first), "the end of the worker")
    ended_well(client_system)
