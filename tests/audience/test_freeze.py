from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone

from deliveries import audience, conf
from deliveries.models import SendingRange, Subscription
from recipients import suppressions
from recipients.errors import ClientError, ServiceError
from recipients.models import BlacklistEntry, Database, Reason

NOW = timezone.now()


def unsubscribe(newsletter, key, address=True):
    Subscription.objects.create(
        newsletter=newsletter, address=key if address else None, fingerprint=suppressions.fingerprint(key), state=-1
    )


def test_everybody_becomes_one_pending_message_and_the_size_is_kept(people, delivery, frozen):
    people(("a@x.example",), ("B@x.example",))
    made = delivery()
    assert frozen(made) == {"a@x.example": "pending", "B@x.example": "pending"}
    assert (made.size, made.left_out_duplicates, made.left_out_unsubscribed) == (2, 0, 0)


def test_a_second_freeze_changes_nothing(people, delivery, frozen):
    people(("a@x.example",))
    made = delivery()
    frozen(made)
    people(("late@x.example",))
    assert frozen(made) == {"a@x.example": "pending"}


@pytest.mark.django_db(transaction=True)
def test_it_is_refused_outside_the_transaction_of_the_start(people, delivery):
    with pytest.raises(ServiceError, match="inside the transaction"):
        audience.freeze(delivery())


@pytest.mark.sentence("3.1-19")
def test_the_filter_and_both_base_filters_hold_together(people, delivery, chosen, frozen, newsletter, database):
    people(("a@x.example", "Milano", 5), ("b@x.example", "Milano", 50), ("c@x.example", "Roma", 50))
    database.base_filter = chosen({"field": "citta", "op": "equals", "value": "Milano"}, name="base")
    database.save()
    made = delivery(filter=chosen({"field": "ordine", "op": "greater", "value": 10}))
    newsletter.base_filter = chosen({"field": "email", "op": "different", "value": "z@x.example"}, name="n")
    newsletter.save()
    assert list(frozen(made)) == ["b@x.example"]


def test_a_filter_of_another_database_is_refused(delivery, chosen, database):
    other = Database.objects.create(account=database.account, name="Others")
    made = delivery(filter=chosen({"field": "citta", "op": "is_empty"}, database=other))
    with pytest.raises(ClientError, match="another database"), transaction.atomic():
        audience.freeze(made)


@pytest.mark.sentence("3.3-08")
def test_all_users_leaves_out_the_rows_of_test_lists(people, delivery, frozen):
    people(("a@x.example", "", 1, "XMLD-4-N"), ("t@x.example", "", 1, "XMLD-4-T"), ("n@x.example",))
    assert list(frozen(delivery())) == ["a@x.example", "n@x.example"]


def test_the_first_row_of_an_address_wins_when_repetitions_are_removed(people, delivery, frozen):
    first, *_ = people(("A@x.example",), ("a@X.example",), ("b@x.example",), (None,), ("",), (None,))
    made = delivery(remove_duplicates=True)
    frozen(made)
    assert made.messages.filter(address__istartswith="a@").get().recipient_id == first
    assert (made.size, made.left_out_duplicates) == (5, 1)


def test_rows_without_an_address_are_errors_that_say_so(people, delivery, frozen):
    people((None,), ("",), ("a@x.example",))
    made = delivery()
    frozen(made)
    wrong = made.messages.filter(status="error")
    assert {(each.enhanced, each.reply, each.outcome_at is not None) for each in wrong} == {
        ("5.1.3", "the row holds no address: load it again with one", True)
    }
    assert (wrong.count(), made.size) == (2, 3)


@pytest.mark.sentence("3.3-07")
def test_those_who_unsubscribed_are_left_out_and_counted(people, delivery, frozen, newsletter):
    people(("Gone@x.example",), ("a@x.example",))
    unsubscribe(newsletter, "gone@x.example")
    made = delivery()
    assert frozen(made) == {"a@x.example": "pending"}
    assert made.left_out_unsubscribed == 1


