import threading

from django_q.models import OrmQ

from deliveries import clock, tasks
from deliveries.intake import sftp_trial
from deliveries.models import SftpSpace, Worker


def test_a_due_space_is_rung_once(space):
    assert clock.ring() == 1
    assert clock.ring() == 0
    assert OrmQ.objects.count() == 1


def test_a_paused_space_is_not_rung(space):
    SftpSpace.objects.update(paused_at="2026-01-01T00:00Z")
    assert clock.ring() == 0


def test_a_tick_beats_and_asks_the_cluster(space):
    assert clock.Clock(threading.Event()).tick()
    assert Worker.objects.filter(kind="clock").count() == 1
    tasks.heartbeat()
    tasks.heartbeat()
    assert Worker.objects.filter(kind="cluster").count() == 1


def test_the_connection_is_tried_with_a_probe_that_goes(space, drop):
    trial = sftp_trial.run(space)
    assert (trial.problem, trial.pinned, trial.entries) == ("", True, 0)
    assert not list(drop.drop.iterdir())
