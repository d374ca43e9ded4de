"""Reference 2.5: the mails that a run's delivery sends, composed as the sender composes them."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from deliveries.models import Attachment, Delivery
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.worker import compose
from recipients import tables
from tests.content.writing import parsed
from tests.language.test_deliveries_of_a_run import CSV, started
from tests.language.writing import BODY, HEADERS, html, plain

pytestmark = pytest.mark.django_db(transaction=True)


def mails(delivery):
    """Return the delivery's mails, by address."""
    assert started(delivery)
    mailing, found = compose.mailing(delivery), {}
    for message in delivery.messages.all():
        row = Row(message.pk, message.recipient_id, message.address, 1, None, None)
        values = tables.read_values(delivery.database, [message.recipient_id])[message.recipient_id]
        written = compose.write(mailing, row, values, datetime(2026, 11, 24, tzinfo=UTC))
        found[message.address] = parsed(written.body)
    return found


def text(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


ENCODINGS = {
    "utf-8": ["utf-8", "UTF_8", "UTF8"],
    "iso-8859-1": ["iso-8859-1", "ISO_8859_1", "latin1"],
    "iso-8859-15": ["iso-8859-15", "ISO_8859_15", "ISO8859-15"],
    "windows-1252": ["windows-1252", "Cp1252", "CP-1252"],
    "shift_jis": ["shift_jis", "Shift_JIS", "SJIS"],
}


@pytest.mark.sentence("2.5-10", "2.5-11", "2.5-14")
@pytest.mark.parametrize(
    ("charset", "written"), [(kept, name) for kept, names in ENCODINGS.items() for name in names]
)
def test_the_encoding_is_the_charset_of_the_mail_under_any_of_its_names(ran, charset, written):
    lacking = "日" if charset != "shift_jis" else "ü"
    held = "日" if charset == "shift_jis" else "é"
    rows = f"email,nome\nheld@x.example,{held}\nlacking@x.example,{lacking}\n".encode()
    delivery = ran(
        {"list.csv": rows}, recipients=CSV, message=f"<encoding>{written}</encoding>{HEADERS}{BODY}"
    ).delivery
    found = mails(delivery)
    assert {part.get_content_charset() for part in found["held@x.example"].iter_parts()} == {charset}
    assert {part.get_content_charset() for part in found["lacking@x.example"].iter_parts()} == {"utf-8"}
    assert text(found["held@x.example"]).startswith(f"Ciao {held}")
    assert text(found["lacking@x.example"]).startswith(f"Ciao {lacking}")


@pytest.mark.sentence("2.5-57")
def test_attachments_of_the_bundle_go_with_every_mail(ran):
    given = "".join(f"<attachment><file>{name}</file></attachment>" for name in ("a.pdf", "b.TXT"))
    files = {"a.pdf": b"%PDF-1.7", "b.TXT": b"words", "list.csv": b"email\na@x.example\nb@x.example\n"}
    delivery = ran(files, recipients=CSV, body=f"{BODY}<attachments>{given}</attachments>").delivery
    for mail in mails(delivery).values():
        attached = [(part.get_filename(), part.get_payload(decode=True)) for part in mail.iter_attachments()]
        assert attached == [("a.pdf", b"%PDF-1.7"), ("b.TXT", b"words")]
    assert Attachment.objects.count() == 2


@pytest.mark.sentence("2.5-30", "2.5-31", "2.5-32", "2.5-33")
def test_web_version_leads_to_a_public_page_without_personal_data(ran, settings):
    settings.ALLOWED_HOSTS = ["*"]
    body = '<publish_on_web ovveridetaf="true"/>' + html(
        '<p>Ciao ${nome}$ (${email}$) <a href="${web_version}$">web</a></p>'
    )
    (mail,) = mails(ran(body=body).delivery).values()
    page = mail.get_body(("html",)).get_content()
    assert "Ciao Anna (anna@mail.example)" in page
    address = page.partition('<a href="')[2].partition('"')[0]
    shown = Client().get("/w/" + address.partition("/w/")[2])
    assert shown.status_code == 200
    assert "<p>Ciao  () <a href" in shown.content.decode()
    assert not any(word in shown.content.decode() for word in ("Anna", "anna@mail.example"))
    Delivery.objects.update(publish_on_web=False)
    assert Client().get("/w/" + address.partition("/w/")[2]).status_code == 404


@pytest.mark.sentence("2.5-49")
@pytest.mark.parametrize("switch", ["", '<prettyprint enabled="true"/>', '<prettyprint enabled="false"/>'])
def test_html_is_never_reindented(ran, switch):
    page = "<html><body>\n\n<p>  a</p>\t<div><b>x</b>\n   <i>y</i></div></body></html>"
    body = html(page, f"<preferences>{switch}</preferences>")
    (mail,) = mails(
        ran(body=body, delivery='<delivery method="auto"><remove_duplicates/></delivery>').delivery
    ).values()
    sent = mail.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert sent.startswith(page.removesuffix("</body></html>"))


@pytest.mark.sentence("2.5-46")
@pytest.mark.parametrize("links", ["", "<stats><links>parse</links></stats>", "<stats><links>off</links></stats>"])
@pytest.mark.parametrize("track", ['track="yes"', "TRACK='Yes'", "Track=YES", 'track = "no"', "track"])
def test_track_is_taken_out_of_what_is_sent_whatever_links_says(ran, links, track):
    body = html(f'<p><a {track} href="https://a.example/">x</a></p>', f"<preferences>{links}</preferences>")
    (mail,) = mails(ran(body=body).delivery).values()
    sent = mail.get_body(("html",)).get_content()
    assert "track" not in sent.lower()
    assert ">x</a>" in sent


@pytest.mark.sentence("2.5-50", "2.5-51", "2.5-52")
@pytest.mark.parametrize(
    ("part", "switch", "read"),
    [
        (html, "", True),
        (html, '<unescape enabled="true"/>', True),
        (html, '<unescape enabled="false"/>', False),
        (html, '<stats><unescape enabled="false"/></stats>', False),
        (plain, "", True),
        (plain, '<unescape enabled="false"/>', False),
        (plain, '<stats><unescape enabled="false"/></stats>', False),
    ],
)
def test_entities_in_markers_and_around_their_delimiters_are_read_unless_unescape_is_off(ran, part, switch, read):
    condition = "&lt;% if nome == &quot;Anna&quot; &amp;&amp; nome &gt; &quot;A&quot; %&gt;yes&lt;% end %&gt;"
    written = f"[&lt;{{season}}&gt; {condition} &amp;]"
    note = "<notes><note><label>season</label><value>winter</value></note></notes>"
    body = part(written, f"<preferences>{switch}</preferences>")
    (mail,) = mails(ran(body=body, notes=note).delivery).values()
    sent = mail.get_body(("html" if part is html else "plain",)).get_content()
    assert sent.startswith("[winter yes &amp;]" if read else written)
