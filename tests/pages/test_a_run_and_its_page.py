"""Reference 4.2: what the list of runs and a run's own page show, and what may be done there."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from deliveries.models import Delivery, ProcessingRun, RowError, RunFile, RunTransition
from recipients.faults import Fault

LIST = "/admin/deliveries/processingrun/"


@pytest.fixture
def run(mine):
    """A run in error, with one of everything."""
    test = Delivery.objects.create(
        account=mine.account, database=mine.database, newsletter=mine.newsletter, title="The test", type="test"
    )
    ProcessingRun.objects.filter(pk=mine.run.pk).update(
        sub_status="XMLD_CONFIGURATION_ERROR", code="CSV_EMPTY", ended_at=timezone.now(),
        rows_good=1200, rows_bad=3, delivery=mine.delivery, test_delivery=test, member=mine.membership,
    )  # fmt: skip
    mine.run_file.place.parent.mkdir(parents=True, exist_ok=True)
    mine.run_file.place.write_text("<x>")
    mine.run.refresh_from_db()
    return mine.run


@pytest.fixture
def page(mine, run, signed_in):
    client = signed_in(mine.account, "operator", personal_data=True)
    return lambda path="": client.get(f"{LIST}{run.pk}/{path or 'change/'}")


def said(number):
    return Fault.written(f"no {number}.", "ADDR_SYNTAX").as_json()


@pytest.mark.sentence("4.2-01")
def test_the_list_shows_a_run_in_one_row(mine, run, signed_in):
    shown = signed_in(mine.account).get(LIST).content.decode()
    for each in (
        "Acme.xml",
        "Acme space",
        "error",
        "error in what the bundle asks",
        "1,200, 3 bad",
        "Acme offers",
        "Acme went wrong",
    ):
        assert each in shown, each
    for column in ("began", "took"):
        assert re.search(rf'<td class="field-{column}[^>]*>(?:<[^>]*>|\s)*[0-9]', shown), column


@pytest.mark.sentence("4.2-01", "4.2-02", "4.2-05")
def test_its_page_shows_host_end_timeline_error_and_both_deliveries(mine, run, page):
    RunTransition.objects.create(
        run=run,
        sub_status="DOWNLOAD_XML_COMPLETED",
        started_at=timezone.now(),
        ended_at=timezone.now(),
        message="3 KB",
    )
    shown = page().content.decode()
    for each in ("127.0.0.1", "Ended", "SEMAPHORE_FOUND", "DOWNLOAD_XML_COMPLETED", "3 KB", "CSV_EMPTY", run.error):
        assert each in shown, each
    for delivery in (mine.delivery.pk, run.test_delivery_id):
        assert f'href="/admin/deliveries/delivery/{delivery}/change/"' in shown


@pytest.mark.sentence("4.2-03")
def test_its_files_are_downloaded(mine, run, page, tmp_path, settings):
    settings.STATE_DIR = tmp_path
    kept = tmp_path / "spool" / "Acme.xml"
    kept.parent.mkdir()
    kept.write_bytes(b"<contactlab/>")
    RunFile.objects.filter(pk=mine.run_file.pk).update(path=str(kept))
    assert f'href="{LIST}{run.pk}/file/{mine.run_file.pk}/"' in page().content.decode()
    answer = page(f"file/{mine.run_file.pk}/")
    assert b"".join(answer.streaming_content) == b"<contactlab/>"
    assert answer["Content-Disposition"] == 'attachment; filename="Acme.xml"'


@pytest.mark.sentence("4.2-04")
def test_it_shows_a_hundred_row_errors_and_gives_all_of_them(run, page):
    RowError.objects.bulk_create(
        RowError(
            run=run,
            file="a.csv",
            line=number,
            column="email",
            code="ADDR_SYNTAX",
            fault=Fault.written(f"no {number}.", "ADDR_SYNTAX").as_json(),
        )
        for number in range(10, 160)
    )
    shown = page().content.decode()
    assert shown.count("<td>ADDR_SYNTAX</td>") == 100
    assert "no 50." in shown
    table = b"".join(page("rows.csv").streaming_content).decode("utf-8-sig")
    assert table.count("ADDR_SYNTAX") == 151
    assert "no 159." in table


@pytest.mark.sentence("4.2-06")
@pytest.mark.parametrize(
    ("status", "sub_status", "offered"),
    [
        ("ERROR", "SERVER_COMMUNICATION_ERROR", {"retry"}),
        ("ERROR", "XMLD_CONFIGURATION_ERROR", set()),  # it would meet the same mistake
        ("LOADING", "DUPLICATE_HELD", {"release", "discard"}),
        ("LOADING", "RECIPIENTS_ADDED", set()),
        ("SUCCESS", "DELIVERY_FINISHED", set()),
    ],
)
def test_what_is_offered_goes_by_its_state(run, page, status, sub_status, offered):
    ProcessingRun.objects.filter(pk=run.pk).update(status=status, sub_status=sub_status)
    shown = page().content.decode()
    acts = {act for act in ("retry", "release", "discard") if f'{LIST}{run.pk}/{act}/"' in shown}
    assert acts == offered


@pytest.mark.sentence("4.2-07")
@pytest.mark.parametrize(("status", "live"), [("LOADING", True), ("SUCCESS", False), ("ERROR", False)])
def test_it_is_live_while_it_loads(run, page, status, live):
    ProcessingRun.objects.filter(pk=run.pk).update(status=status)
    assert (f'data-live="{LIST}{run.pk}/live/"' in page().content.decode()) is live
    assert "Timeline" in page("live/").content.decode()


@pytest.mark.sentence("4.2-08")
@pytest.mark.parametrize(("reports", "shown"), [(["xml"], True), (["email"], False)])
def test_the_report_stands_there_as_the_client_sees_it(mine, run, page, reports, shown):
    type(mine.space).objects.filter(pk=mine.space.pk).update(reports=reports)
    text = html.unescape(page().content.decode())
    assert (f'<normal time="">{run.delivery_id}</normal>' in text) is shown
    assert ("The report as the client sees it" in text) is shown


def test_a_failed_run_names_what_helps_and_what_to_tell_the_client(run, page):
    sentence = "orders.xml line 5: newsletter 99 is not in this account"
    ProcessingRun.objects.filter(pk=run.pk).update(
        status="ERROR", sub_status="XMLD_CONFIGURATION_ERROR", code="CSV_NO_HEADER",
        fault=Fault.written(sentence, "CSV_NO_HEADER").as_json(), faults=[],
    )  # fmt: skip
    shown = html.unescape(page().content.decode())
    assert "What helps:" in shown
    assert "the client sends a mended one" in shown
    assert f"- {sentence}" in shown


def test_good_rows_are_loaded_without_the_bad_ones(run, page):
    ProcessingRun.objects.filter(pk=run.pk).update(
        status="ERROR",
        sub_status="XMLD_CONFIGURATION_ERROR",
        code="CSV_TOO_MANY_ERRORS",
        rows_loadable=7,
        rows_bad=3,
    )
    assert f"{LIST}{run.pk}/load-good-rows/" in page().content.decode()
    asked = page("load-good-rows/").content.decode()
    assert "7 rows are loaded and the delivery is made." in asked
    assert "3 bad rows are left out." in asked


def test_a_mended_xml_is_checked_and_nothing_is_kept(run, page, signed_in):
    ProcessingRun.objects.filter(pk=run.pk).update(status="ERROR", sub_status="XML_ERROR", code="XML_SYNTAX")
    before = ProcessingRun.objects.count()
    assert f"{LIST}{run.pk}/mended/" in page().content.decode()
    form = page("mended/").content.decode()
    assert f'href="{LIST}{run.pk}/file/{run.files.get(role="xml").pk}/"' in form
    assert f"Download «{run.files.get(role='xml').name}»" in form
    client = signed_in(run.account)
    answer = client.post(f"{LIST}{run.pk}/mended/", {"xml": SimpleUploadedFile("a.xml", b"<contactlab>")})
    assert "A run would refuse it" in answer.content.decode()
    assert ProcessingRun.objects.count() == before
