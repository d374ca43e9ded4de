"""Reference 2: 200,000 elements, 64 attributes of each and 50,000 in all, counted before anything is built."""

import pytest

from deliveries.intake.parsing import parse
from tests.language.huge import GOOD, at, numbered, people
from tests.language.test_hostile_xml import refused
from tests.language.writing import html, write

HERE = GOOD.count(b"<") - GOOD.count(b"</") - GOOD.count(b"<!") - GOOD.count(b"<?") - GOOD.count(b"<p>")
CODECS = ["utf-8", "utf-16", "latin-1"]


def encoded(data: bytes, codec: str) -> bytes:
    return data.decode().replace('"utf-8"', f'"{codec}"').encode(codec)


@pytest.mark.parametrize("codec", CODECS)
def test_200_000_elements_are_read_and_no_more(codec):
    data = people(b"<recipient/>\n" * (200_000 - HERE))
    assert len(parse(encoded(data, codec), "x.xml").recipients.new.people) == 200_001 - HERE
    error = refused(encoded(at(b"<campaign>", b"<x/>", data), codec))
    assert error.code == "XML_TOO_LARGE"
    assert error.message.endswith("more than 200,000 elements: put the recipients into a CSV")
    assert error.line == data.count(b"\n", 0, data.rindex(b"<embed>")) + 1


@pytest.mark.parametrize("codec", CODECS)
def test_64_attributes_of_an_element_are_read_and_no_more(codec):
    data = write(headers="<publish_on_web\n@/>").replace(b"@", numbered(b" a#='x=\"1\"'", 63) + b" xmlns:x='u'")
    assert parse(encoded(data, codec), "x.xml").message.publish_on_web
    error = refused(encoded(data.replace(b" a0=", b" b=' ' a0="), codec))
    assert error.code == "XML_TOO_LARGE"
    assert error.message.startswith("x.xml line 12: <publish_on_web> has more than 64 attributes: remove what")


def test_50_000_attributes_of_a_file_are_judged_and_no_more():
    here = GOOD.count(b'="') - 2  # those of the declaration are none
    data = people(b'<recipient id="1" b="2"/>' * ((50_000 - here) // 2))
    assert refused(data).code == "XML_UNKNOWN_ATTRIBUTE"
    error = refused(at(b"</new_recipients>", b'\n<x a="" b=""/>', data))
    assert error.code == "XML_TOO_LARGE"
    assert error.message.startswith("x.xml line 10: <x> brings the file's attributes to more than 50,000: remove")


def test_a_name_in_the_sentence_is_the_clients():
    crowded = "<citt\u00e0 " + numbered(b' a#=""', 65).decode() + "/>"
    assert "<citt\u00e0> has more than 64" in refused(people(crowded.encode())).message
    assert "<a\\x00> has" in refused(people(crowded.replace("citt\u00e0", "a\0").encode())).message


@pytest.mark.parametrize("around", ["<![CDATA[{}]]>", "<!--{}-->", "<?x {}?>"])
def test_what_is_no_markup_does_not_count(around):
    tags = around.format("<p a='1' b='2'>" * 260_000)
    data = write(body=html("@")).replace(b"<![CDATA[@]]>", tags.encode())
    assert parse(data, "x.xml").newsletter == 1


def test_text_that_is_written_out_does_not_count():
    body = "&lt;p a=\"1\" b='2'>" * 200_000
    data = write(body=html("@")).replace(b"<![CDATA[@]]>", body.encode())
    assert parse(data, "x.xml").message.html.embed.count("<p") == 200_000
