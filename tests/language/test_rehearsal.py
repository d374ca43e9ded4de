"""Reference 4.3: check_bundle answers as a run would, and changes nothing."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from deliveries.intake.parsing.order import XSD
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.intake.rehearsal.sample_bundle import KEY, SUID, sample_bundle
from deliveries.models import Delivery, Newsletter, ProcessingRun
from recipients import tables
from recipients.loading import Dialect, load_csv
from recipients.models import Filter, Membership
from tests.language.writing import NEW, write

SAMPLES = Path(__file__).parent.parent / "samples"
EXPECTED = {
    "wrong-key": ("AUTH_FAILED", "XMLD_CONFIGURATION_ERROR", "authentication failed"),
    "missing-csv": ("REF_MISSING", "XMLD_CONFIGURATION_ERROR", "not-there.csv"),
    "order-of-elements": ("XML_ORDER", "XML_ERROR", "line 9"),
    "doctype": ("XML_DTD_FORBIDDEN", "XML_ERROR", "DOCTYPE"),
    "no-reply-to-default": ("REPLY_TO_MISSING", "XMLD_CONFIGURATION_ERROR", "reply_to"),
    "bad-rows": ("CSV_TOO_MANY_ERRORS", "XMLD_CONFIGURATION_ERROR", "bad-rows.csv"),
}


@pytest.fixture
def dropped(demo, tmp_path):
    """Return a function that copies a sample, its ids put in, and gives the XML's path."""

    def drop(folder, stem):
        shutil.copytree(SAMPLES / folder, tmp_path, dirs_exist_ok=True)
        path = tmp_path / f"{stem}.xml"
        text = path.read_text()
        for number, newsletter in demo.newsletters.items():
            text = text.replace(f"<newsletter>{number}<", f"<newsletter>#{newsletter.pk}<")
        path.write_text(
            text.replace("<newsletter>#", "<newsletter>").replace("<normal>1<", f"<normal>{demo.milan.pk}<")
        )
        return path

    return drop


def test_sample_01_would_be_accepted(dropped):
    answer = rehearse(dropped("01-send-now", "orders"))
    assert answer.accepted, answer.errors
    assert (answer.normal, answer.test, answer.bad) == (3, 0, 0)
    assert answer.preview[0].to == "anna@mail.example"
    assert answer.preview[0].subject == "Anna, your order 1001 leaves today"
    assert "Ciao Anna" in answer.preview[0].text


def test_sample_02_waits_for_nobody_and_then_for_those_whom_the_filter_picks(dropped, demo, tmp_path):
    path = dropped("02-manual-filter", "milan")
    waiting = rehearse(path)
    assert (waiting.accepted, waiting.normal) == (True, 0)
    assert any("selects nobody" in warning for warning in waiting.warnings)
    load_csv(demo.customers, tmp_path / "people.csv", Dialect(), limit=0)
    answer = rehearse(path)
    assert answer.normal == 3
    assert answer.preview[0].to == "franca@mail.example"
    assert "Ciao Franca. Via Brera 1" in answer.preview[0].text


def test_a_filter_that_picks_nobody_now_is_an_error(demo, tmp_path):
    answer = rehearse(
        written(
            tmp_path, newsletter=demo.offers.pk, recipients=f"<filter><normal>{demo.milan.pk}</normal></filter>"
        )
    )
    assert answer.errors[0].code == "NOBODY"


def test_a_filter_that_cannot_be_read_any_more_is_an_error(demo, tmp_path):
    Filter.objects.filter(pk=demo.milan.pk).update(conditions=[{"field": "gone", "op": "equals", "value": "x"}])
    answer = rehearse(
        written(
            tmp_path, newsletter=demo.offers.pk, recipients=f"<filter><normal>{demo.milan.pk}</normal></filter>"
        )
    )
    assert not answer.accepted
    assert answer.errors[0].file == "x.xml"


