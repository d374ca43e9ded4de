"""Reference 1, on a server that misbehaves."""

import errno
import time
from pathlib import Path

import pytest
from django.utils import timezone

from deliveries import conf, vault
from deliveries.intake.polling import space_health
from deliveries.intake.runs import spool
from deliveries.intake.sftp import connect
from deliveries.models import ProcessingRun, RunFile, SftpSpace
from tests.runs.conftest import CSV
from tests.runs.rows import BIG, ended_well, rows


def no_parts():
    return not list(conf.spool().rglob("*.part"))


def sftp_key():
    return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.sentence("1.3-09", "1.3-17")
def test_a_connection_cut_in_the_middle_of_a_file_waits_and_is_mended_by_the_next_poll(client, bad):
    client.bundle(csv=BIG)
    bad.knobs.cut = 3
    client.poll()
    run = client.run()
    assert (run.status, run.code, run.crashes, run.worked_by) == ("LOADING", "SFTP_CUT", 0, "")
    assert client.has("a.ok")
    assert no_parts()
    client.poll()
    ended_well(client, 5_000)


def test_a_server_that_hangs_in_a_file_is_left_when_its_time_is_over(client, bad, monkeypatch):
    longest = connect.ANSWER_SECONDS
    client.bundle(csv=BIG)
    bad.knobs.hang = 2
    began = time.monotonic()
    with monkeypatch.context() as patched:
        patched.setattr(connect, "ANSWER_SECONDS", 4)
        client.poll()
    assert time.monotonic() - began < longest, "not as long as a server is waited for otherwise"
    assert client.run().code == "SFTP_TIMEOUT"
    assert no_parts()
    client.poll()
    ended_well(client, 5_000)


@pytest.mark.sentence("1.4-04")
@pytest.mark.parametrize("knob", ["truncate", "grow", "rewrite"])
def test_a_file_that_changes_three_times_while_it_is_read_is_refused(client, bad, knob):
    client.bundle(csv=BIG)
    setattr(bad.knobs, knob, 2)
    client.poll()
    run = client.run()
    assert (run.status, run.sub_status, run.code) == ("ERROR", "XMLD_CONFIGURATION_ERROR", "SFTP_CHANGED")
    assert "a.csv changed while it was read, 3 times" in client.text("report.a.xml.done")
    assert sum(name.endswith(b"a.csv") for name in bad.seen.opened) == 3
    assert not client.has("a.ok")
    assert rows() == 0
    assert no_parts()


@pytest.mark.sentence("1.4-04")
def test_a_file_that_grows_once_while_it_is_read_is_read_again_whole(client, bad):
    client.bundle(csv=BIG)
    bad.knobs.grow, bad.knobs.times = 2, 1
    client.poll()
    ended_well(client, 5_001)


@pytest.mark.parametrize("name", ["a.xml", "a.csv"])
def test_a_file_that_goes_after_the_listing_ends_the_run_at_once(client, bad, name):
    client.bundle()
    (bad.drop / name).unlink()
    bad.knobs.names = (name.encode(),)
    client.poll()
    run = client.run()
    assert (run.status, run.sub_status, run.code) == ("ERROR", "XMLD_CONFIGURATION_ERROR", "REF_MISSING")
    assert run.error.startswith(f"{name} was there and is gone")
    assert not client.has("a.ok")
    assert client.has("report.a.xml.done")


def test_a_stat_that_lies_and_a_stream_without_end_stop_at_the_limit(client, bad, monkeypatch):
    monkeypatch.setattr(spool, "MAX_CSV_BYTES", 1_000_000)
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


@pytest.mark.sentence("1.2-09")
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
    began = time.process_time()  # other processes of this machine do not count
    client_system.poll()
    assert time.process_time() - began < 30
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


def test_the_same_name_with_new_content_is_a_new_run(client):
    client.bundle()
    client.poll()
    client.bundle(csv=CSV + "dan@x.example,Dan,4\n")
    client.poll()
    assert list(ProcessingRun.objects.values_list("status", flat=True)) == ["SUCCESS", "SUCCESS"]


def test_a_poll_that_fails_does_not_undo_a_pause_that_somebody_made_meanwhile(client, monkeypatch):
    SftpSpace.objects.update(port=1)
    real = space_health.began

    def paused_meanwhile(space):
        real(space)
        SftpSpace.objects.update(paused_at=timezone.now())

    monkeypatch.setattr(space_health, "began", paused_meanwhile)
    client.poll()
    space = SftpSpace.objects.get()
    assert space.failing_since
    assert space.paused_at


def test_a_secret_sealed_under_another_data_key_is_said_on_the_space(client, settings):
    settings.DATA_KEY = "another key than the one that sealed it"
    client.poll()
    space = SftpSpace.objects.get()
    assert space.last_error_code == "DATA_KEY"
    assert "restore XMLD_DATA_KEY" in space.last_error
    assert space.failing_since


@pytest.mark.parametrize("step", ["mkdir", "replace"])
def test_a_full_disk_is_waited_for_and_is_no_crash_of_the_run(client, monkeypatch, step):
    real = getattr(Path, step)

    def full(path, *given, **named):
        # `replace` puts the received file, then its masked copy, in its place: the second meets the full disk
        met.append(path)
        if conf.spool() in path.parents and (step == "mkdir" or len(met) > 1):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, *given, **named)

    met = []
    client.bundle()
    with monkeypatch.context() as patched:
        patched.setattr(Path, step, full)
        for _ in range(4):
            client.poll()
            ProcessingRun.objects.update(resume_at=None)
    run = client.run()
    assert (run.status, run.code, run.crashes) == ("LOADING", "DISK_SPOOL", 0)
    client.poll()
    ended_well(client, 3)


def test_a_directory_that_is_not_there_is_said_with_what_to_do_and_once(client):
    SftpSpace.objects.update(directory="/gone")
    client.poll()
    assert SftpSpace.objects.get().last_error == (
        "listing /gone: is not there: make the directory, let the SFTP user list it, or correct the space's"
    )
