from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from deliveries.errors import StateConflict
from deliveries.intake.leases import lease
from deliveries.intake.runs import control
from deliveries.models import Delivery, ProcessingRun, RowError, SftpSpace
from recipients import locks
from recipients.models import Account, Database, Filter


def rows(database):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM recipients_data.db_{database.pk}")
        return cursor.fetchone()[0]


def failed(client_system, code, sub_status="XMLD_CONFIGURATION_ERROR"):
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.sub_status, run.code) == ("ERROR", sub_status, code), run.error
    assert Delivery.objects.count() == 0
    assert rows(Database.objects.get()) == 0
    assert not client_system.has(run.semaphore)
    assert client_system.has(f"report.{run.file}.done")
    client_system.poll()
    assert ProcessingRun.objects.count() == 1
    return run


@pytest.mark.sentence("1.3-08", "1.4-01")
def test_a_semaphore_without_its_xml_is_an_error_at_once(client_system):
    client_system.server.put("a.ok")
    assert "a.xml" in failed(client_system, "BND_NO_XML").error


@pytest.mark.sentence("1.3-08", "1.4-02", "4.1-09")
def test_a_missing_csv_is_an_error_that_names_it(client_system):
    client_system.bundle()
    (client_system.server.drop / "a.csv").unlink()
    assert "a.csv" in failed(client_system, "REF_MISSING").error


def test_a_wrong_key_is_an_error_and_can_not_be_retried(client_system):
    client_system.bundle()
    client_system.server.put("a.xml", client_system.xml().replace("demo-key", "other"))
    run = failed(client_system, "AUTH_FAILED")
    with pytest.raises(StateConflict, match="drop it again"):
        control.retry(run.pk)


def test_an_account_that_is_not_active_gets_its_sentence(client_system):
    Account.objects.update(xml_delivery=False)
    client_system.bundle()
    assert "XML Delivery is not active" in failed(client_system, "ACCOUNT_INACTIVE").error


@pytest.mark.sentence("3.2-39", "3.2-40")
def test_too_many_bad_rows_load_nothing_and_are_listed_on_the_space(client_system):
    client_system.bundle(csv="email,nome,ordine\nada@x.example,Ada,1\nbad,B,2\nc@x.example,C,three\n")
    failed(client_system, "CSV_TOO_MANY_ERRORS")
    assert RowError.objects.count() == 2
    assert "three" in client_system.text("rows.a.xml.csv")
    assert Filter.objects.count() == 0


def test_twins_in_letter_case_are_refused(client_system):
    client_system.bundle()
    client_system.server.put("A.CSV", "x")
    failed(client_system, "AMBIGUOUS_NAMES")


def test_a_link_is_not_an_ordinary_file(client_system):
    client_system.bundle()
    (client_system.server.drop / "a.csv").unlink()
    (client_system.server.drop / "a.csv").symlink_to("/etc/passwd")
    failed(client_system, "NOT_REGULAR_FILE")


def test_a_semaphore_of_a_bad_name_is_one_run_in_error(client_system):
    client_system.server.put("a;b.ok")
    client_system.poll()
    client_system.poll()
    run = ProcessingRun.objects.get()
    assert (run.status, run.code) == ("ERROR", "BAD_REMOTE_NAME")
    assert not client_system.has("a;b.ok")


@pytest.mark.sentence("1.4-03")
def test_a_bundle_in_error_does_not_stop_the_next(client_system):
    client_system.server.put("a.ok")
    client_system.bundle("b")
    client_system.poll()
    assert set(ProcessingRun.objects.values_list("status", flat=True)) == {"ERROR", "SUCCESS"}


def test_the_same_content_again_is_held_and_released_by_an_operator(client_system):
    client_system.bundle()
    client_system.poll()
    client_system.bundle()
    client_system.poll()
    held, first = client_system.run(), ProcessingRun.objects.earliest("id")
    assert (held.status, held.sub_status) == ("LOADING", "DUPLICATE_HELD")
    assert f"same content as run {first.pk}, held for an operator" in client_system.text("report.a.xml.done")
    assert Delivery.objects.count() == 1
    control.release(held.pk)
    client_system.poll()
    held.refresh_from_db()
    assert (held.status, held.error) == ("SUCCESS", "")
    assert "held" not in client_system.text("report.a.xml.done")


def test_a_held_run_can_be_discarded(client_system):
    for _ in range(2):
        client_system.bundle()
        client_system.poll()
    held = client_system.run()
    control.discard(held.pk)
    held.refresh_from_db()
    assert (held.status, held.sub_status) == ("ERROR", "DISCARDED")
    with pytest.raises(StateConflict):
        control.release(held.pk)