def test_sample_03_has_a_test_and_a_normal_delivery(dropped):
    answer = rehearse(dropped("03-test-then-scheduled", "season"))
    assert answer.accepted, answer.errors
    assert (answer.normal, answer.test, answer.bad) == (250, 1, 0)


def test_sample_04_escapes_in_html_and_not_in_text(dropped):
    answer = rehearse(dropped("04-inline", "two"))
    assert answer.normal == 2
    assert "Dario &amp; figli" in answer.preview[0].html
    assert "Ciao Dario & figli" in answer.preview[0].text


def test_sample_05_takes_the_page_as_it_is(dropped):
    answer = rehearse(dropped("05-page-in-a-field", "pages"))
    assert answer.normal == 2
    assert "A &amp; B. Costs ${5}$" in answer.preview[0].html


@pytest.mark.parametrize("stem", EXPECTED)
def test_sample_06_mistakes_are_refused_as_their_readme_says(dropped, stem):
    code, sub_status, words = EXPECTED[stem]
    path = dropped("06-mistakes", stem)
    answer = rehearse(path)
    assert not answer.accepted
    error = answer.errors[0]
    assert (error.code, error.sub_status) == (code, sub_status)
    assert words in error.message
    assert not Delivery.objects.exists()
    assert not ProcessingRun.objects.exists()


def test_sample_06_unknown_field_is_named_with_its_place(dropped):
    error = rehearse(dropped("06-mistakes", "unknown-field")).errors[0]
    assert error.sub_status == "XMLD_CONFIGURATION_ERROR"
    assert "nickname" in error.message
    assert (error.file, error.line, error.element) == ("unknown-field.xml", 30, "embed")


def test_sample_06_bad_rows_are_each_named(dropped):
    answer = rehearse(dropped("06-mistakes", "bad-rows"))
    assert [(error.file, error.line) for error in answer.errors[1:]] == [("bad-rows.csv", n) for n in (3, 4, 5)]


def test_the_rows_of_a_rehearsal_are_not_stored(dropped, demo):
    rehearse(dropped("01-send-now", "orders"))
    assert tables.read_values(demo.customers, [1, 2, 3]) == {}
    assert not Filter.objects.filter(automatic=True).exists()


def written(tmp_path, **parts):
    path = tmp_path / "x.xml"
    path.write_bytes(write(**parts))
    return path


def test_test_people_beyond_30_are_ignored_and_counted(demo, tmp_path):
    person = "<test_recipient><email>a{}@mail.example</email></test_recipient>"
    test = "<test_recipients>" + "".join(person.format(n) for n in range(42)) + "</test_recipients>"
    answer = rehearse(written(tmp_path, newsletter=demo.offers.pk, recipients=test))
    assert answer.test == 30
    assert any("12 test recipients beyond 30 are ignored" in warning for warning in answer.warnings)


def test_a_test_source_that_is_nobody_is_noted(demo, tmp_path):
    test = "<test_recipients><test_recipient><email>no</email></test_recipient></test_recipients>"
    answer = rehearse(written(tmp_path, newsletter=demo.offers.pk, recipients=NEW + test))
    assert answer.accepted, answer.errors
    assert (answer.normal, answer.test) == (1, 0)
    assert any("no test delivery is made" in warning for warning in answer.warnings)


def test_bad_rows_below_the_limit_are_counted_and_noted(demo, tmp_path):
    demo.space.bad_rows_limit = 0.5
    demo.space.save()
    people = NEW.replace("</new_recipients>", "<recipient><email>no</email></recipient></new_recipients>")
    answer = rehearse(written(tmp_path, newsletter=demo.offers.pk, recipients=people))
    assert (answer.accepted, answer.normal, answer.bad) == (True, 1, 1)
    assert "1 of 2 rows is bad and left out" in answer.warnings[0]


