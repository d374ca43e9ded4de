"""Check a bundle: the page gives the answer of check_bundle and stores nothing."""

import io
import re
import zipfile

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

from deliveries.admin.runs.check_bundle import MAX_BYTES
from deliveries.intake.parsing.order import XSD
from deliveries.models import Delivery, ProcessingRun, SftpSpace
from tests.language.test_rehearsal_changes_nothing import state
from tests.language.writing import BODY, HEADERS, padded, write

PAGE = "/admin/deliveries/processingrun/check/"


def test_a_mistake_is_answered_with_its_sentence_and_nothing_is_stored(mine, signed_in):
    client = signed_in(mine.account)
    before = ProcessingRun.objects.count()
    response = client.post(PAGE, {"space": mine.space.pk, "xml": SimpleUploadedFile("a.xml", b"<xmldelivery>")})
    assert response.status_code == 200
    assert not response.context["answer"].accepted
    assert b"a.xml" in response.content
    assert ProcessingRun.objects.count() == before


def counts(response):
    return re.findall(r"<dd>([^<]*)</dd>", response.content.decode())


def test_counts_are_a_dash_where_no_row_was_read(mine, signed_in):
    client = signed_in(mine.account)
    sent = {"space": mine.space.pk, "xml": SimpleUploadedFile("a.xml", b"<xmldelivery>")}
    assert counts(client.post(PAGE, sent)) == ["—", "—", "—"]


def test_the_only_space_is_chosen_and_of_several_the_one_that_was_asked_for(mine, theirs, signed_in):
    client = signed_in(mine.account)

    def chosen(query=""):
        return client.get(f"{PAGE}{query}").context["form"]["space"].value()

    assert chosen() == mine.space.pk
    assert chosen(f"?space={theirs.space.pk}") == mine.space.pk
    other = SftpSpace.objects.create(account=mine.account, name="Second")
    assert chosen() is None
    assert chosen(f"?space={other.pk}") == other.pk
    assert chosen("?space=x") is None


def test_another_accounts_space_cannot_be_chosen(mine, theirs, signed_in):
    client = signed_in(mine.account)
    response = client.post(PAGE, {"space": theirs.space.pk, "xml": SimpleUploadedFile("a.xml", b"<a/>")})
    assert response.context["answer"] is None
    assert b"Zenith" not in response.content


def test_a_reviewer_checks_nothing(mine, signed_in):
    assert signed_in(mine.account, "reviewer").get(PAGE).status_code == 403


@pytest.fixture
def keyed(mine):
    """An account whose user may drop bundles."""
    mine.membership.key_hash = make_password("acme-key")
    mine.membership.user.suid = "acme-user"
    mine.membership.user.save()
    mine.membership.save()
    return mine


def full_bundle(house):
    """Two lists and an attachment beside the XML."""
    recipients = (
        "<new_recipients><csv_file>people.csv</csv_file></new_recipients>"
        "<test_recipients><csv_file>testers.csv</csv_file></test_recipients>"
    )
    message = (
        HEADERS.replace("news@demo.example", house.newsletter.from_address)
        + BODY
        + ("<attachments><attachment><file>terms.pdf</file></attachment></attachments>")
    )
    xml = write(
        suid="acme-user", key="acme-key", newsletter=house.newsletter.pk, recipients=recipients, message=message
    )
    files = {
        "people.csv": b"email,nome\nanna@acme.example,Anna\nbea@acme.example,Bea\n",
        "testers.csv": b"email,nome\nqa@acme.example,Quality\n",
        "terms.pdf": b"%PDF-1.4",
    }
    return xml, files


def ask(client, space, xml, files):
    uploads = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(PAGE, {"space": space.pk, "xml": SimpleUploadedFile("a.xml", xml), "beside": uploads})


@pytest.mark.sentence("4.3-02")
def test_a_bundle_of_two_lists_and_an_attachment_is_accepted(keyed, signed_in):
    xml, files = full_bundle(keyed)
    response = ask(signed_in(keyed.account), keyed.space, xml, files)
    answer = response.context["answer"]
    assert answer.accepted, answer.errors
    assert (answer.normal, answer.test, answer.bad) == (2, 1, 0)
    assert counts(response)[:3] == ["2", "1", "0"]
    page = response.content.decode()
    assert "Anna, your order" in page
    assert "&lt;p&gt;Ciao Anna&lt;/p&gt;" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<p>Ciao Anna</p>" not in page
    assert Delivery.objects.count() == 1


