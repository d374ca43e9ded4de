"""Reference 2.1, 2.2, 2.5: what a bundle names in its account, and its channel."""

import pytest
from django.utils import timezone

from deliveries.errors import BundleError
from deliveries.intake import rules
from deliveries.intake.parsing import parse
from deliveries.models import Newsletter
from deliveries.sentences.bundles import SENTENCES
from recipients.models import Filter
from tests.language.conftest import NOW, make_database, template
from tests.language.writing import FILTER, TEST_FILTER, write


def test_codes_are_those_of_the_list(refusal, demo):
    assert refusal(newsletter=999_999).code in SENTENCES


@pytest.mark.sentence("2.7-02")
def test_channel_off(demo):
    for channel, message in (("sms", "<subject>x</subject>"), ("push", "<subject>x</subject><push_endpoints/>")):
        with pytest.raises(BundleError, match=f"channel {channel} is not enabled") as caught:
            rules.check_ids(parse(write(channel=channel, message=message), "x.xml"), demo.account)
        assert (caught.value.code, caught.value.line, caught.value.element) == ("CHANNEL_OFF", 5, channel)


@pytest.mark.sentence("2.1-14")
def test_a_newsletter_is_of_the_channel_that_the_campaign_has(refusal, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(channel="sms")
    assert refusal().code == "REF_NEWSLETTER"


def told_alike(refusal, code, field, mine, foreign):
    """Another account's id reads exactly as one that does not exist."""
    first, second = refusal(**field(foreign)), refusal(**field(999_999))
    assert first.code == second.code == code
    assert first.message.replace(f" {foreign} does", " N does") == second.message.replace(" 999999 does", " N does")


@pytest.mark.sentence("2.1-13")
def test_ref_newsletter(refusal, demo):
    database = make_database(demo.other, "Theirs", [("email", "email")])
    theirs = Newsletter.objects.create(account=demo.other, name="N", database=database, from_address="a@b.example")
    told_alike(refusal, "REF_NEWSLETTER", lambda number: {"newsletter": number}, None, theirs.pk)


@pytest.mark.sentence("2.2-13")
@pytest.mark.parametrize("place", [FILTER, TEST_FILTER])
def test_ref_filter(refusal, demo, place):
    database = make_database(demo.other, "Theirs", [("email", "email")])
    theirs = Filter.objects.create(database=database, name="F")
    mine_of_another_database = Filter.objects.create(database=demo.pages, name="F")
    for foreign in (theirs.pk, mine_of_another_database.pk):
        told_alike(refusal, "REF_FILTER", lambda number: {"recipients": place.format(number)}, None, foreign)


@pytest.mark.parametrize(("place", "use"), [(FILTER, "test"), (TEST_FILTER, "real")])
def test_filter_use(refusal, demo, place, use):
    Filter.objects.filter(pk=demo.milan.pk).update(use=use)
    assert refusal(recipients=place.format(demo.milan.pk)).code == "FILTER_USE"


@pytest.mark.sentence("2.2-15", "3.5-13")
@pytest.mark.parametrize(("place", "element"), [(FILTER, "normal"), (TEST_FILTER, "test")])
def test_filter_archived(refusal, demo, place, element):
    Filter.objects.filter(pk=demo.milan.pk).update(archived_at=timezone.now())
    error = refusal(recipients=place.format(demo.milan.pk))
    assert (error.code, error.element) == ("FILTER_ARCHIVED", element)


@pytest.mark.parametrize(("place", "element"), [(FILTER, "normal"), (TEST_FILTER, "test")])
def test_filter_broken(refusal, demo, place, element):
    Filter.objects.filter(pk=demo.milan.pk).update(conditions=[{"field": "gone", "op": "is_empty"}])
    error = refusal(recipients=place.format(demo.milan.pk))
    assert (error.code, error.element) == ("FILTER_BROKEN", element)
    assert "(condition 1: field 'gone' is not in the database; known are email, nome," in error.message


@pytest.mark.sentence("2.2-16")
@pytest.mark.parametrize("place", [FILTER, TEST_FILTER])
@pytest.mark.parametrize("wrong", [{"database": "pages"}, {"use": ""}, {"archived_at": NOW}])
def test_a_filter_that_may_not_be_used_here_is_a_configuration_error(refusal, demo, place, wrong):
    other_use = {"use": "test" if place == FILTER else "real"} if "use" in wrong else wrong
    changes = {"database": demo.pages} if "database" in wrong else other_use
    Filter.objects.filter(pk=demo.milan.pk).update(**changes)
    assert refusal(recipients=place.format(demo.milan.pk)).sub_status == "XMLD_CONFIGURATION_ERROR"


@pytest.mark.sentence("2.5-53")
def test_ref_template(refusal, demo):
    theirs = template(demo, account=demo.other)
    told_alike(
        refusal,
        "REF_TEMPLATE",
        lambda number: {"body": f"<template_from_campaign_id>{number}</template_from_campaign_id>"},
        None,
        theirs.pk,
    )


def test_database_read_only_is_refused_only_when_recipients_are_brought(refusal, planned, demo):
    demo.customers.read_only = True
    demo.customers.save()
    error = refusal()
    assert (error.code, error.element) == ("DATABASE_READ_ONLY", "new_recipients")
    assert planned(recipients=FILTER.format(demo.milan.pk)).normal.filter == demo.milan


@pytest.mark.sentence("3.1-09")
def test_database_no_code(refusal, demo):
    bare = make_database(demo.account, "Bare", [("email", "email"), ("nome", "string")])
    Newsletter.objects.filter(pk=demo.offers.pk).update(database=bare)
    assert refusal().code == "DATABASE_NO_CODE"
