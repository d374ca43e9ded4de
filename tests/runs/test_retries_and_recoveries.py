"""Reference 4.1: retry works on the bundle as it was received."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from deliveries.errors import StateConflict
from deliveries.intake.runs import control
from deliveries.models import Delivery, ProcessingRun, RowError, SftpSpace
from recipients.models import Account, Database, Filter, Membership
from tests.runs.rows import rows


def again(client_system):
    run = client_system.run()
    control.retry(run.pk)
    client_system.poll()
    run.refresh_from_db()
    return run


def off(client_system):
    Account.objects.update(xml_delivery=False)
    client_system.bundle()
    client_system.poll()
    Account.objects.update(xml_delivery=True)


@pytest.mark.sentence("1.1-01")
def test_an_account_that_is_off_loads_and_sends_nothing(client_system):
    off(client_system)
    run = client_system.run()
    assert (run.status, run.sub_status) == ("ERROR", "XMLD_CONFIGURATION_ERROR")
    assert run.error == "XML Delivery is not active for this account"
    assert not client_system.has("a.ok")
    assert (rows(), Delivery.objects.count(), run.rows_good) == (0, 0, None)


@pytest.mark.sentence("4.1-03")
@pytest.mark.parametrize("lies_there", ["gone", "other"])
def test_it_works_on_what_was_received_and_not_on_what_lies_there_now(client_system, lies_there):
    off(client_system)
    for name in ("a.xml", "a.csv"):
        if lies_there == "gone":
            (client_system.server.drop / name).unlink()
        else:
            client_system.server.put(name, "email\nsomebody@else.example\n")
    run = again(client_system)
    assert (run.status, run.error, run.rows_good) == ("RECOVERED", "", 3)


@pytest.mark.parametrize("after_run", ["archive", "delete"])
def test_it_works_on_what_was_received_after_the_files_were_settled(client_system, after_run):
    SftpSpace.objects.update(after_run=after_run)
    off(client_system)
    assert not client_system.has("a.csv")
    assert again(client_system).status == "RECOVERED"


@pytest.mark.sentence("4.1-02")
def test_the_first_error_stays_in_the_log(client_system):
    off(client_system)
    run = again(client_system)
    assert run.first_error == "XML Delivery is not active for this account"
    said = [step.sentence() for step in run.transitions.all()]
    assert {run.first_error, "retried: by command"} <= {*said}


@pytest.mark.sentence("1.5-07")
def test_a_run_that_failed_at_its_keys_says_drop_it_again(client_system):
    client_system.bundle()
    client_system.server.put("a.xml", client_system.xml().replace("demo-key", "other"))
    client_system.poll()
    run = client_system.run()
    assert run.error == "authentication failed"
    assert not run.files.filter(role="file").exists()  # keys before any recipients file is fetched
    with pytest.raises(StateConflict, match="drop it again"):
        control.retry(run.pk)


@pytest.mark.sentence("1.5-06")
def test_a_retry_asks_whether_user_and_account_still_may(client_system):
    off(client_system)
    Account.objects.update(xml_delivery=False)
    assert again(client_system).code == "ACCOUNT_INACTIVE"
    Account.objects.update(xml_delivery=True)
    Membership.objects.get().user.__class__.objects.update(is_active=False)
    assert again(client_system).error == "authentication failed"


def test_bad_rows_are_counted_anew_by_a_retry(client_system):
    client_system.bundle(csv="email,nome,ordine\nada@x.example,Ada,1\nbad,B,2\n")
    client_system.poll()
    SftpSpace.objects.update(bad_rows_limit=0.5)
    run = again(client_system)
    assert (run.status, run.rows_good, run.rows_bad, RowError.objects.count()) == ("RECOVERED", 1, 1, 1)


@pytest.mark.sentence("3.3-06")
def test_a_run_that_fails_later_takes_its_rows_and_its_filter_back(client_system):
    nobody = Filter.objects.create(
        database=Database.objects.get(),
        name="nobody",
        conditions=[{"field": "email", "op": "equals", "value": "no@x.example"}],
    )
    client_system.bundle()
    xml = client_system.xml().replace("new_recipients>", "test_recipients>")
    wanted = f"<filter><normal>{nobody.pk}</normal></filter></recipients>"
    client_system.server.put("a.xml", xml.replace("</recipients>", wanted))
    client_system.poll()
    assert client_system.run().code == "NOBODY"
    assert rows() == 0
    assert list(Filter.objects.all()) == [nobody]


def test_what_is_no_run_in_error_can_not_be_retried_released_or_discarded(client_system):
    client_system.bundle()
    client_system.poll()
    run = client_system.run()
    for act in (control.retry, control.release, control.discard):
        with pytest.raises(StateConflict, match=f"run {run.pk} is SUCCESS"):
            act(run.pk)
    assert ProcessingRun.objects.get().status == "SUCCESS"


@pytest.mark.parametrize(("hours", "outcome"), [(-3, "RECOVERED"), (-25, "ERROR")])
def test_a_schedule_is_judged_by_the_day_of_the_retry(client_system, hours, outcome):
    when = timezone.now() + timedelta(hours=hours)
    written = client_system.xml().replace(
        '<delivery method="auto"/>',
        f'<delivery method="auto"><schedule>{when:%Y-%m-%dT%H:%M:%SZ}</schedule></delivery>',
    )
    Account.objects.update(xml_delivery=False)
    client_system.bundle()
    client_system.server.put("a.xml", written)
    client_system.poll()
    ProcessingRun.objects.update(started_at=timezone.now() - timedelta(days=3))  # then it lay ahead
    Account.objects.update(xml_delivery=True)
    run = again(client_system)
    assert run.status == outcome, run.error
    assert any(said in " ".join([run.error, *run.warnings]) for said in ("is past: sent at once", "in the past"))


def test_it_works_after_the_state_folder_was_moved(client_system, settings, tmp_path):
    off(client_system)
    shutil.copytree(settings.STATE_DIR / "spool", tmp_path / "spool")
    settings.STATE_DIR = tmp_path
    assert again(client_system).status == "RECOVERED"


def test_the_bad_rows_of_an_earlier_attempt_do_not_lie_beside_a_good_report(client_system):
    client_system.bundle(csv="email\nada@x.example\nnobody\n")
    client_system.poll()
    assert client_system.has("rows.a.xml.csv")
    SftpSpace.objects.update(bad_rows_limit=1.0)
    assert again(client_system).status == "RECOVERED"
    assert client_system.has("rows.a.xml.csv")
    client_system.bundle("b", csv="email\nada@x.example\nnobody\n")
    SftpSpace.objects.update(bad_rows_limit=0.1)
    client_system.poll()
    run = client_system.run()
    kept = run.files.get(role="file").place
    kept.write_bytes(kept.read_bytes().replace(b"nobody\n", b""))
    assert again(client_system).status == "RECOVERED"
    assert not client_system.has("rows.b.xml.csv")
