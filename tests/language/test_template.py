"""Reference 2.5: template_from_campaign_id, with everything that it gives and excludes."""

import pytest

from deliveries.models import Attachment, Label, Newsletter
from tests.language.conftest import template
from tests.language.writing import BODY, HEADERS, TRANSACTIONAL, html, notes, plain

EMPTY_BODIES = [
    "",
    "<preferred_content/>",
    "<preferred_content/><body/>",
    "<preferred_content> </preferred_content><body><html/><text/></body>",
]


def beside(made, before="", after=""):
    return f"{before}<template_from_campaign_id>{made.pk}</template_from_campaign_id>{after}"


def test_template_excludes_preferred_content_and_body(refusal, demo):
    made = template(demo)
    body = BODY + f"<template_from_campaign_id>{made.pk}</template_from_campaign_id>"
    assert [problem.code for problem in refusal(body=body).problems] == ["TEMPLATE_EXCLUDES"] * 2


@pytest.mark.sentence("2.5-06")
def test_a_template_gives_every_default_and_the_encoding(planned, demo):
    made = template(demo, encoding="iso-8859-1", html_links="parse")
    Attachment.objects.create(delivery=made, name="a.pdf", content_type="application/pdf", content=b"%PDF-")
    body = f"<preferred_content/><body/><template_from_campaign_id>{made.pk}</template_from_campaign_id>"
    plan = planned(message="<encoding>utf-8</encoding>" + body)
    assert (plan.source.subject, plan.source.from_name) == ("From the template", "Old")
    assert (plan.source.encoding, plan.source.html_links) == ("iso-8859-1", "parse")
    assert plan.source.html == "<p>${nome}$</p>"
    assert [part.name for part in plan.source.attachments] == ["a.pdf"]


@pytest.mark.parametrize("body", EMPTY_BODIES)
def test_what_is_empty_beside_a_template_is_not_given(planned, demo, body):
    assert planned(headers="", body=beside(template(demo), body)).source.html == "<p>${nome}$</p>"


@pytest.mark.sentence("2.5-55")
@pytest.mark.parametrize(
    ("body", "excluded"),
    [
        ("<preferred_content>both</preferred_content>", ["preferred_content"]),
        ("<preferred_content>rich_text</preferred_content><body/>", ["preferred_content"]),
        (html("x"), ["body"]),
        (plain("x"), ["body"]),
        (html("", "<preferences><stats><links>parse</links></stats></preferences>"), ["body"]),
        (plain("", '<preferences><unescape enabled="false"/></preferences>'), ["body"]),
        (BODY, ["preferred_content", "body"]),
    ],
)
def test_what_says_something_beside_a_template_is_refused(refusal, demo, body, excluded):
    error = refusal(headers="", body=beside(template(demo), body))
    assert [problem.message.partition("excludes ")[2].partition(":")[0] for problem in error.problems] == [
        f"<{each}>" for each in excluded
    ]
    assert error.element == "template_from_campaign_id"


@pytest.mark.sentence("2.5-15")
@pytest.mark.parametrize("written", ["utf-8", "koi8-r", ""])
def test_the_encoding_beside_a_template_is_ignored(planned, demo, written):
    made = template(demo, encoding="iso-8859-15")
    plan = planned(message=f"<encoding>{written}</encoding>" + beside(made))
    assert plan.source.encoding == "iso-8859-15"


def test_headers_beside_a_template_win_one_by_one(planned, demo):
    made = template(demo)
    plan = planned(headers="<headers><mail_from><name>New</name></mail_from></headers>", body=beside(made))
    assert (plan.source.from_name, plan.source.from_address, plan.source.subject) == (
        "New",
        "old@demo.example",
        "From the template",
    )
    plan = planned(headers=HEADERS, body=beside(made))
    assert (plan.source.title, plan.source.subject, plan.source.reply_to) == (
        "Orders",
        "${nome}$, your order",
        "help@demo.example",
    )


def test_labels_of_a_template_are_not_taken_over(planned, refusal, demo):
    made = template(demo, text="<{place}>")
    Label.objects.create(delivery=made, name="place", value="Milan")
    assert refusal(headers="", body=beside(made)).code == "TPL_UNKNOWN_LABEL"
    assert planned(headers="", body=beside(made), notes=notes(("place", "Rome"))).labels == (("place", "Rome"),)


def test_attachments_of_the_bundle_take_the_place_of_the_templates_and_inline_images_stay(planned, demo, tmp_path):
    made = template(demo)
    Attachment.objects.create(delivery=made, name="a.pdf", content_type="application/pdf", content=b"%PDF-")
    Attachment.objects.create(delivery=made, name="l.png", content_type="image/png", cid="l@x", content=b"PNG")
    (tmp_path / "b.txt").write_bytes(b"b")
    given = "<attachments><attachment><file>b.txt</file></attachment></attachments>"
    plan = planned(headers="", body=beside(made, after=given), files={"b.txt": tmp_path / "b.txt"})
    assert [part.name for part in plan.source.attachments] == ["b.txt", "l.png"]


def test_a_mistake_in_a_template_names_the_delivery(refusal, demo):
    made = template(demo, text="\n${nickname}$")
    error = refusal(headers="", body=beside(made))
    assert error.code == "TPL_UNKNOWN_FIELD"
    assert f"text of delivery {made.pk}, line 2, column 1" in error.message


def test_a_template_whose_senders_domain_is_no_longer_the_accounts_is_refused(refusal, demo):
    assert (
        refusal(headers="", body=beside(template(demo, from_address="a@gone.example"))).code == "FROM_NOT_ALLOWED"
    )


def receipts_of(demo):
    return Newsletter.objects.create(
        account=demo.account, name="R", database=demo.customers, from_address="a@demo.example", kind="transactional"
    )


def test_the_newsletter_of_the_template_may_be_the_transactional_one(planned, demo):
    made = template(demo, newsletter=receipts_of(demo))
    plan = planned(delivery=TRANSACTIONAL, headers="", body=beside(made))
    assert plan.transactional
    assert plan.source.footer is False  # it is no marketing mail, whatever the newsletter


def test_a_template_of_a_transactional_newsletter_asks_for_the_element_and_names_that_newsletter(refusal, demo):
    receipts = receipts_of(demo)
    error = refusal(headers="", body=beside(template(demo, newsletter=receipts)))
    assert error.code == "TRANSACTIONAL_MISSING"
    assert f"newsletter {receipts.pk} is transactional" in error.message


def test_a_marketing_template_makes_no_marketing_newsletter_transactional(refusal, demo):
    assert refusal(delivery=TRANSACTIONAL, headers="", body=beside(template(demo))).code == "NOT_TRANSACTIONAL"
