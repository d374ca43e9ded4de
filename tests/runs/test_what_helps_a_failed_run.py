"""Reference 4.1: what can still be done about a run that failed, and what only a mended bundle can."""

from pathlib import Path

import pytest

from deliveries.errors import StateConflict
from deliveries.intake.rehearsal.rehearse import rehearse_mended
from deliveries.intake.runs import control
from deliveries.intake.runs.control import advice
from deliveries.models import Activity, ProcessingRun, RowError, RunFile
from deliveries.sentences.advice import ADVICE
from tests.runs.rows import rows

ONE_GOOD = "email,nome,ordine\nada@x.example,Ada,1\nbad,B,2\nworse,C,3\nworst,D,4\n"
REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")


@pytest.fixture
def refused(client_system):
    """A run whose list had one good row of four."""
    client_system.bundle(csv=ONE_GOOD)
    client_system.poll()
    return client_system.run()


@pytest.mark.sentence("4.1-14")
def test_the_good_rows_of_a_refused_list_are_loaded_when_an_operator_says_so(client_system, refused):
    assert (refused.code, refused.rows_loadable, rows()) == ("CSV_TOO_MANY_ERRORS", 1, 0)
    found = advice(refused)
    assert (found.good_rows, found.retry) == (True, False)
    control.load_good_rows(refused.pk)
    client_system.poll()
    run = client_system.run()
    assert (run.pk, run.status, run.rows_good, run.rows_bad, rows()) == (refused.pk, "RECOVERED", 1, 3, 1)
    assert RowError.objects.filter(run=run).count() == 3
    assert Activity.objects.get(run=run).verb == "run retried with its good rows"


def test_a_plain_retry_keeps_the_share_of_the_space(client_system, refused):
    control.retry(refused.pk)
    client_system.poll()
    assert (client_system.run().code, rows()) == ("CSV_TOO_MANY_ERRORS", 0)


@pytest.mark.parametrize("csv", ["email,nome,ordine\nbad,B,2\n", "email,nome,ordine\n"])
def test_where_no_row_is_good_there_is_nothing_to_load(client_system, csv):
    client_system.bundle(csv=csv)
    client_system.poll()
    assert not advice(client_system.run()).good_rows
    with pytest.raises(StateConflict, match="no good rows"):
        control.load_good_rows(client_system.run().pk)


@pytest.mark.sentence("4.1-15")
@pytest.mark.parametrize(
    ("code", "sub_status", "retry"),
    [
        ("SFTP_CUT", "SERVER_COMMUNICATION_ERROR", True),
        ("QUARANTINED", "QUARANTINED", True),
        ("LOCKED", "XMLD_CONFIGURATION_ERROR", True),
        ("REF_NEWSLETTER", "XMLD_CONFIGURATION_ERROR", True),
        ("XML_SYNTAX", "XML_ERROR", False),
        ("DATE_INVALID", "XMLD_CONFIGURATION_ERROR", False),
        ("AUTH_FAILED", "XMLD_CONFIGURATION_ERROR", False),
        ("DISCARDED", "DISCARDED", False),
        ("SOMETHING_NEW", "INTERNAL_ERROR", True),
    ],
)
def test_a_retry_is_offered_where_it_can_help(client_system, refused, code, sub_status, retry):
    ProcessingRun.objects.update(code=code, sub_status=sub_status)
    found = advice(ProcessingRun.objects.get())
    assert found.retry == retry
    assert str(found.words).endswith(".")


@pytest.mark.parametrize(
    ("code", "sub_status", "said"),
    [
        ("XML_SYNTAX", "XML_ERROR", "taken as it was received: check a mended XML with"),
        ("DATE_INVALID", "XMLD_CONFIGURATION_ERROR", "put it on the space with “Check a bundle”."),
        ("CSV_EMPTY", "XMLD_CONFIGURATION_ERROR", "the client sends a mended one."),
        ("ZIP_BOMB", "XMLD_CONFIGURATION_ERROR", "the client sends a mended one."),
        ("CSV_UNKNOWN_COLUMN", "XMLD_CONFIGURATION_ERROR", "then retry; or have the bundle dropped again"),
        ("TPL_UNKNOWN_FIELD", "XMLD_CONFIGURATION_ERROR", "then retry; or check a mended XML with"),
        ("NO_CODE_FIELD", "XMLD_CONFIGURATION_ERROR", "Mend here what the sentence names, then retry"),
    ],
)
def test_the_advice_names_where_the_mistake_is_mended(client_system, refused, code, sub_status, said):
    ProcessingRun.objects.update(code=code, sub_status=sub_status, rows_loadable=None)
    assert said in str(advice(ProcessingRun.objects.get()).words)


def test_a_run_that_goes_on_or_whose_files_are_gone_can_not_be_retried(refused):
    RunFile.objects.get(run=refused, role="xml").place.unlink()
    assert not advice(refused).retry
    ProcessingRun.objects.update(status="LOADING")
    assert not advice(ProcessingRun.objects.get()).retry


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_each_code_with_advice_stands_in_the_reference(code):
    assert f"`{code}`" in REFERENCE


@pytest.fixture
def mistaken(client_system):
    client_system.bundle(text="Dear ${nobody}$")
    client_system.poll()
    return client_system.run()


@pytest.mark.sentence("4.3-08")
def test_a_mended_xml_is_checked_with_the_files_that_were_received(mistaken):
    kept = RunFile.objects.get(run=mistaken, role="xml").place.read_bytes()
    assert mistaken.code == "TPL_UNKNOWN_FIELD"
    assert b"********" in kept
    answer = rehearse_mended(mistaken, kept.replace(b"nobody", b"nome"))
    assert (answer.errors, answer.normal) == ([], 3)
    assert answer.preview[0].text.startswith("Dear Ada")
    assert rehearse_mended(mistaken, kept).errors[0].code == "TPL_UNKNOWN_FIELD"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"********", b"wrong", "AUTH_FAILED"),
        (b"demo-user", b"other", "AUTH_FAILED"),
        (b"a.csv", b"b.csv", "REF_MISSING"),
    ],
)
def test_what_a_mended_xml_may_not_bring_is_refused(mistaken, before, after, code):
    kept = RunFile.objects.get(run=mistaken, role="xml").place.read_bytes()
    answer = rehearse_mended(mistaken, kept.replace(b"nobody", b"nome").replace(before, after))
    assert answer.errors[0].code == code