@pytest.mark.parametrize("kind", [{"transactional": True}, {"type": "test"}])
def test_transactional_and_test_deliveries_go_past_unsubscriptions_alone(
    people, delivery, frozen, newsletter, kind
):
    people(("gone@x.example",), ("list@x.example",), ("dead@x.example",))
    unsubscribe(newsletter, "gone@x.example")
    suppressions.suppress(newsletter.account, "list@x.example", Reason.LIST_UNSUBSCRIBE)
    suppressions.suppress(newsletter.account, "dead@x.example", Reason.MAILBOX)
    assert frozen(delivery(**kind)) == {
        "gone@x.example": "pending",
        "list@x.example": "pending",
        "dead@x.example": "blacklist",
    }


@pytest.mark.sentence("3.3-07")
def test_the_blacklist_gives_outcomes_with_reason_and_time(people, delivery, frozen, newsletter):
    people(("For@good.example",), ("some@time.example",), ("over@now.example",), ("a@x.example",))
    account = newsletter.account
    suppressions.suppress(account, "for@good.example", Reason.ABUSE)
    suppressions.suppress(account, "some@time.example", Reason.BOUNCES, until=NOW + timedelta(days=1))
    suppressions.suppress(account, "over@now.example", Reason.BOUNCES, until=NOW - timedelta(days=1))
    made = delivery()
    assert list(frozen(made).values()) == ["blacklist", "temporary_blacklist", "pending", "pending"]
    assert list(made.messages.order_by("recipient_id").values_list("reason", flat=True)) == [3, 5, None, None]
    assert not made.messages.exclude(status="pending").filter(outcome_at=None).exists()


def test_another_accounts_blacklist_is_not_asked(people, delivery, frozen):
    from recipients.models import Account

    people(("a@x.example",))
    suppressions.suppress(Account.objects.create(name="Other"), "a@x.example", Reason.ABUSE)
    assert list(frozen(delivery()).values()) == ["pending"]


def test_an_erased_person_is_known_by_the_fingerprint(people, delivery, frozen, newsletter):
    people(("Büro@x.example".lower(),), ("No@x.example",), ("a@x.example",))
    BlacklistEntry.objects.create(
        account=newsletter.account,
        address=None,
        fingerprint=suppressions.fingerprint("büro@x.example"),
        permanent=True,
        reason=Reason.BY_HAND,
    )
    unsubscribe(newsletter, "no@x.example", address=False)
    made = delivery()
    assert frozen(made) == {"büro@x.example": "blacklist", "a@x.example": "pending"}
    assert made.left_out_unsubscribed == 1


def test_a_test_goes_to_the_first_rows_only(people, delivery, frozen):
    people(*((f"p{number}@x.example",) for number in range(5)))
    assert list(frozen(delivery(type="test", most_recipients=2))) == ["p0@x.example", "p1@x.example"]


def test_the_pending_ones_lie_in_ranges_that_do_not_overlap(people, delivery, frozen):
    people(*((f"p{number}@x.example",) for number in range(5 * conf.RANGE_SIZE)))
    made = delivery()
    frozen(made)
    ranges = list(SendingRange.objects.filter(delivery=made).order_by("id"))
    # In the order in which they are leased; the small ones at the end bring all senders there together.
    sizes = [each.last_id - each.first_id + 1 for each in ranges]
    assert sizes == [2000, 2000, *[1000] * 4, *[500] * 4]
    assert all(one.last_id < other.first_id for one, other in pairwise(ranges))


def test_nobody_is_a_size_of_zero(delivery, frozen):
    made = delivery()
    assert frozen(made) == {}
    assert made.size == 0


def test_count_and_sample_see_what_the_filter_selects_now(people, delivery, chosen):
    ids = people(("a@x.example", "Milano"), ("b@x.example", "Roma"), ("c@x.example", "Milano"))
    made = delivery(filter=chosen({"field": "CITTA", "op": "equals", "value": "Milano"}))
    assert audience.count(made) == 2
    assert audience.sample(made, 1) == [ids[0]]
