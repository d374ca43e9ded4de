import io
import zipfile

import pytest

from deliveries.models import Delivery, ProcessingRun, RunFile
from tests.runs.halting import gone
from tests.waiting import wait_for


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


@pytest.mark.sentence("1.2-01")
def test_a_bundle_may_bring_its_list_in_a_zip(client_system):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("export/list.csv", "email,nome\nada@x.example,Ada\n")
    client_system.server.put("a.zip", packed.getvalue())
    client_system.server.put("a.xml", client_system.xml(csv="a.zip"))
    client_system.server.put("a.ok")
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.error, run.rows_good) == ("SUCCESS", "", 1)


@pytest.mark.sentence("4.1-01")
def test_a_run_is_loading_until_it_ends(client_system, nursery, halt):
    client_system.bundle()
    halt.at("RECIPIENTS_ADDED")
    worker = nursery.poll(client_system.space)
    wait_for(halt.waiting, "a worker at the step")
    run = client_system.run()
    assert (run.status, run.ended_at) == ("LOADING", None)
    halt.end()
    wait_for(lambda: gone(worker), "the end of the worker")
    run.refresh_from_db()
    assert run.status == "SUCCESS"
    assert run.ended_at
    client_system.bundle("b", csv="email\nnobody\n")
    client_system.poll()
    assert client_system.run().status == "ERROR"


@pytest.mark.sentence("4.1-08")
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda xml: b'<?xml version="1.0" encoding="klingon"?>' + xml, "XML_ENCODING"),
        (lambda xml: xml[:-5], "XML_SYNTAX"),
        (lambda xml: xml.replace(b'method="auto"', b'method="now"'), "XML_VALUE"),
    ],
    ids=["not readable", "not well-formed", "against the schema"],
)
def test_instructions_that_can_not_be_read_are_an_xml_error(client_system, spoil, code):
    client_system.bundle()
    client_system.server.put("a.xml", spoil(client_system.xml().encode()))
    client_system.poll()
    run = client_system.run()
    assert (run.status, run.sub_status, run.code) == ("ERROR", "XML_ERROR", code)


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
    assert b"demo-key" not in kept.place.read_bytes()


@pytest.mark.sentence("1.3-02", "1.5-01")
def test_files_without_a_semaphore_are_not_touched(client_system):
    client_system.server.put("lonely.xml", "<x/>")
    client_system.poll()
    assert ProcessingRun.objects.count() == 0
    assert client_system.has("lonely.xml")
