"""Reference 2: what .NET, word processors, Windows and report writers do to an instructions file."""

import pytest

from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from deliveries.intake.rules.options import instant
from recipients.faults import CATALOGUE
from tests.language.test_attachments import attached
from tests.language.test_schedule import ROME
from tests.language.writing import HEADERS, html, write


def refused(data):
    with pytest.raises(BundleError) as caught:
        parse(data, "x.xml")
    return caught.value


@pytest.mark.sentence("2.3-31")
@pytest.mark.parametrize("fraction", [".5", ".123", ".1234567", ".123456789"])
@pytest.mark.parametrize("zone", ["", "Z", "+01:00"])
def test_a_fraction_of_a_second_is_dropped(fraction, zone):
    written = f"2026-12-01T09:30:00{fraction}{zone}"
    found = parse(write(delivery=f'<delivery method="auto"><schedule>{written}</schedule></delivery>'), "x.xml")
    assert found.options.schedule == written
    assert instant(written, ROME) == instant(f"2026-12-01T09:30:00{zone}", ROME)


@pytest.mark.sentence("2.5-68")
@pytest.mark.parametrize("nil", ["true", "1"])
def test_an_element_that_is_nil_is_not_given(nil):
    headers = HEADERS.replace("<reply_to>help@demo.example</reply_to>", f'<reply_to xsi:nil="{nil}"/>')
    assert parse(write(headers=headers), "x.xml").message.reply_to == ""


def test_nil_outside_of_the_message_or_beside_a_value_is_refused():
    assert refused(write(delivery='<delivery method="auto"><schedule xsi:nil="true"/></delivery>')).code
    assert refused(write(headers=HEADERS.replace("<reply_to>", '<reply_to xsi:nil="true">'))).code


@pytest.mark.sentence("2.5-69")
def test_a_pdf_may_have_its_mark_within_its_first_1024_bytes(planned, refusal, tmp_path):
    (tmp_path / "doc.pdf").write_bytes(b"\r\n" * 500 + b"%PDF-1.4\n")
    assert planned(body=attached("doc.pdf"), files={"doc.pdf": tmp_path / "doc.pdf"}).source.attachments
    (tmp_path / "doc.pdf").write_bytes(b"\r\n" * 520 + b"%PDF-1.4\n")
    assert refusal(body=attached("doc.pdf"), files={"doc.pdf": tmp_path / "doc.pdf"}).code == "ATT_TYPE"


@pytest.mark.sentence("2-24")
@pytest.mark.parametrize("name", ["Shift_JIS", "Windows-31J", "CP932"])
def test_what_windows_calls_shift_jis_is_read_as_it_is(name):
    data = (
        write(headers=HEADERS.replace("Orders", "①髙")).decode().replace('encoding="utf-8"', f'encoding="{name}"')
    )
    assert parse(data.encode("cp932"), "x.xml").message.label == "①髙"


@pytest.mark.parametrize("character", ["\x0b", "\x08", "\x1b", "\uffff"])
@pytest.mark.parametrize("place", ["<p>one</p>\n<p>two{}</p>", "]]>one\n&lt;p{}<![CDATA["])
def test_a_character_that_xml_does_not_have_is_named_with_its_place(character, place):
    error = refused(write(body=html(place.format(character))))
    assert error.code == "XML_SYNTAX"
    assert f"the character U+{ord(character):04X} is not allowed in XML: take it out" in error.message


def test_a_reference_to_such_a_character_is_named_too():
    assert "U+000B is not allowed in XML" in refused(write(headers=HEADERS.replace("Orders", "a&#11;b"))).message


@pytest.mark.parametrize(
    "text", ["<p>a ]]> b</p>", "<!--[if mso]><![CDATA[x]]><![endif]--><p>y</p>", "a ]]> &nbsp; b"]
)
def test_the_end_of_cdata_inside_the_html_is_said_with_what_to_write(text):
    assert "write ]]]]><![CDATA[> in its place" in refused(write(body=html(text))).message


def test_a_section_that_is_not_closed_is_called_that():
    error = refused(write().replace(b"]]>", b""))
    assert "CData section not finished" in error.message


@pytest.mark.parametrize(
    ("delivery", "sentence"),
    [
        (
            '<delivery method="auto"><transactional/><remove_duplicates/></delivery>',
            "<remove_duplicates> comes too late: the order is fixed, put it before <transactional>",
        ),
        (
            '<delivery method="auto"><remove_duplicates/><schedule>2026-12-01T09:30:00</schedule></delivery>',
            "<schedule> comes too late: the order is fixed, put it before <remove_duplicates>",
        ),
        (
            '<delivery method="auto"><remove_duplicates/><remove_duplicates/></delivery>',
            "<remove_duplicates> is given twice: leave one of them",
        ),
    ],
)
def test_only_the_order_is_named_where_only_the_order_is_wrong(delivery, sentence):
    assert sentence in refused(write(delivery=delivery)).message


def test_each_sentence_of_the_catalogue_can_be_said():
    for key, sentence in CATALOGUE.items():
        assert sentence.personal <= sentence.names, key
