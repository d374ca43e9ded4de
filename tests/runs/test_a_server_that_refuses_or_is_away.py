"""Reference 1: what may not be removed or written, half an hour of trouble."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.intake.runs import control
from deliveries.models import Delivery, ProcessingRun, RunStatus, SftpSpace
from tests.runs.rows import BIG, ended_well, rows


def test_an_old_report_that_can_not_be_removed_does_not_hide_the_sentence_of_the_semaphore(client, bad):
    client.bundle()
    client.poll()
    client.bundle(csv="email\ndan@x.example\n")
    bad.knobs.refused = frozenset({"remove ok", "remove", "write", "rename"})
    client.poll()
    assert client.run().error == "a.ok can't be deleted: give the SFTP user write permission"


@pytest.mark.sentence("1.3-12", "1.3-13", "1.3-14", "4.1-10")
def test_a_semaphore_that_can_not_be_removed_loads_nothing_and_makes_one_run(client, bad):
    bad.knobs.refused = frozenset({"remove ok"})
    client.bundle()
    for _ in range(3):
        client.poll()
    run = ProcessingRun.objects.get()
    assert (run.status, run.sub_status) == ("ERROR", "SERVER_COMMUNICATION_ERROR")
    assert run.error == "a.ok can't be deleted: give the SFTP user write permission"
    assert rows() == 0
    assert Delivery.objects.count() == 0
    space = SftpSpace.objects.get()
    assert (space.last_error_code, bool(space.failing_since)) == ("SEMAPHORE_DENIED", True)


@pytest.mark.sentence("1.3-15")
def test_once_a_listing_no_longer_shows_the_stuck_semaphore_the_name_is_a_new_run(client, bad):
    bad.knobs.refused = frozenset({"remove ok"})
    client.bundle()
    when = ((bad.drop / "a.ok").stat().st_mtime_ns,) * 2
    client.poll()
    (bad.drop / "a.ok").unlink()
    client.poll()
    assert SftpSpace.objects.get().failing_since is None
    bad.knobs.refused = frozenset()
    bad.put("a.ok")
    os.utime(bad.drop / "a.ok", ns=when)
    client.poll()
    assert ProcessingRun.objects.count() == 2
    ended_well(client, 3)


def test_a_stuck_semaphore_is_removed_as_soon_as_that_is_allowed_and_a_retry_mends_the_run(client, bad):
    bad.knobs.refused = frozenset({"remove ok"})
    client.bundle()
    client.poll()
    bad.knobs.refused = frozenset()
    client.poll()
    assert not client.has("a.ok")
    assert ProcessingRun.objects.count() == 1
    control.retry(client.run().pk)
    client.poll()
    assert client.run().status == "RECOVERED"
    assert rows() == 3


def test_files_that_can_not_be_archived_are_a_warning_and_not_worked_again(client, bad):
    SftpSpace.objects.update(after_run="archive")
    bad.knobs.refused = frozenset({"mkdir"})
    client.bundle()
    for _ in range(2):
        client.poll()
    ended_well(client, 3)
    assert [warning.partition(":")[0] for warning in client.run().warnings] == ["ARCHIVE_DENIED"]
    assert client.has("a.csv")


def test_a_report_that_can_not_be_written_shows_on_the_space_until_it_is(client, bad):
    bad.knobs.refused = frozenset({"write"})
    client.bundle()
    client.poll()
    ended_well(client, 3)
    client.poll()
    assert SftpSpace.objects.get().last_error_code == "REPORT_DENIED"
    bad.knobs.refused = frozenset()
    client.poll()
    client.poll()
    assert client.has("report.a.xml.done")
    assert SftpSpace.objects.get().last_error_code == ""


@pytest.mark.sentence("1.3-19", "4.1-10")
def test_half_an_hour_of_trouble_ends_the_run_and_a_retry_mends_it(client, bad):
    client.bundle(csv=BIG)
    bad.knobs.cut = 3
    client.poll()
    ProcessingRun.objects.update(waiting_since=timezone.now() - timedelta(minutes=31))
    bad.seen.reads = 0
    client.poll()
    run = client.run()
    assert (run.status, run.sub_status, run.code) == ("ERROR", "SERVER_COMMUNICATION_ERROR", "SFTP_CUT")
    assert rows() == 0
    control.retry(run.pk)
    client.poll()
    run.refresh_from_db()
    assert (run.status, rows(), run.error) == ("RECOVERED", 5_000, "")


@pytest.mark.sentence("1.3-19")
def test_half_an_hour_without_a_server_ends_its_runs_and_a_retry_mends_them(client, bad):
    client.bundle(csv=BIG)
    bad.knobs.cut = 3
    client.poll()
    ProcessingRun.objects.update(waiting_since=timezone.now() - timedelta(minutes=31))
    SftpSpace.objects.update(port=1)
    client.poll()
    assert client.run().sub_status == "SERVER_COMMUNICATION_ERROR"
    SftpSpace.objects.update(port=bad.port)
    client.poll()
    assert not client.has("a.ok")
    assert client.has("report.a.xml.done")
    control.retry(client.run().pk)
    client.poll()
    assert (client.run().status, rows()) == (RunStatus.RECOVERED, 5_000)
