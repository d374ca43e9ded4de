"""Who may not see personal data reads of a run what is wrong and where, without what stands in the list."""

import pytest
from django.utils import timezone

from deliveries.admin.shell.masking import masked
from deliveries.intake.mistakes import at
from deliveries.models import Activity, ProcessingRun, RunTransition, SftpSpace
from recipients.errors import ClientError
from recipients.faults import Fault
from recipients.loading import Dialect, load_csv
from recipients.loading.results import BadRowsError, at_row

LISTS = [
    ("email,nome\nmario.rossi(at)libero.it,Mario\n", "is not a usable e-mail address: it has no @; correct it"),
    ('email,nome\n"mario\'rossi libero.it",Mario\n', "is not a usable e-mail address"),
    ('email,nome\n"mario ”rossi""@libero.it",Mario\n', "is not a usable e-mail address"),
    ("email,nome\n" + "mario.rossi" * 20 + "@libero.it,Mario\n", "is not a usable e-mail address"),
    ("email,ordine\na@b.example,mario D'Angelo rossi\n", "this is not a whole number"),
    ("mario.rossi@libero.it,Mario Rossi\na@b.example,x\n", "add it"),
    ("email,Mario Rossi\na@b.example,x\n", "its fields are"),
    ("email,Mario Rossi,Mario Rossi\na@b.example,x,y\n", "is there twice"),
]


def sentences_of(database, path):
    """What a run keeps of a list that is refused."""
    with pytest.raises(ClientError) as refused:
        load_csv(database, path, Dialect(), code="x", limit=0.0, at_most=None)
    error = refused.value
    found = [at(error.fault, "people.csv")]
    if isinstance(error, BadRowsError):
        first = error.result.faults[0]
        found.append(at(Fault.of("at.found", fault=first.fault, found=first.excerpt), "people.csv", first.line))
        noted = Fault.of("note.bad_rows", bad=error.result.told_bad, first=at_row(first))
        found.append(at(noted, "people.csv"))
    return found


@pytest.fixture
def numbered(mine):
    from recipients import tables
    from recipients.models import FieldType

    tables.add_fields(mine.database, [("ordine", FieldType.INTEGER)], refuse=lambda _database: None)
    return mine.database


@pytest.mark.parametrize(("text", "kept"), LISTS)
def test_nothing_of_a_list_is_left_in_a_sentence_and_what_is_wrong_is(tmp_path, numbered, text, kept):
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    shown = [Fault.from_json(fault.as_json()).say(people=False) for fault in sentences_of(numbered, path)]
    for sentence in shown:
        lower = sentence.lower()
        assert not any(word in lower for word in ("mario", "rossi", "angelo", "libero")), sentence
        assert sentence.startswith("people.csv")
    assert kept in shown[0]


def test_what_quotes_nothing_stays_as_it_is():
    for sentence in (
        "x.xml: 2 of 5 rows are bad and the limit is 10 %, so nothing was loaded",
        "X.ok can't be deleted: give the SFTP user write permission",
        "Userdb is locked 12",
    ):
        assert masked(sentence) == sentence


VALUE = "mario.rossi(at)libero.it"
SENTENCE = (
    f"people.csv: 1 of 2 rows is bad; the first, line 2, column email: '{VALUE}' is not a usable e-mail address"
)
KEPT = {
    "key": "ADDR_SYNTAX",
    "params": {"address": VALUE, "why": {"key": "address.no_at", "params": {}}},
}


@pytest.fixture
def told(mine):
    """A run whose every sentence holds a person's value."""
    SftpSpace.objects.filter(pk=mine.space.pk).update(reports=["xml"])
    ProcessingRun.objects.filter(pk=mine.run.pk).update(
        fault=KEPT,
        first_fault=KEPT,
        warning_faults=[SENTENCE, KEPT],
        faults=[{"file": "people.csv", "line": 2, "element": "", "fault": KEPT}] * 2,
        ended_at=timezone.now(),
    )
    RunTransition.objects.create(
        run=mine.run, sub_status="XMLD_CONFIGURATION_ERROR", started_at=timezone.now(), fault=KEPT
    )
    Activity.objects.create(
        account=mine.account, verb="failed", delivery=mine.delivery, params={"reason": SENTENCE}
    )
    return mine


PAGES = [
    "/admin/deliveries/processingrun/",
    "/admin/deliveries/processingrun/{run}/change/",
    "/admin/deliveries/processingrun/{run}/live/",
    "/admin/deliveries/delivery/{delivery}/change/?tab=activity",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_reviewer_without_the_right_reads_no_value_on_any_page(told, signed_in, page):
    url = page.format(run=told.run.pk, delivery=told.delivery.pk)
    hidden = signed_in(told.account, "reviewer").get(url).content.decode()
    assert VALUE not in hidden
    assert "is not a usable e-mail address" in hidden
    shown = signed_in(told.account, "reviewer", personal_data=True).get(url).content.decode()
    assert VALUE in shown


def test_what_is_masked_on_a_page_is_kept_as_it_was(told, signed_in):
    client = signed_in(told.account, "reviewer")
    for page in PAGES:
        client.get(page.format(run=told.run.pk, delivery=told.delivery.pk))
    told.run.refresh_from_db()
    assert VALUE in told.run.error
    assert told.run.warnings == [SENTENCE, told.run.error]
