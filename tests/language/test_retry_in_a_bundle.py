"""Reference 2.2: `retry`, when the database is locked, over a real SFTP server."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries import clock, conf
from deliveries.intake.polling import entry
from deliveries.models import Delivery, ProcessingRun, SftpSpace
from recipients import locks
from recipients.models import Database
from tests.language.writing import NEW
from xmld_project import environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def locked(demo):
    locks.acquire(demo.customers.pk, "somebody", timedelta(hours=48))
    return demo


@pytest.mark.sentence("2.2-02")
def test_with_retry_a_run_tries_again_every_5_seconds_until_the_lock_is_free(locked, ran, space):
    before = timezone.now()
    run = ran(recipients="<retry/>" + NEW)
    assert (run.status, run.sub_status) == ("LOADING", "LOCK_WAIT")
    assert timedelta(seconds=5) == conf.LOCK_RETRY
    assert before + conf.LOCK_RETRY <= run.resume_at <= timezone.now() + conf.LOCK_RETRY
    ProcessingRun.objects.update(resume_at=timezone.now() + timedelta(seconds=50))
    SftpSpace.objects.update(next_poll_at=timezone.now() + timedelta(minutes=10))  # its own turn is another matter
    assert clock.enqueue_due() == 0  # not before its time
    ProcessingRun.objects.update(resume_at=timezone.now())
    assert clock.enqueue_due() >= 1
    entry.resume(run.pk)
    run.refresh_from_db()
    assert (run.sub_status, Delivery.objects.count()) == ("LOCK_WAIT", 0)
    locks.release(locked.customers.pk, "somebody")
    entry.resume(run.pk)
    run.refresh_from_db()
    assert (run.status, run.rows_good) == ("SUCCESS", 1)


@pytest.mark.sentence("2.2-04")
def test_without_retry_a_locked_database_fails_the_run(locked, ran):
    run = ran()
    assert (run.status, run.error) == ("ERROR", f"Userdb is locked {locked.customers.pk}")


@pytest.mark.sentence("2.2-03")
@pytest.mark.parametrize(("hours", "status"), [(23.9, "LOADING"), (24.1, "ERROR")])
def test_a_run_waits_for_the_lock_at_most_24_hours(locked, ran, hours, status):
    run = ran(recipients="<retry/>" + NEW)
    ProcessingRun.objects.update(waiting_since=timezone.now() - timedelta(hours=hours), resume_at=timezone.now())
    entry.resume(run.pk)
    run.refresh_from_db()
    assert run.status == status
    assert Database.objects.get(pk=locked.customers.pk).locked_by == "somebody"


SAID = "import django; django.setup(); from deliveries import conf; print(conf.lock_retry_longest())"


@pytest.mark.sentence("2.2-03")
@pytest.mark.parametrize(
    ("given", "longest"), [({}, "1 day, 0:00:00"), ({"XMLD_LOCK_RETRY_HOURS": "2"}, "2:00:00")]
)
def test_how_long_a_run_waits_is_a_setting(given, longest):
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "xmld_project.settings", **given}
    done = subprocess.run([sys.executable, "-c", SAID], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == longest


@pytest.mark.parametrize("hours", ["0", "169", "a day"])
def test_a_wait_that_is_none_stops_the_start(hours):
    with pytest.raises(environment.EnvironmentFault, match="whole number from 1 to 168"):
        environment.read({"XMLD_LOCK_RETRY_HOURS": hours})


def test_a_shorter_wait_is_over_sooner(locked, ran, monkeypatch):
    monkeypatch.setattr(conf, "lock_retry_longest", lambda: timedelta(hours=2))
    run = ran(recipients="<retry/>" + NEW)
    ProcessingRun.objects.update(waiting_since=timezone.now() - timedelta(hours=2.1), resume_at=timezone.now())
    entry.resume(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == ("ERROR", f"Userdb is locked {locked.customers.pk}")
