from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from recipients import suppressions
from recipients.models import BlacklistEntry, Reason

KEY = "büro@xn--bcher-kva.example"


@pytest.mark.parametrize("category", [0, 6, 7, 10])
@pytest.mark.sentence("7-04")
def test_these_categories_never_suppress(category):
    assert suppressions.climb(category, 3) is None


@pytest.mark.parametrize("category", [1, 2])
@pytest.mark.sentence("7-03")
def test_a_mailbox_or_domain_that_does_not_exist_is_permanent_at_once(category):
    step = suppressions.climb(category, 0)
    assert (step.permanent, step.reason) == (True, Reason.MAILBOX)


@pytest.mark.parametrize("category", [3, 4, 5, 8, 9])
@pytest.mark.sentence("7-05")
def test_the_others_climb_one_two_four_weeks_then_for_good(category):
    steps = [suppressions.climb(category, count) for count in range(4)]
    assert [step.lasts and step.lasts.days for step in steps] == [7, 14, 28, None]
    assert {step.reason for step in steps} == {Reason.BOUNCES}


def test_bounces_are_counted_in_a_row_until_they_are_cleared(account):
    now = timezone.now()
    for weeks in (1, 2, 4):
        suppressions.record_bounce(account, KEY, 3, now)
        assert suppressions.state_of(account, KEY).until == now + timedelta(weeks=weeks)
    assert suppressions.clear_count(account, KEY)
    suppressions.record_bounce(account, KEY, 3, now)
    assert suppressions.state_of(account, KEY).until == now + timedelta(weeks=1)


def test_postgresql_computes_the_same_fingerprint(db):
    query, blocks = suppressions.fingerprint_sql(sql.SQL("%s::text"))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT ") + query, [*blocks, KEY])
        assert bytes(cursor.fetchone()[0]) == suppressions.fingerprint(KEY)


@pytest.mark.sentence("7-01")
def test_a_permanent_entry_does_not_become_temporary(account):
    suppressions.suppress(account, KEY, Reason.ABUSE)
    assert not suppressions.suppress(account, KEY, Reason.BOUNCES, until=timezone.now() + timedelta(days=1))
    assert suppressions.state_of(account, KEY).name == "permanent"


@pytest.mark.sentence("7-02")
def test_a_complaint_outweighs_an_unsubscription_and_not_the_reverse(account):
    suppressions.suppress(account, KEY, Reason.UNSUBSCRIBED)
    assert suppressions.suppress(account, KEY, Reason.FEEDBACK_LOOP)
    assert not suppressions.suppress(account, KEY, Reason.LIST_UNSUBSCRIBE)
    assert suppressions.state_of(account, KEY).reason == Reason.FEEDBACK_LOOP


def test_a_temporary_entry_that_is_over_is_no_entry(account):
    suppressions.suppress(account, KEY, Reason.BOUNCES, until=timezone.now() - timedelta(days=1))
    assert suppressions.state_of(account, KEY).name == "none"


def test_lifting_takes_the_entry_away(account):
    suppressions.suppress(account, KEY, Reason.BY_HAND, note="asked by phone")
    assert suppressions.lift(account, KEY)
    assert not suppressions.lift(account, KEY)
    assert not BlacklistEntry.objects.exists()
