"""Reference 2.5: encoding, headers, preferences, and where their defaults come from."""

import pytest

from deliveries.composition import content_of
from deliveries.models import Newsletter
from recipients.domains import ownership
from tests.language.writing import BODY, HEADERS, html


@pytest.mark.sentence("2.5-11", "2.5-13")
def test_encoding_unknown(refusal, planned):
    error = refusal(message="<encoding>koi8-r</encoding>" + HEADERS + BODY)
    assert (error.code, error.element) == ("ENCODING_UNKNOWN", "encoding")
    for written, kept in {"Cp1252": "windows-1252", "ISO_8859_15": "iso-8859-15", "UTF_8": "utf-8"}.items():
        assert planned(message=f"<encoding>{written}</encoding>" + HEADERS + BODY).source.encoding == kept


@pytest.mark.sentence("2.5-18", "2.5-28")
def test_subject_missing_reply_to_missing(refusal, demo):
    found = refusal(newsletter=demo.bare.pk, headers="")
    assert [problem.code for problem in found.problems] == ["SUBJECT_MISSING", "REPLY_TO_MISSING"]


@pytest.mark.sentence("2.5-05")
def test_the_ladder_of_defaults_bundle_then_newsletter(planned, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(subject="Default", html="<p>d</p>", encoding="iso-8859-15")
    plan = planned(message="")
    assert (plan.source.subject, plan.source.title) == ("Default", "Default")
    assert plan.source.from_address == "news@demo.example"
    assert (plan.source.html, plan.source.text, plan.source.encoding) == ("<p>d</p>", "", "iso-8859-15")
    plan = planned(message=HEADERS + BODY)
    assert (plan.source.title, plan.source.subject) == ("Orders", "${nome}$, your order")


@pytest.mark.sentence("2.5-23", "2.5-24", "2.5-26")
def test_from_address_and_from_not_allowed(refusal, planned, demo):
    def headers(address):
        return HEADERS.replace("news@demo.example", address)

    for wrong in ("nobody", "a@${nome}$", "@demo.example", "a@b@demo .example"):
        assert refusal(headers=headers(wrong)).code == "FROM_ADDRESS"
    assert refusal(headers=headers("a@evil.example")).code == "FROM_NOT_ALLOWED"
    assert refusal(headers=headers("a@sub.demo.example")).code == "FROM_NOT_ALLOWED"
    assert planned(headers=headers("${nome}$@DEMO.example")).source.from_address == "${nome}$@DEMO.example"
    demo.account.sender_domains.all().delete()
    ownership.vouch(demo.account, ["other.example"])
    assert refusal().code == "FROM_NOT_ALLOWED"


def test_an_unreadable_reply_to_is_refused_at_its_element(refusal, planned):
    error = refusal(headers=HEADERS.replace("help@demo.example", "help at demo"))
    assert error.element == "reply_to"
    named = planned(headers=HEADERS.replace("help@demo.example", "Help ${nome}$ &lt;help@demo.example&gt;"))
    assert named.source.reply_to == "Help ${nome}$ <help@demo.example>"


def test_links_views_and_unescape_have_their_defaults(planned):
    content = content_of(planned().source)
    assert (content["html_links"], content["text_links"], content["html_views"]) == ("off", "parse", "parse")
    assert content["html_unescape"]
    asked = '<links>parse</links><views>off</views><unescape enabled="false"/>'
    content = content_of(planned(body=html("x", f"<preferences><stats>{asked}</stats></preferences>")).source)
    assert (content["html_links"], content["html_views"], content["html_unescape"]) == ("parse", "off", False)


def test_a_category_that_the_newsletter_knows_is_no_matter_for_a_note(planned, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(link_categories={"Shop": 7})
    written = "%{One[Shop]%%https://shop.example/1}%%{Two[nothing]%%https://shop.example/2}%"
    plan = planned(body=html(written, "<preferences><stats><links>parse</links></stats></preferences>"))
    assert ["Shop" in warning or "nothing" in warning for warning in plan.warnings] == [True]
    assert "nothing" in plan.warnings[0]
