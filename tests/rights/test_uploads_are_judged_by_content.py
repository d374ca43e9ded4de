"""A file is what its bytes say, whatever its name and its declared type (reference 3.3)."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deliveries.models import Content, ProcessingRun
from deliveries.sending.lifecycle import drafts
from recipients import file_kinds
from recipients.models import BlacklistEntry
from tests.loading.test_faults_of_zips import packed

SHEET = packed(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>"))
KINDS = {
    "a program": b"MZ\x90\0\3\0\0\0\4\0" + b"\0" * 60,
    "a PNG picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 20,
    "a PDF": b"%PDF-1.7\n1 0 obj\n",
    "an HTML page": b"<!DOCTYPE html><html><body><p>Hi</p></body></html>",
    "a gzip archive": gzip.compress(b"email\na@x.example\n"),
    "a zip archive": packed(("list.csv", b"email\na@x.example\n")),
}
NO_LISTS = [name for name in KINDS if name != "a zip archive"]
ALL = list(KINDS)
NO_HTML = [name for name in KINDS if name != "an HTML page"]


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    settings.STATE_DIR = tmp_path


@pytest.fixture
def client(mine, signed_in):
    return signed_in(mine.account)


def named(name, content, kind):
    return SimpleUploadedFile(name, content, content_type=kind)


def posted(client, address, **fields):
    answer = client.post(address, fields)
    assert answer.status_code in {200, 422}
    return answer.content.decode()


def test_a_list_to_import(mine, client):
    page = f"/admin/recipients/database/{mine.database.pk}/import/"
    for kind in NO_LISTS:
        said = posted(client, page, mode="insert", file=named("people.csv", KINDS[kind], "text/csv"))
        assert (
            f"the file is {kind} by its content: choose a list, a CSV, a zip with one CSV in it or an XLSX" in said
        )
        assert 'name="token"' not in said
    said = posted(client, page, mode="insert", file=named("a.exe", KINDS["a zip archive"], "application/x-dosexec"))
    assert "Added 1, updated 0, deleted 0" in said


def test_the_list_and_the_html_of_one_delivery(mine, client):
    draft = drafts.create_draft(mine.newsletter)
    page = f"/admin/deliveries/delivery/{draft.pk}/edit/"
    for kind in [*NO_LISTS, "a spreadsheet"]:
        file = named("people.csv", KINDS.get(kind, SHEET), "text/csv")
        said = posted(client, f"{page}recipients/", version=draft.version, who="upload", file=file)
        assert f"the file is {kind} by its content: send a list, a CSV or a zip with one CSV in it" in said
    form = {"version": draft.version, "title": "One", "do": "upload"}
    for kind in NO_HTML:
        file = named("mail.html", KINDS[kind], "text/html")
        said = posted(client, f"{page}message/", **form, html_file=file)
        assert f"This file is {kind} by its content: choose an HTML file." in said
    said = posted(client, f"{page}message/", **form, html_file=named("mail.html", b"<p>\0</p>", "text/html"))
    assert "This file is not text by its content" in said
    draft.refresh_from_db()
    assert (draft.filter, draft.version) == (None, 1)
    client.post(f"{page}message/", {**form, "html_file": named("a.png", "<p>È</p>".encode("utf-16"), "image/png")})
    assert Content.objects.get(delivery=draft).html == "<p>È</p>"


def test_a_blacklist(mine, client):
    before = BlacklistEntry.objects.count()
    for kind in NO_LISTS:
        file = named("list.csv", KINDS[kind], "text/csv")
        said = posted(client, "/admin/recipients/blacklistentry/import/", account=mine.account.pk, file=file)
        assert f"the file is {kind} by its content: choose a list" in said
    assert BlacklistEntry.objects.count() == before
    zipped = named("list.exe", KINDS["a zip archive"], "application/x-dosexec")
    posted(client, "/admin/recipients/blacklistentry/import/", account=mine.account.pk, file=zipped)
    assert BlacklistEntry.objects.count() == before + 1


def test_the_xml_of_a_check_and_a_mended_one(mine, client):
    page = "/admin/deliveries/processingrun/"
    for kind in ALL:
        file = named("a.xml", KINDS[kind], "text/xml")
        said = posted(client, f"{page}check/", space=mine.space.pk, xml=file)
        assert f"a.xml: the file is {kind} by its content: write an XML" in said
    ProcessingRun.objects.filter(pk=mine.run.pk).update(sub_status="XML_ERROR", member=mine.membership)
    mine.run_file.place.parent.mkdir(parents=True)
    mine.run_file.place.write_bytes(b"<x/>")
    for kind in ALL:
        said = posted(client, f"{page}{mine.run.pk}/mended/", xml=named("a.xml", KINDS[kind], "text/xml"))
        assert f"the file is {kind} by its content: write an XML" in said


def test_what_begins_like_a_program_and_is_a_list_is_one():
    for text in (b"MZ,email\n1,a@x.example\n", b"email\nMZ\n", b"GIF,email\n", b"", "\ufeffemail\n".encode()):
        assert file_kinds.kind_of(text) is None
