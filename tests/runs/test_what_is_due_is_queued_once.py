import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import clock, tasks
from deliveries.intake.sftp import connection_test
from deliveries.models import SftpSpace, Worker


def test_a_due_space_is_queued_once(space):
    assert clock.enqueue_due() == 1
    assert clock.enqueue_due() == 0
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_98_what_a_clock_planned_before_it_jumped_an_hour_is_queued_at_once_and_once(space, hours):
    jump = timedelta(hours=hours)
    there = timezone.now() + jump
    SftpSpace.objects.update(next_poll_at=there + timedelta(seconds=30), queued_at=there)
    assert clock.enqueue_due() == 1
    assert clock.enqueue_due() == 0


def test_a_space_that_backs_off_is_left_alone_for_its_quarter_of_an_hour(space):
    SftpSpace.objects.update(next_poll_at=timezone.now() + timedelta(minutes=15))
    assert clock.enqueue_due() == 0


def test_a_paused_space_is_not_queued(space):
    SftpSpace.objects.update(paused_at="2026-01-01T00:00Z")
    assert clock.enqueue_due() == 0


def test_a_tick_beats_and_asks_the_cluster(space):
    assert clock.Clock(threading.Event()).tick()
    assert Worker.objects.filter(kind="clock").count() == 1
    tasks.heartbeat()
    tasks.heartbeat()
    assert Worker.objects.filter(kind="cluster").count() == 1


def test_the_clock_that_beat_first_works_until_it_is_silent_for_five_seconds(space):
    older = Worker.objects.create(kind="clock", host="elsewhere", pid=1, heartbeat_at=timezone.now())
    waiting = clock.Clock(threading.Event())
    assert not waiting.tick()
    Worker.objects.filter(pk=older.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=6))
    assert waiting.tick()
    Worker.objects.filter(pk=older.pk).update(heartbeat_at=timezone.now())  # it was stopped, and wakes
    assert not waiting.tick()
    Worker.objects.filter(pk=older.pk).update(heartbeat_at=timezone.now(), ended_at=timezone.now())
    assert waiting.tick()
    Worker.objects.filter(pk=older.pk).update(heartbeat_at=timezone.now() + timedelta(hours=1), ended_at=None)
    assert waiting.tick()  # the database's clock went back


def test_the_connection_is_tried_with_a_probe_that_goes(space, drop):
    tested = connection_test.run(space)
    assert (tested.problem, tested.pinned, tested.entries) == ("", True, 0)
    assert not list(drop.drop.iterdir())