@pytest.mark.sentence("4.3-02")
@pytest.mark.parametrize("name", ["people.csv", "testers.csv", "terms.pdf"])
def test_each_file_that_is_not_there_is_named(keyed, signed_in, name):
    xml, files = full_bundle(keyed)
    del files[name]
    answer = ask(signed_in(keyed.account), keyed.space, xml, files).context["answer"]
    assert not answer.accepted
    assert name in answer.errors[0].message


@pytest.mark.parametrize(
    ("names", "size", "said"),
    [
        ([f"{n}.csv" for n in range(11)], 1, "Choose at most 10 files"),
        (["a.csv", "b.csv"], MAX_BYTES // 2 + 1, "too large for this page"),
        (["a.csv", "a.csv"], 1, "have the same name"),
        (["a.xml"], 1, "have the same name"),
        (["\N{LATIN SMALL LETTER E WITH ACUTE}" * 200], 1, "name of a file is too long"),
    ],
)
def test_what_the_page_can_not_take_is_said_at_the_field(keyed, signed_in, names, size, said):
    uploads = [SimpleUploadedFile(name, b"x" * size) for name in names]
    form = {"space": keyed.space.pk, "xml": SimpleUploadedFile("a.xml", b"<a/>"), "beside": uploads}
    response = signed_in(keyed.account).post(PAGE, form)
    assert response.context["answer"] is None
    assert said in response.content.decode()


def test_a_list_that_nobody_names_does_no_harm(keyed, signed_in):
    xml, files = full_bundle(keyed)
    answer = ask(signed_in(keyed.account), keyed.space, xml, {**files, "other.csv": b"x", "a.ok": b""})
    assert answer.context["answer"].accepted


@pytest.mark.sentence("4.3-03")
def test_an_xml_over_10_mb_is_answered_as_a_run_answers_it(keyed, signed_in):
    xml, files = full_bundle(keyed)
    client, most = signed_in(keyed.account), 10 * 1024**2
    answer = ask(client, keyed.space, padded(xml, most + 1), files).context["answer"]
    said = [(error.code, error.message) for error in answer.errors]
    assert said == [("FILE_TOO_BIG", "a.xml has more than 10,485,760 bytes: send less in one file")]
    assert ask(client, keyed.space, padded(xml, most), files).context["answer"].accepted


@pytest.mark.sentence("2-10")
def test_the_schema_can_be_downloaded_from_the_page_by_who_may_check(mine, signed_in):
    client = signed_in(mine.account)
    address = f"{PAGE}xmldelivery.xsd"
    assert f'href="{address}"' in client.get(PAGE).content.decode()
    response = client.get(address)
    assert response["Content-Disposition"] == 'attachment; filename="xmldelivery.xsd"'
    assert b"".join(response.streaming_content) == XSD.read_bytes()
    assert signed_in(mine.account, "reviewer").get(address).status_code == 403


@pytest.mark.sentence("4.3-04", "4.3-05")
def test_the_page_shows_the_first_recipients_mail_and_changes_nothing(keyed, signed_in):
    client = signed_in(keyed.account)
    client.get(PAGE)
    xml, files = full_bundle(keyed)
    before = state()
    page = ask(client, keyed.space, xml, files).content.decode()
    assert "A run would accept it" in page
    for name in ("Anna", "Bea"):
        assert f"<h2>{name}, your order</h2>" in page
        assert f"Ciao {name}" in page
    assert state() == before


@pytest.mark.sentence("4.3-06")
def test_a_sample_bundle_of_a_newsletter_can_be_downloaded(mine, theirs, signed_in):
    client = signed_in(mine.account)
    address = f"/admin/deliveries/newsletter/{mine.newsletter.pk}/sample.zip"
    response = client.get(address)
    assert response["Content-Disposition"] == f'attachment; filename="sample-{mine.newsletter.pk}.zip"'
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert sorted(archive.namelist()) == ["sample.csv", "sample.ok", "sample.xml"]
        assert f"<newsletter>{mine.newsletter.pk}</newsletter>" in archive.read("sample.xml").decode()
    shown = client.get(f"/admin/deliveries/newsletter/{mine.newsletter.pk}/change/").content.decode()
    assert "sample.zip" in shown
    assert client.get(f"/admin/deliveries/newsletter/{theirs.newsletter.pk}/sample.zip").status_code == 404
