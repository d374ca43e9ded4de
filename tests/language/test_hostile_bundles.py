"""Reference 2: a good XML with a hostile meaning; test_hostile_xml.py has hostile XML."""

import re

import pytest

from deliveries.content import compile_source
from deliveries.models import Newsletter
from recipients.models import Filter
from tests.content.writing import envelope, parsed
from tests.language.conftest import make_database
from tests.language.test_schedule import scheduled
from tests.language.writing import HEADERS, html, plain


@pytest.mark.sentence("2-17")
def test_43_ids_of_another_account_read_as_those_of_nothing(refusal, demo):
    database = make_database(demo.other, "Theirs", [("email", "email"), ("XML_DELIVERY_CODE", "string")])
    newsletter = Newsletter.objects.create(
        account=demo.other, name="N", database=database, from_address="a@b.example"
    )
    chosen = Filter.objects.create(database=database, name="F")
    for parts in (
        lambda number: {"newsletter": number},
        lambda number: {"recipients": f"<filter><normal>{number}</normal></filter>"},
        lambda number: {"recipients": f"<filter><test>{number}</test></filter>"},
        lambda number: {"body": f"<template_from_campaign_id>{number}</template_from_campaign_id>"},
    ):
        theirs = newsletter.pk if "newsletter" in parts(1) else chosen.pk
        answers = {
            re.sub(rf"\b({theirs}|999999) does", "N does", refusal(**parts(n)).message) for n in (theirs, 999_999)
        }
        assert len(answers) == 1


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("0001-01-01T00:00:00", "DATE_INVALID"),
        ("2099-01-01T00:00:00", "DATE_TOO_FAR"),
        ("9999-12-31T23:59:59", "DATE_TOO_FAR"),
        ("2026-11-23T11:59:59Z", "DATE_INVALID"),
    ],
)
def test_44_a_date_that_is_none_to_send_at_is_refused(refusal, at, code):
    assert refusal(delivery=scheduled(at)).code == code


def test_44_a_date_of_today_is_sent_at_once_and_one_in_a_gap_moves_forward(planned):
    assert planned(delivery=scheduled("2026-11-24T08:00:00")).start_at is None
    assert planned(delivery=scheduled("2027-03-28T02:30:00")).start_at.isoformat() == "2027-03-28T01:30:00+00:00"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"delivery": '<delivery method="auto"><transactional/></delivery>'}, "NOT_TRANSACTIONAL"),
        ({"body": "<preferred_content>simple_text</preferred_content><body/>"}, "CONTENT_MISSING"),
        ({"notes": "<notes>" + "<note><label>a</label><value/></note>" * 2 + "</notes>"}, "NOTE_TWICE"),
    ],
)
def test_45_what_contradicts_itself_is_refused(refusal, parts, code):
    assert refusal(**parts).code == code


@pytest.mark.sentence("2.5-24")
@pytest.mark.parametrize(
    "address",
    [
        "a@evil.example",
        "a@demo.example.evil.example",
        "a@sub.demo.example",
        "a@DEMO.EXAMPLE.",
        "a@xn--demo.example",
    ],
)
def test_46_a_sender_of_another_domain_is_refused(refusal, planned, address):
    headers = HEADERS.replace("news@demo.example", address)
    if address == "a@DEMO.EXAMPLE.":
        assert planned(headers=headers)
    else:
        assert refusal(headers=headers).code == "FROM_NOT_ALLOWED"


@pytest.mark.sentence("2.5-22")
@pytest.mark.parametrize("break_", ["\n", "&#13;&#10;", "&#10;", "&#x2028;", "&#x85;"])
def test_47_no_header_is_made_of_a_value_of_the_file_or_of_a_person(planned, break_):
    more = f"x{break_}Bcc: evil@evil.example{break_}{break_}body"
    headers = HEADERS.replace("${nome}$, your order", f"{more} ${{nome}}$").replace("Demo Shop", more)
    compiled = compile_source(planned(headers=headers).source)
    mail = parsed(compiled.compose({"nome": "y\r\nBcc: evil@evil.example\r\n\r\nbody"}, envelope()))
    assert mail["Bcc"] is None
    assert mail["Subject"].count("Bcc: evil@evil.example") == 2
    assert len(mail["From"].addresses) == 1


@pytest.mark.parametrize(
    "message", [html("<p>${gone}$</p>"), plain("${gone}$"), html("<p><% if gone %>x<% end %></p>")]
)
def test_48_an_unknown_field_is_refused_before_anything_is_sent(refusal, message):
    error = refusal(body=message)
    assert (error.code, error.element) == ("TPL_UNKNOWN_FIELD", "embed")
    assert "“gone” is unknown; the database has" in error.message


def test_49_template_bombs_of_other_languages_are_text_or_refused(planned, refusal):
    bomb = "{{ 'x'|center:'300000000' }} {% for a in b %} {{ u.password }} #{7*7} {{7*7}} __import__('os')"
    assert planned(body=plain(bomb)).source.text == bomb
    for code in ("<%= `id` %>", "<%= 'x' * 300000000 %>", "<%= nome.send('eval') %>", "<% while 1 %><% end %>"):
        assert refusal(body=plain(code)).code == "TPL_SYNTAX"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:x", "java&#9;script:x", "vbscript:x", "data:text/html,x", "file:///etc/passwd",
     "https://shop.example@evil.example/", "//u:p@evil.example/", "https:\\\\ok@evil.example"],
)  # fmt: skip
def test_50_a_link_of_another_scheme_or_with_a_user_is_refused(refusal, address):
    error = refusal(body=html(f'<p>\n<a href="{address}">x</a></p>'))
    assert error.code == "LINK_SCHEME"
    assert "line 2 column 4 of its text" in error.message
