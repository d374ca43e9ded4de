"""Reference 2.5: every part of a message is optional, its defaults and its lengths."""

from itertools import combinations

import pytest

from deliveries.content import compile_source
from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from deliveries.models import Newsletter
from tests.content.writing import envelope
from tests.language.conftest import template
from tests.language.writing import BODY, HEADERS, html, notes, plain, write

PARTS = {
    "encoding": "<encoding>utf-8</encoding>",
    "headers": HEADERS,
    "publish_on_web": "<publish_on_web/>",
    "body": BODY,
    "template_from_campaign_id": "<template_from_campaign_id>7</template_from_campaign_id>",
    "attachments": "<attachments><attachment><file>a.pdf</file></attachment></attachments>",
}
HEADER = {
    "label": "<label>L</label>",
    "subject": "<subject>S</subject>",
    "mail_from": "<mail_from><name>N</name><address>n@demo.example</address></mail_from>",
    "reply_to": "<reply_to>r@demo.example</reply_to>",
}


def subsets(parts):
    return [
        "".join(parts[name] for name in kept)
        for size in range(len(parts) + 1)
        for kept in combinations(parts, size)
    ]


@pytest.mark.sentence("2.5-01", "2.5-41", "2.5-56")
@pytest.mark.parametrize(
    "message",
    [
        *subsets(PARTS),
        *(f"<headers>{each}</headers>" for each in subsets(HEADER)),
        "<headers><mail_from><name>N</name></mail_from></headers>",
        "<headers><mail_from><address>n@demo.example</address></mail_from></headers>",
        "<preferred_content/><body><html/></body>",
        "<preferred_content/><body><text/></body>",
    ],
)
def test_every_part_of_a_message_is_optional(message):
    assert parse(write(message=message), "x.xml").newsletter == 1


@pytest.mark.sentence("2.5-02")
@pytest.mark.parametrize("part", [*PARTS, "preferred_content"])
def test_every_part_of_a_message_is_there_once(part):
    whole = "".join(PARTS.values())
    again = PARTS.get(part, "<preferred_content>both</preferred_content>")
    with pytest.raises(BundleError) as caught:
        parse(write(message=whole.replace(again, again * 2)), "x.xml")
    assert caught.value.sub_status == "XML_ERROR"


@pytest.mark.sentence("2.5-07", "2.5-23")
def test_what_only_repeats_a_default_may_be_left_out(planned, demo):
    defaults = {
        "subject": "S", "html": "<p>H</p>", "text": "T", "encoding": "iso-8859-15", "preferred_content": "both"
    }  # fmt: skip
    Newsletter.objects.filter(pk=demo.offers.pk).update(**defaults)
    headers = """<headers><label>S</label><subject>S</subject><mail_from><name>Demo Shop</name>
    <address>news@demo.example</address></mail_from><reply_to>help@demo.example</reply_to></headers>"""
    said = BODY.replace("<p>Ciao ${nome}$</p>", "<p>H</p>").replace("Ciao ${nome}$", "T")
    repeated = planned(message=f"<encoding>ISO_8859_15</encoding>{headers}{said}")
    assert planned(message="") == planned(message="<preferred_content/><body/>") == repeated


@pytest.mark.sentence("2.5-12")
@pytest.mark.parametrize(
    ("own", "kept"), [("windows-1252", "windows-1252"), ("Cp1252", "windows-1252"), ("", "utf-8")]
)
@pytest.mark.parametrize("given", ["", "<encoding/>"])
def test_without_an_encoding_it_is_the_newsletters_then_utf_8(planned, demo, own, kept, given):
    Newsletter.objects.filter(pk=demo.offers.pk).update(encoding=own)
    assert planned(message=given + HEADERS + BODY).source.encoding == kept


@pytest.mark.sentence("2.5-16", "2.5-17")
@pytest.mark.parametrize(
    ("headers", "title"),
    [
        ("<label>L</label><subject>S</subject>", "L"),
        ("<subject>S</subject>", "S"),
        ("<label/><subject>S</subject>", "S"),
        ("<label>L</label>", "L"),
        ("", "Default"),
    ],
)
def test_the_title_is_the_label_else_the_subject_else_the_newsletters(planned, demo, headers, title):
    Newsletter.objects.filter(pk=demo.offers.pk).update(subject="Default")
    assert planned(headers=f"<headers>{headers}</headers>").source.title == title


BREAKS = ["\n", "\r\n", "&#13;&#10;", "&#9;", "&#10;", "&#13;", "&#x85;", "&#x7f;", "&#x2028;", "&#x9b;"]


