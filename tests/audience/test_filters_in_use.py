import pytest
from django.utils import timezone

from deliveries import audience
from deliveries.models import Event, Message, Newsletter, Subscription
from deliveries.statistics.mend import mend
from recipients import suppressions
from recipients.errors import ClientError
from recipients.models import Account, Database, Filter

CITY = {"field": "citta", "op": "is_empty"}


@pytest.fixture
def past(delivery, people):
    people(("Opened@x.example",), ("clicked@x.example",), ("robot@x.example",), ("never@x.example",))
    made, other = delivery(status="sent"), delivery(status="sent")
    Message.objects.create(delivery=made, recipient_id=899, address="never@x.example", status="bounced")
    message = Message.objects.create(
        delivery=other, recipient_id=904, address="never@x.example", status="delivered"
    )
    for action in "vc":
        Event.objects.create(
            account=made.account, delivery=other, message=message, at=timezone.now(), action=action, origin="person"
        )
    for number, (who, action) in enumerate([("opened", "v"), ("clicked", "c"), ("robot", "v")]):
        message = Message.objects.create(
            delivery=made, recipient_id=900 + number, address=f"{who}@x.example", status="delivered"
        )
        Event.objects.create(
            account=made.account,
            delivery=made,
            message=message,
            at=timezone.now(),
            action=action,
            origin="machine" if who == "robot" else "person",
        )
    mend(made.pk), mend(other.pk)
    return made


@pytest.mark.sentence("3.5-06", "3.5-07", "3.5-08", "3.5-25")
@pytest.mark.parametrize(("kind", "count"), [("received", 3), ("opened", 2), ("clicked", 1)])
def test_people_are_picked_by_what_they_did_whatever_row_they_were_then(delivery, chosen, past, kind, count):
    assert audience.count(delivery(filter=chosen({"kind": kind, "id": past.pk}))) == count
    others = chosen({"kind": kind, "id": past.pk, "op": "is_not"}, name="not")
    assert audience.count(delivery(filter=others)) == 4 - count


@pytest.mark.sentence("3.5-05")
def test_people_are_picked_by_their_subscription(delivery, chosen, past, newsletter):
    for key, state in (("never@x.example", 1), ("opened@x.example", -1), ("clicked@x.example", 0)):
        Subscription.objects.create(
            newsletter=newsletter, address=key, fingerprint=suppressions.fingerprint(key), state=state
        )
    assert audience.count(delivery(filter=chosen({"kind": "subscribed", "id": newsletter.pk}))) == 1


@pytest.mark.sentence("3.5-24")
def test_another_accounts_newsletter_reads_as_one_that_does_not_exist(database):
    other = Account.objects.create(name="Other")
    foreign = Newsletter.objects.create(
        account=other,
        database=Database.objects.create(account=other, name="x"),
        name="x",
        from_address="n@x.example",
    )
    with pytest.raises(ClientError, match="is not in this account"):
        audience.check_filter(database, "all", [{"kind": "subscribed", "id": foreign.pk}])


@pytest.mark.sentence("3.5-24")
@pytest.mark.parametrize("kind", ["received", "opened", "clicked"])
def test_another_accounts_delivery_reads_as_one_that_does_not_exist(delivery, database, kind):
    foreign = delivery(account=Account.objects.create(name="Other"))
    for number in (foreign.pk, foreign.pk + 1):
        with pytest.raises(ClientError, match=f"delivery {number} is not in this account"):
            audience.check_filter(database, "all", [{"kind": kind, "id": number}])


@pytest.mark.sentence("3.5-14")
def test_a_filter_that_a_waiting_delivery_uses_is_not_deleted(delivery, chosen):
    used = chosen(CITY)
    waiting = delivery(filter=used, status="ready")
    with pytest.raises(ClientError, match=f"is used by delivery {waiting.pk}"):
        audience.delete_filter(used)


def test_a_filter_of_past_deliveries_is_archived_and_a_free_one_is_gone(delivery, chosen):
    used, free = chosen(CITY), chosen(CITY, name="free")
    delivery(filter=used, status="sent")
    assert not audience.delete_filter(used)
    assert Filter.objects.get(pk=used.pk).archived_at is not None
    assert audience.delete_filter(free)


@pytest.mark.sentence("3.4-08")
def test_a_structure_stays_while_a_delivery_is_paused(delivery, database):
    audience.refuse_while_sending(database)
    paused = delivery(status="paused")
    with pytest.raises(ClientError, match=f"is locked by delivery {paused.pk}"):
        audience.refuse_while_sending(database)
