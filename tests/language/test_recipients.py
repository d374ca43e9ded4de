"""Reference 2.2: the fields of people in the XML, what overrides what, and who is nobody."""

from dataclasses import replace

import pytest

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from tests.language.writing import FILTER, NEW, write


def people(*fields):
    return "<new_recipients>" + "".join(f"<recipient>{each}</recipient>" for each in fields) + "</new_recipients>"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("<email>a@b.it</email><nickname>x</nickname>", "FIELD_UNKNOWN"),
        ("<email>a@b.it</email><xml_delivery_code>x</xml_delivery_code>", "FIELD_RESERVED"),
        ("<email>a@b.it</email><Nome>x</Nome><nome>y</nome>", "FIELD_TWICE"),
    ],
)
def test_field_unknown_field_reserved_and_field_twice(refusal, fields, code):
    error = refusal(recipients=people("<email>a@b.it</email>", fields))
    assert (error.code, error.file, error.line) == (code, "orders.xml", 7)


@pytest.mark.sentence("2.2-06")
@pytest.mark.parametrize("kind", ["new", "test"])
@pytest.mark.parametrize("field", ["nome", "NOME", "Nome", "cItTa"])
def test_the_fields_of_a_recipient_are_those_of_the_database_in_any_case(planned, refusal, kind, field):
    person = f"<email>a@b.it</email><{field}>x</{field}>"
    brought = (
        people(person)
        .replace("new_", f"{kind}_")
        .replace("recipient>", "test_recipient>" if kind == "test" else "recipient>")
    )
    plan = planned(recipients=brought)
    assert (plan.normal or plan.test).source.people[0].names == ("email", field)
    assert refusal(recipients=brought.replace(field, f"{field}x")).code == "FIELD_UNKNOWN"


@pytest.mark.sentence("2.2-18")
def test_new_recipients_override_the_filter_which_is_noted_and_not_looked_up(planned):
    plan = planned(recipients=NEW + "<filter><normal>999999</normal></filter>")
    assert plan.normal.source is not None
    assert plan.normal.filter is None
    assert "new_recipients overrides the filter 999999" in plan.warnings[0]


@pytest.mark.sentence("2.2-19")
def test_test_recipients_override_the_test_filter(planned):
    brought = (
        NEW.replace("new_", "test_")
        .replace("<recipient>", "<test_recipient>")
        .replace("</recipient>", "</test_recipient>")
    )
    plan = planned(recipients=brought + "<filter><test>999999</test></filter>")
    assert plan.normal is None
    assert (plan.test.most, plan.test.filter) == (30, None)
    assert "overrides the filter 999999" in plan.warnings[0]


def test_anything_for_test_makes_two_deliveries(planned, demo):
    plan = planned(recipients=NEW + f'<filter><test rendering="true">{demo.milan.pk}</test></filter>')
    assert plan.normal.source is not None
    assert plan.test.filter == demo.milan
    assert any("rendering is not enabled" in warning for warning in plan.warnings)


def test_nobody(planned, demo):
    recipients = FILTER.format(demo.milan.pk)
    instructions = parse(write(recipients=recipients), "x.xml")
    now, later = planned(recipients=recipients), '<delivery method="manual"/>'
    with pytest.raises(BundleError, match="selects nobody") as caught:
        rules.count_filters(instructions, now, lambda *_which: 0)
    assert caught.value.code == "NOBODY"
    waiting = planned(recipients=recipients, delivery=later)
    assert "selects nobody" in rules.count_filters(instructions, waiting, lambda *_which: 0).warnings[-1]
    both = replace(now, test=rules.Audience(None, demo.milan, 30))
    judged = rules.count_filters(instructions, both, lambda kind, _wanted: {"normal": 5, "test": 0}[kind])
    assert judged.test is None
    assert "no test delivery is made" in judged.warnings[-1]
    with pytest.raises(BundleError):
        rules.count_filters(instructions, replace(both, normal=None), lambda *_which: 0)