@pytest.mark.sentence("2.5-22")
@pytest.mark.parametrize("written", BREAKS)
@pytest.mark.parametrize("name", ["label", "subject", "name"])
def test_a_line_break_or_control_character_in_a_title_subject_or_name_becomes_one_blank(name, written):
    inside = f"<{name}>one{written}two</{name}>"
    inside = f"<mail_from>{inside}</mail_from>" if name == "name" else inside
    message = parse(write(headers=f"<headers>{inside}</headers>"), "x.xml").message
    assert getattr(message, "from_name" if name == "name" else name) == "one two"


@pytest.mark.sentence("2.5-20")
def test_a_subject_has_at_most_500_characters_as_written_whatever_its_markers_become(planned, demo):
    marker = "${nome}$"
    subject = marker * 62 + "x" * 4
    assert len(subject) == 500
    plan = planned(headers=HEADERS.replace("${nome}$, your order", subject))
    mail = compile_source(plan.source).preview({"nome": "Ida"}, envelope())
    assert mail.subject == "Ida" * 62 + "xxxx"
    # its markers may make it longer; then it is cut, not refused
    filled = compile_source(plan.source).preview({"nome": "A long name"}, envelope()).subject
    assert filled == f"{'A long name' * 62}"[:499] + "…"
    with pytest.raises(BundleError):
        planned(headers=HEADERS.replace("${nome}$, your order", f"{subject}x"))


@pytest.mark.sentence("2.5-19", "2.5-25", "2.5-26", "2.5-29")
def test_markers_are_filled_in_subject_name_local_part_and_reply_to(planned):
    both = "${nome}$-&lt;{wave}&gt;"
    headers = (
        f"<headers><subject>S {both}</subject>"
        f"<mail_from><name>N {both}</name><address>a-{both}@demo.example</address></mail_from>"
        f"<reply_to>R {both} &lt;r-{both}@demo.example&gt;</reply_to></headers>"
    )
    plan = planned(headers=headers, notes=notes(("wave", "2")))
    mail = compile_source(plan.source).preview({"nome": "Ida"}, envelope())
    assert mail.subject == "S Ida-2"
    assert mail.from_ == "N Ida-2 <a-Ida-2@demo.example>"
    assert mail.reply_to == "R Ida-2 <r-Ida-2@demo.example>"


@pytest.mark.sentence("2.5-26")
@pytest.mark.parametrize("address", ["a@${nome}$", "a@${nome}$.example", "a@&lt;{wave}&gt;.example"])
def test_no_marker_stands_in_the_domain_of_the_sender(refusal, address):
    headers = HEADERS.replace("news@demo.example", address)
    assert refusal(headers=headers, notes=notes(("wave", "demo"))).code == "FROM_ADDRESS"


@pytest.mark.sentence("2.5-40")
@pytest.mark.parametrize("part", [html, plain])
def test_an_embed_has_up_to_5_mb(planned, part):
    most = 5 * 1024**2
    text = "x" * most
    plan = planned(body=part(text))
    assert len(getattr(plan.source, "html" if part is html else "text")) == most
    with pytest.raises(BundleError) as caught:
        parse(write(body=part(f"{text}x")), "x.xml")
    assert (caught.value.sub_status, caught.value.element) == ("XML_ERROR", "embed")


@pytest.mark.sentence("2.5-43", "2.5-44", "2.5-45", "2.5-47")
@pytest.mark.parametrize(("name", "default"), [("links", ("off", "parse")), ("views", ("parse", None))])
@pytest.mark.parametrize("written", [None, "", "parse", "off", "on", "true"])
def test_links_and_views_are_parse_or_off_with_their_defaults(planned, name, default, written):
    said = "" if written is None else f"<preferences><stats><{name}>{written}</{name}></stats></preferences>"
    for part, kind, value in ((html, "html", default[0]), (plain, "text", default[1])):
        if value is None:
            continue
        if written in {"on", "true"}:
            with pytest.raises(BundleError) as caught:
                planned(body=part("x", said))
            assert (caught.value.sub_status, caught.value.element) == ("XML_ERROR", name)
        else:
            assert getattr(planned(body=part("x", said)).source, f"{kind}_{name}") == (written or value)


@pytest.mark.sentence("2.5-54")
def test_a_template_is_a_delivery_of_the_same_channel(refusal, demo):
    texts = Newsletter.objects.create(
        account=demo.account, name="SMS", database=demo.customers, from_address="a@demo.example", channel="sms"
    )
    body = f"<template_from_campaign_id>{template(demo, newsletter=texts).pk}</template_from_campaign_id>"
    assert refusal(headers="", body=body).code == "REF_TEMPLATE"
