from pathlib import Path

import pytest

from deliveries.models import Delivery, ProcessingRun, RunFile


@pytest.mark.sentence("1.2-01", "4.1-01", "4.1-04")
def test_a_bundle_ends_in_success_with_its_delivery_queued(client_system):
    client_system.bundle()
    line = client_system.poll()
    run = client_system.run()
    assert run is not None, line
    assert (run.status, run.sub_status, run.error) == ("SUCCESS", "DELIVERY_FINISHED", "")
    assert (run.rows_good, run.rows_bad) == (3, 0)
    assert Delivery.objects.get(pk=run.delivery_id).status == "scheduled"
    assert [step.sub_status for step in run.transitions.order_by("id")] == [
        "SEMAPHORE_FOUND",
        "XML_CONFIGURATION_FILE_FOUND",
        "DOWNLOAD_XML_COMPLETED",
        "USER_REQUESTING",
        "DOWNLOAD_CSV_ZIP_COMPLETED",
        "SEMAPHORE_DELETED",
        "RECIPIENTS_UPLOAD_STARTED",
        "RECIPIENTS_ADDED",
        "RECIPIENTS_UPLOAD_FINISHED",
        "QUALIFIER_ID",
        "DELIVERY_CONTENT",
        "DELIVERY_ID",
        "DELIVERY_STARTED",
        "DELIVERY_FINISHED",
    ]


@pytest.mark.sentence("4.2-08", "4.2-13")
def test_the_report_and_its_done_say_the_same(client_system):
    client_system.bundle()
    client_system.poll()
    report = client_system.text("report.a.xml")
    assert ">3</recipients>" in report
    assert '<error time=""/>' in report or '<error time=""></error>' in report
    assert client_system.text("report.a.xml.done") == report
    assert not client_system.has("a.ok")
    assert client_system.has("a.xml")


@pytest.mark.sentence("1.2-03")
def test_both_semaphores_make_one_run_and_both_go(client_system):
    client_system.bundle()
    client_system.server.put("a.xml.ok")
    client_system.poll()
    assert ProcessingRun.objects.count() == 1
    assert not client_system.has("a.ok")
    assert not client_system.has("a.xml.ok")


@pytest.mark.sentence("1.5-05", "4.2-03")
def test_the_kept_copy_has_its_key_masked(client_system):
    client_system.bundle()
    client_system.poll()
    kept = RunFile.objects.get(role="xml")
    assert b"demo-key" not in Path(kept.path).read_bytes()


@pytest.mark.sentence("1.3-02", "1.5-01")
def test_files_without_a_semaphore_are_not_touched(client_system):
    client_system.server.put("lonely.xml", "<x/>")
    client_system.poll()
    assert ProcessingRun.objects.count() == 0
    assert client_system.has("lonely.xml")