def test_the_account_is_that_of_the_suid_and_its_key(demo, tmp_path):
    Membership.objects.create(account=demo.other, user=demo.user, name="erp", key_hash="!")
    assert rehearse(written(tmp_path, newsletter=demo.offers.pk)).accepted
    assert rehearse(written(tmp_path, newsletter=demo.offers.pk), demo.other).errors[0].code == "AUTH_FAILED"
    assert rehearse(written(tmp_path, newsletter=demo.offers.pk, suid="nobody")).errors[0].code == "AUTH_FAILED"


def test_a_file_is_no_link(demo, tmp_path):
    (tmp_path / "list.csv").symlink_to("/etc/passwd")
    source = "<new_recipients><csv_file>list.csv</csv_file></new_recipients>"
    answer = rehearse(written(tmp_path, newsletter=demo.offers.pk, recipients=source))
    assert answer.errors[0].code == "NOT_REGULAR_FILE"  # as a run says it


def test_the_list_of_the_sample_is_written_as_the_accounts_space_reads_it(demo, tmp_path):
    demo.space.separator, demo.space.csv_encoding = ";", "windows-1252"
    demo.space.save()
    with zipfile.ZipFile(io.BytesIO(sample_bundle(demo.offers))) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "sample.xml"
    path.write_text(path.read_text().replace(SUID, "demo-user").replace(KEY, "demo-key"))
    assert rehearse(path).normal == 1


@pytest.mark.sentence("4.3-07")
@pytest.mark.parametrize("kind", ["marketing", "transactional"])
def test_the_sample_bundle_is_accepted_once_the_keys_are_in(demo, tmp_path, kind):
    for newsletter in (demo.offers, demo.paged, demo.bare):
        Newsletter.objects.filter(pk=newsletter.pk).update(kind=kind)
        newsletter.refresh_from_db()
        with zipfile.ZipFile(io.BytesIO(sample_bundle(newsletter))) as archive:
            assert sorted(archive.namelist()) == ["sample.csv", "sample.ok", "sample.xml"]
            archive.extractall(tmp_path)
        path = tmp_path / "sample.xml"
        path.write_text(path.read_text().replace(SUID, "demo-user").replace(KEY, "demo-key"))
        answer = rehearse(path)
        assert answer.accepted, answer.errors
        assert (answer.normal, answer.bad) == (1, 0)


@pytest.mark.sentence("4.3-01")
def test_check_bundle_prints_the_shape_of_the_interface(dropped, capsys):
    call_command("check_bundle", str(dropped("01-send-now", "orders")), "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["accepted"] is True
    assert document["recipients"] == {"normal": 3, "test": 0, "bad": 0}
    assert set(document) == {"accepted", "errors", "warnings", "recipients", "preview"}
    assert set(document["preview"][0]) == {"to", "subject", "html", "text"}


@pytest.mark.sentence("4.3-01")
def test_check_bundle_fails_with_the_first_sentence(dropped, capsys):
    path = dropped("06-mistakes", "wrong-key")
    with pytest.raises(CommandError, match=r"^authentication failed$"):
        call_command("check_bundle", str(path), "--json", "--space", "demo", "--account", "Demo Shop")
    document = json.loads(capsys.readouterr().out)
    assert document["accepted"] is False
    assert set(document["errors"][0]) == {"code", "file", "line", "element", "message"}


@pytest.mark.parametrize("where", [["--account", "Nobody"], ["--space", "nowhere"]])
def test_check_bundle_names_an_account_or_space_that_is_not_there(dropped, where):
    with pytest.raises(CommandError, match="does not exist"):
        call_command("check_bundle", str(dropped("01-send-now", "orders")), *where)


@pytest.mark.sentence("4.3-04")
def test_check_bundle_for_a_person_says_who_gets_what(dropped, capsys):
    call_command("check_bundle", str(dropped("01-send-now", "orders")))
    assert "anna@mail.example: Anna, your order 1001 leaves today" in capsys.readouterr().out


@pytest.mark.sentence("2-09")
def test_schema_prints_the_xsd(capsys):
    call_command("schema")
    assert capsys.readouterr().out == XSD.read_text(encoding="utf-8")
