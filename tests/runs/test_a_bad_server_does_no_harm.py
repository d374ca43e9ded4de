"""RELIABILITY part 4, rows A7-A11, A19, A22, A24, A27-A29, on a server that misbehaves."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries import conf, vault
from deliveries.intake import download, retry, sftp_connect
from deliveries.models import Delivery, ProcessingRun, RunFile, RunStatus, SftpSpace
from tests.runs.bad_server import PASSWORD, BadServer
from tests.runs.conftest import CSV, Client
from tests.runs.rows import rows

BIG = "email,nome,ordine\n" + "".join(f"person{n}@x.example,Person {n},{n}\n" for n in range(5_000))


@pytest.fixture
def bad(tmp_path):
    server = BadServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def client(account, bad):
    space = SftpSpace.objects.create(
        account_id=account["account"],
        name="bad",
        host="127.0.0.1",
        port=bad.port,
        username="demo",
        password=vault.seal(PASSWORD),
        host_key=bad.host_key,
        reports=["xml"],
    )
    return Client(account, bad, space)


def no_parts():
    return not list(conf.spool().rglob("*.part"))


def ended_well(client, count):
    run = client.run()
    assert (run.status, run.error, run.rows_good) == ("SUCCESS", "", count)
    assert rows() == count
    assert Delivery.objects.count() == 1


def test_a_connection_cut_in_the_middle_of_a_file_waits_and_is_mended_by_the_next_poll(client, bad):
    client.bundle(csv=BIG)
    bad.knobs.cut = 3
    client.poll()
    run = client.run()
    assert (run.status, run.code, run.attempts, run.worked_by) == ("LOADING", "SFTP_CUT", 0, "")
    assert client.has("a.ok")
    assert no_parts()
    client.poll()
    ended_well(client, 5_000)


def test_a_server_that_hangs_in_a_file_is_left_when_its_time_is_over(client, bad, monkeypatch):
    monkeypatch.setattr(sftp_connect, "ANSWER_SECONDS", 2)
    client.bundle(csv=BIG)
    bad.knobs.hang = 2
    began = time.monotonic()
    client.poll()
    assert time.monotonic() - began < 30
    assert client.run().code == "SFTP_TIMEOUT"
    assert no_parts()
    client.poll()
    ended_well(client, 5_000)


@pytest.mark.parametrize("knob", ["truncate", "grow", "rewrite"])
def test_a_file_that_changes_three_times_while_it_is_read_is_refused(client, bad, knob):
    client.bundle(csv=BIG)
    setattr(bad.knobs, knob, 2)
    client.poll()
    run = client.run()
    assert (run.status, run.sub_status, run.code) == ("ERROR", "XMLD_CONFIGURATION_ERROR", "SFTP_CHANGED")
    assert "a.csv changed while it was read, 3 times" in client.text("report.a.xml.done")
    assert not client.has("a.ok")
    assert rows() == 0
    assert no_parts()


def test_a_file_that_grows_once_while_it_is_read_is_read_again_whole(client, bad):
    client.bundle(csv=BIG)
    bad.knobs.grow, bad.knobs.times = 2, 1
    client.poll()
    ended_well(client, 5_001)


def test_a_stat_that_lies_and_a_stream_without_end_stop_at_the_limit(client, bad, monkeypatch):
    monkeypatch.setattr(download, "MAX_CSV_BYTES", 1_000_000)
    client.bundle()
    bad.knobs.stat_size, bad.knobs.endless = 100, True
    client.poll()
    assert client.run().code == "FILE_TOO_BIG"
    assert bad.seen.sent < 12_000_000
    assert no_parts()


def test_a_file_of_20_gb_is_refused_from_its_size_and_not_fetched(client, bad):
    client.bundle()
    with (bad.drop / "a.csv").open("r+b") as file:
        file.truncate(20 * 1000**3)
    client.poll()
    assert client.run().code == "FILE_TOO_BIG"
    assert bad.seen.reads == 0


def test_names_that_no_server_should_send_are_shown_escaped_and_never_opened(client, bad):
    evil = [b"../../x.ok", b"nul\0l.ok", "rtl\u202eko.ok".encode(), b"n" * 300 + b".ok", b"\xff\xfe.ok"]
    bad.knobs.names = (*evil, b"../../x.xml", b"../../etc/passwd")
    for _ in range(2):
        client.poll()
    runs = list(ProcessingRun.objects.order_by("id"))
    assert [run.code for run in runs] == ["BAD_REMOTE_NAME"] * 5
    assert not any(bad.seen.opened)
    assert not RunFile.objects.exists()
    assert all(run.semaphore.isprintable() for run in runs)
    bad.knobs.names = ()
    client.bundle()
    client.poll()
    ended_well(client, 3)


def test_a_hundred_thousand_files_are_listed_once_and_the_bundle_among_them_is_worked(client_system, drop):
    for number in range(100_000):
        (drop.drop / f"other{number}.txt").touch()
    client_system.bundle()
    began = time.monotonic()
    client_system.poll()
    assert time.monotonic() - began < 60
    ended_well(client_system, 3)


def test_a_wrong_host_key_gets_no_password_and_a_person_pins_the_new_one(client, bad):
    SftpSpace.objects.update(host_key=sftp_key())
    client.bundle()
    client.poll()
    assert bad.seen.passwords == []
    space = SftpSpace.objects.get()
    assert (space.last_error_code, bool(space.paused_at)) == ("HOST_KEY_CHANGED", True)
    assert "SHA256:" in space.last_error
    SftpSpace.objects.update(host_key=bad.host_key, paused_at=None)
    client.poll()
    ended_well(client, 3)


def sftp_key():
    return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def test_a_wrong_password_pauses_at_the_third_refusal_and_is_not_shown(client, bad):
    SftpSpace.objects.update(password=vault.seal("wrong-secret"))
    for _ in range(3):
        client.poll()
    space = SftpSpace.objects.get()
    assert (space.last_error_code, bool(space.paused_at)) == ("SFTP_AUTH", True)
    assert bad.seen.passwords == ["wrong-secret"] * 3
    assert "wrong-secret" not in space.last_error
    client.poll()
    assert len(bad.seen.passwords) == 3


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


def test_once_a_listing_no_longer_shows_the_stuck_semaphore_the_name_is_a_new_run(client, bad):
    bad.knobs.refused = frozenset({"remove ok"})
    client.bundle()
    client.poll()
    (bad.drop / "a.ok").unlink()
    client.poll()
    assert SftpSpace.objects.get().failing_since is None
    bad.knobs.refused = frozenset()
    bad.put("a.ok")
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
    retry.retry(client.run().pk)
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
    retry.retry(run.pk)
    client.poll()
    run.refresh_from_db()
    assert (run.status, rows(), run.error) == ("RECOVERED", 5_000, "")


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
    retry.retry(client.run().pk)
    client.poll()
    assert (client.run().status, rows()) == (RunStatus.RECOVERED, 5_000)


def test_the_same_name_with_new_content_is_a_new_run(client):
    client.bundle()
    client.poll()
    client.bundle(csv=CSV + "dan@x.example,Dan,4\n")
    client.poll()
    assert list(ProcessingRun.objects.values_list("status", flat=True)) == ["SUCCESS", "SUCCESS"]
