"""Reference 7: lists go in and out on the blacklist's page, and an entry tells where it comes from."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from deliveries.models import Activity
from recipients import suppressions
from recipients.admin import blacklist_lists
from recipients.models import BlacklistEntry, Reason
from recipients.suppressions import lists

PAGE = "/admin/recipients/blacklistentry/"


def upload(client, account, text):
    file = SimpleUploadedFile("list.csv", text if isinstance(text, bytes) else text.encode())
    return client.post(f"{PAGE}import/", {"account": account.pk, "file": file})


def zipped(name, text):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, text)
    return file.getvalue()


def workbook(*rows):
    file, book = io.BytesIO(), Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.fixture
def operator(mine, signed_in):
    return signed_in(mine.account)


@pytest.mark.sentence("7-10")
def test_a_list_is_entered_by_hand_and_its_bad_lines_are_named(mine, operator):
    text = "\ufeffEmail,note\nANNA@x.example,by phone\nno address,\n\nbad@acme.example,\n"
    suppressions.suppress(mine.account, "bad@acme.example", Reason.ABUSE)
    answer = upload(operator, mine.account, text).content.decode()
    assert "1 addresses entered, 1 were on the list for good already, 1 lines were not usable" in answer
    assert "ADDR_SYNTAX" in answer
    entry = BlacklistEntry.objects.get(address="anna@x.example")
    assert (entry.reason, entry.note, entry.entered_by_id) == (Reason.BY_HAND, "by phone", operator.user.pk)
    assert [a.verb for a in Activity.objects.filter(verb__startswith="blacklist")] == ["blacklist imported"]


@pytest.mark.sentence("7-10")
@pytest.mark.parametrize(
    "text",
    [
        "\ufeffindirizzo;note\r\nanna@x.example;perché sì\r\n".encode(),
        "note;email\nperché sì;anna@x.example\n".encode("cp1252"),
        "sep=|\nnote|mail\nperché sì|anna@x.example\n".encode(),
        zipped("list.csv", "address,note\nanna@x.example,perché sì\n"),
        workbook(["address", "note"], ["anna@x.example", "perché sì"]),
    ],
    ids=["semicolons", "windows-1252", "declared", "zip", "xlsx"],
)
def test_a_list_is_read_as_lists_of_people_are(mine, operator, text):
    assert "1 addresses entered" in upload(operator, mine.account, text).content.decode()
    assert BlacklistEntry.objects.get(address="anna@x.example").note == "perché sì"


def test_a_row_that_lacks_a_column_is_named_and_the_others_are_entered(mine, operator):
    answer = upload(operator, mine.account, "address,note\na@x.example\nb@x.example,by phone\n").content.decode()
    assert "1 addresses entered, 0 were on the list for good already, 1 lines were not usable" in answer
    assert "CSV_COLUMNS" in answer


@pytest.mark.parametrize("text", ["nome\nAnna\n", "", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_a_file_that_is_no_such_list_is_refused_in_one_sentence(mine, operator, text):
    before = BlacklistEntry.objects.count()
    assert 'class="xd-error"' in upload(operator, mine.account, text).content.decode()
    assert BlacklistEntry.objects.count() == before


def test_nobody_imports_into_anothers_account_and_a_reviewer_nowhere(mine, theirs, operator, signed_in):
    upload(operator, theirs.account, "address\na@x.example\n")
    assert not BlacklistEntry.objects.filter(address="a@x.example").exists()
    assert upload(signed_in(mine.account, "reviewer"), mine.account, "address\na@x.example\n").status_code == 403


@pytest.mark.sentence("7-10")
def test_the_export_has_the_accounts_entries_and_no_formulas(mine, theirs, operator):
    suppressions.suppress(mine.account, "=1+1@x.example", Reason.ABUSE, note="=HYPERLINK(1)")
    suppressions.record_bounce(mine.account, "full@x.example", 3, timezone.now(), 7)
    BlacklistEntry.objects.filter(address="bad@acme.example").update(address=None)
    lines = b"".join(operator.get(f"{PAGE}export.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(lists.COLUMNS)
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["'=1+1@x.example", "permanent", "3"],
        ["full@x.example", "temporary", "5"],
    ]
    assert "'=HYPERLINK(1)" in lines[1]
    assert Activity.objects.filter(verb="blacklist exported", account=mine.account).count() == 1


def test_the_export_and_the_chart_go_by_the_filters_and_the_search_of_the_list(mine, theirs, operator):
    for address, reason in (("a@x.example", 3), ("b@x.example", 3), ("c@y.example", 2)):
        suppressions.suppress(mine.account, address, Reason(reason))
    suppressions.suppress(theirs.account, "z@x.example", Reason.ABUSE)
    sheet = load_workbook(
        io.BytesIO(b"".join(operator.get(f"{PAGE}export.xlsx?q=@x.example").streaming_content))
    ).active
    assert [row[0].value for row in sheet.rows] == ["address", "a@x.example", "b@x.example"]
    lines = b"".join(operator.get(f"{PAGE}export.csv?reason__exact=2").streaming_content).decode("utf-8-sig")
    assert [line.split(",")[0] for line in lines.splitlines()[1:]] == ["c@y.example"]
    charts = operator.get(f"{PAGE}chart/?reason__exact=3").context["charts"]
    assert [[(str(name), number) for name, number, _width in bars] for _title, bars in charts] == [
        [("abuse notice", 2)], [("x.example", 2)],
    ]  # fmt: skip
    listed = operator.get(f"{PAGE}?q=@x.example").content.decode()
    assert f'{PAGE}export.xlsx?q=%40x.example"' in listed
    assert f'hx-get="{PAGE}chart/?q=%40x.example"' in listed


def test_a_spreadsheet_of_too_many_is_refused_in_a_sentence(mine, operator, monkeypatch):
    monkeypatch.setattr(blacklist_lists, "MOST_ROWS", 0)
    said = operator.get(f"{PAGE}export.xlsx", follow=True).content.decode()
    assert "download them as CSV, or narrow the list" in said
    assert not Activity.objects.filter(verb="blacklist exported").exists()


@pytest.mark.sentence("7-09")
def test_an_entry_tells_why_since_when_and_by_which_delivery(mine, operator):
    suppressions.suppress(mine.account, "x@y.example", Reason.LIST_UNSUBSCRIBE, delivery=mine.delivery.pk)
    entry = BlacklistEntry.objects.get(address="x@y.example")
    answer = operator.get(f"{PAGE}{entry.pk}/change/").content.decode()
    assert "list-unsubscribe" in answer
    assert f"/admin/deliveries/delivery/{mine.delivery.pk}/change/" in answer


def test_a_search_that_begins_with_an_at_looks_for_a_domain(mine, operator):
    for address in ("a@x.example", "b@x.example", "x.example@other.example"):
        suppressions.suppress(mine.account, address, Reason.BY_HAND)
    answer = operator.get(PAGE, {"q": "@x.example"}).content.decode()
    assert [address in answer for address in ("a@x.example", "b@x.example", "x.example@other")] == [
        True,
        True,
        False,
    ]


def test_the_list_is_counted_by_reason_and_domain(mine):
    BlacklistEntry.objects.all().delete()
    for address, reason in (("a@x.example", 3), ("b@x.example", 3), ("c@y.example", 2)):
        suppressions.suppress(mine.account, address, Reason(reason))
    entries = BlacklistEntry.objects.filter(account=mine.account)
    assert lists.by_reason(entries) == [(3, 2), (2, 1)]
    assert lists.by_domain(entries) == [("x.example", 2), ("y.example", 1)]
