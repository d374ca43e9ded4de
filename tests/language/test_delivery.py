"""Reference 2.3, 2.4: transactional, reports and labels."""

from itertools import combinations, permutations

import pytest

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from deliveries.models import Newsletter
from recipients.models import User
from tests.language.conftest import template
from tests.language.writing import TRANSACTIONAL, notes, write


@pytest.mark.sentence("2.3-21", "2.3-22")
def test_not_transactional_and_transactional_missing(refusal, planned, demo):
    assert refusal(delivery=TRANSACTIONAL).code == "NOT_TRANSACTIONAL"
    Newsletter.objects.filter(pk=demo.offers.pk).update(kind="transactional")
    assert refusal().code == "TRANSACTIONAL_MISSING"
    plan = planned(delivery=TRANSACTIONAL)
    assert plan.transactional
    assert plan.source.footer is False


@pytest.mark.sentence("2.3-24")
def test_a_report_goes_to_users_of_the_account_and_others_are_noted(planned, demo):
    wanted = (
        '<delivery method="auto"><schedule_report><report_recipient>ERP@demo.example</report_recipient>'
        "<report_recipient>who@else.example</report_recipient><delay_hour>24</delay_hour></schedule_report></delivery>"
    )
    plan = planned(delivery=wanted)
    assert plan.report == rules.Report(("ERP@demo.example",), 24)
    assert "“who@else.example” is not a user of this account" in plan.warnings[0]
    User.objects.update(is_active=False)
    assert planned(delivery=wanted).report is None


@pytest.mark.sentence("2.4-03")
def test_note_twice_and_too_many_notes(refusal, planned):
    assert refusal(notes=notes(("a", "1"), ("a", "2"))).code == "NOTE_TWICE"
    assert refusal(notes=notes(*((f"n{n}", "x") for n in range(51)))).code == "TOO_MANY_NOTES"
    assert planned(notes=notes(*((f"n{n}", "x") for n in range(50)))).labels[49] == ("n49", "x")


CHILDREN = {
    "schedule": "<schedule>2035-01-01T00:00:00</schedule>",
    "remove_duplicates": "<remove_duplicates/>",
    "transactional": "<transactional/>",
    "schedule_report": "<schedule_report><report_recipient>a@b.it</report_recipient><delay_hour>24</delay_hour>"
    "</schedule_report>",
}


@pytest.mark.sentence("2.3-07")
@pytest.mark.parametrize("kept", [kept for size in range(5) for kept in combinations(CHILDREN, size)])
def test_each_child_of_delivery_may_be_there_once_and_in_this_order_only(kept):
    def refused(names):
        written = f'<delivery method="auto">{"".join(CHILDREN[name] for name in names)}</delivery>'
        try:
            parse(write(delivery=written), "x.xml")
        except BundleError as error:
            return error.sub_status
        return ""

    assert refused(kept) == ""
    for name in kept:
        assert refused((*kept, name)) == "XML_ERROR"
    for other in permutations(kept):
        assert refused(other) == ("" if other == kept else "XML_ERROR")


@pytest.mark.sentence("2.3-21", "2.3-22")
def test_a_marketing_newsletter_beside_a_transactional_template_and_the_reverse(planned, refusal, demo):
    receipts = Newsletter.objects.create(
        account=demo.account, name="R", database=demo.customers, from_address="a@demo.example", kind="transactional"
    )
    body = f"<template_from_campaign_id>{template(demo, newsletter=receipts).pk}</template_from_campaign_id>"
    assert planned(headers="", body=body, delivery=TRANSACTIONAL).transactional
    assert refusal(headers="", body=body).code == "TRANSACTIONAL_MISSING"