@pytest.mark.sentence("3.4-04")
def test_a_locked_database_is_said_in_the_words_that_clients_know(client_system):
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timedelta(minutes=5))
    client_system.bundle()
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.error) == ("ERROR", f"Userdb is locked {database.pk}")


@pytest.mark.sentence("4.1-11", "1.3-06")
def test_retry_waits_for_the_lock_and_lets_the_next_pass(client_system):
    database = Database.objects.get()
    locks.acquire(database.pk, "an import", timedelta(minutes=5))
    client_system.bundle(retry="<retry/>")
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.sub_status, run.crashes) == ("LOADING", "LOCK_WAIT", 0)
    locks.release(database.pk, "an import")
    ProcessingRun.objects.update(resume_at=timezone.now())
    client_system.poll()
    run.refresh_from_db()
    assert run.status == "SUCCESS", run.error


@pytest.mark.sentence("4.1-02")
def test_a_retry_that_ends_well_is_recovered(client_system):
    Account.objects.update(xml_delivery=False)
    client_system.bundle()
    client_system.poll()
    Account.objects.update(xml_delivery=True)
    run = client_system.run()
    control.retry(run.pk)
    client_system.poll()
    run.refresh_from_db()
    assert (run.status, run.error) == ("RECOVERED", ""), run.error
    assert "not active" in run.first_error


def test_a_changed_host_key_pauses_the_space(client_system, tmp_path):
    SftpSpace.objects.update(
        host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )
    client_system.bundle()
    client_system.poll()
    space = SftpSpace.objects.get()
    assert space.last_error_code == "HOST_KEY_CHANGED"
    assert space.paused_at is not None


def test_refused_log_ins_pause_the_space_at_the_third(client_system):
    SftpSpace.objects.update(username="nobody-here")
    for paused in (False, False, True):
        client_system.poll()
        space = SftpSpace.objects.get()
        assert space.last_error_code == "SFTP_AUTH"
        assert bool(space.paused_at) is paused


def test_a_server_that_is_down_backs_off(client_system):
    SftpSpace.objects.update(port=1)
    began = timezone.now()
    client_system.poll()
    space = SftpSpace.objects.get()
    assert space.last_error_code == "SFTP_CONNECT"
    assert space.next_poll_at > began + timedelta(seconds=50)


def test_a_run_of_a_dead_poller_is_taken_up_and_loads_once(client_system):
    client_system.bundle()
    client_system.poll()
    run = client_system.run()
    Delivery.objects.all().delete()
    ProcessingRun.objects.update(status="LOADING", sub_status="RECIPIENTS_ADDED", ended_at=None, delivery=None)
    client_system.poll()
    run.refresh_from_db()
    assert run.status == "SUCCESS"
    assert rows(Database.objects.get()) == 3


@pytest.mark.sentence("4.1-11")
def test_the_third_crash_quarantines(client_system):
    client_system.bundle()
    client_system.poll()
    Delivery.objects.all().delete()
    ProcessingRun.objects.update(
        status="LOADING", sub_status="RECIPIENTS_ADDED", ended_at=None, crashes=3, delivery=None
    )
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.sub_status) == ("ERROR", "QUARANTINED")
    assert rows(Database.objects.get()) == 0


@pytest.mark.sentence("1.3-04")
def test_a_leased_space_is_left_to_who_has_it(client_system):
    client_system.bundle()
    with lease.held(client_system.space.pk):
        assert "leased by" in client_system.poll()
    assert ProcessingRun.objects.count() == 0


@pytest.mark.sentence("1.3-04")
def test_the_next_bundle_of_a_space_waits_for_the_end_of_the_one_before(client_system):
    for stem in "ab":
        client_system.bundle(stem, csv=f"email,nome\n{stem}@x.example,{stem}\n")
    client_system.poll()
    first, second = ProcessingRun.objects.order_by("id")
    assert (first.status, second.status) == ("SUCCESS", "SUCCESS")
    assert first.transitions.latest("id").sub_status == "DELIVERY_FINISHED"
    assert first.ended_at <= second.transitions.earliest("id").started_at


@pytest.mark.sentence("1.5-03")
def test_archive_moves_the_files_under_the_day(client_system):
    SftpSpace.objects.update(after_run="archive")
    client_system.bundle()
    client_system.poll()
    run = client_system.run()
    assert not client_system.has("a.csv")
    moved = {str(path.relative_to(client_system.server.drop)) for path in client_system.server.drop.rglob("*a.*")}
    day = f"{timezone.localtime(run.started_at, run.account.zone):%Y-%m-%d}"
    assert {f"archive/{day}/{run.pk}-a.csv", f"archive/{day}/{run.pk}-a.xml"} <= moved
