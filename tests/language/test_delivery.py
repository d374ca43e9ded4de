"""Reference 2.3, 2.4: transactional, reports and labels."""

from deliveries.intake import rules
from deliveries.models import Newsletter
from recipients.models import User
from tests.language.writing import TRANSACTIONAL, notes


def test_not_transactional_and_transactional_missing(refusal, planned, demo):
    assert refusal(delivery=TRANSACTIONAL).code == "NOT_TRANSACTIONAL"
    Newsletter.objects.filter(pk=demo.offers.pk).update(kind="transactional")
    assert refusal().code == "TRANSACTIONAL_MISSING"
    plan = planned(delivery=TRANSACTIONAL)
    assert plan.transactional
    assert plan.content["footer"] is False


def test_a_report_goes_to_users_of_the_account_and_others_are_noted(planned, demo):
    wanted = (
        '<delivery method="auto"><schedule_report><report_recipient>ERP@demo.example</report_recipient>'
        "<report_recipient>who@else.example</report_recipient><delay_hour>24</delay_hour></schedule_report></delivery>"
    )
    plan = planned(delivery=wanted)
    assert plan.report == rules.Report(("ERP@demo.example",), 24)
    assert "“who@else.example” is no user of this account" in plan.warnings[0]
    User.objects.update(is_active=False)
    assert planned(delivery=wanted).report is None


def test_note_twice_and_too_many_notes(refusal, planned):
    assert refusal(notes=notes(("a", "1"), ("a", "2"))).code == "NOTE_TWICE"
    assert refusal(notes=notes(*((f"n{n}", "x") for n in range(51)))).code == "TOO_MANY_NOTES"
    assert planned(notes=notes(*((f"n{n}", "x") for n in range(50)))).labels[49] == ("n49", "x")
