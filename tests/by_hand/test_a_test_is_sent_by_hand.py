"""A test goes to people who look at it, with a chosen person's values (reference 5.1)."""

import pytest

from deliveries import audience
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Delivery, Message, SendingRange
from deliveries.sending.lifecycle import control, copies, drafts, start
from recipients import tables
from recipients.models import Filter

IN_X = {"field": "email", "op": "contains", "value": "@x.example"}


def person(house, address):
    [found] = tables.find_people(house.database, address, limit=2)
    return found


def test_it_goes_to_the_addresses_typed_each_once_as_typed(house, operator):
    test = copies.send_test(
        house.delivery.pk, addresses=["Boss@X.example", "boss@x.example", "two@x.example"], actor=operator
    )
    assert (test.type, test.status, test.test_of, test.size) == ("test", "scheduled", house.delivery, 2)
    assert test.copies_of == person(house, "anna@x.example")  # the first whom it would reach
    rows = list(Message.objects.filter(delivery=test).order_by("pk").values_list("address", "recipient_id"))
    assert rows == [("Boss@x.example", -1), ("two@x.example", -2)]
    kept = SendingRange.objects.get(delivery=test)
    assert kept.first_id == Message.objects.filter(delivery=test).earliest("pk").pk
    line = house.delivery.activity.first()
    assert (line.verb, line.actor, line.params["n"]) == ("test sent", operator, 2)


def test_it_starts_with_its_own_people_and_nobody_else(house):
    test = copies.send_test(house.delivery.pk, addresses=["boss@x.example"])
    assert "1 recipients" in start.begin(test.pk)
    assert Message.objects.filter(delivery=test).count() == 1
    house.delivery.refresh_from_db()
    assert house.delivery.status == "ready"


def test_it_goes_to_the_first_30_of_a_test_filter_with_the_chosen_values(house):
    chosen = Filter.objects.create(database=house.database, name="testers", use="test", conditions=[IN_X])
    carla = person(house, "carla@x.example")
    test = copies.send_test(house.delivery.pk, test_filter=chosen, recipient=carla)
    assert test.copies_of == carla
    assert sorted(test.messages.values_list("address", flat=True)) == [
        "anna@x.example", "bruno@x.example", "carla@x.example"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("addresses", "code"), [([], "TEST_ADDRESS"), (["no address"], "TEST_ADDRESS"), ([""], "TEST_ADDRESS")]
)
def test_it_needs_an_address(house, addresses, code):
    with pytest.raises(ClientError) as refused:
        copies.send_test(house.delivery.pk, addresses=addresses)
    assert refused.value.code == code
    assert not Delivery.objects.filter(type="test").exists()


def test_it_needs_values_and_a_message_that_is_right(house):
    house.filter.conditions = [{"field": "nome", "op": "equals", "value": "nobody"}]
    house.filter.save()
    with pytest.raises(ClientError, match="nobody whose values"):
        copies.send_test(house.delivery.pk, addresses=["boss@x.example"])
    house.delivery.content.html = "${nosuch}$"
    house.delivery.content.save()
    with pytest.raises(ClientError, match="nosuch"):
        copies.send_test(house.delivery.pk, addresses=["boss@x.example"], recipient=person(house, "anna@x.example"))
    assert not Delivery.objects.filter(type="test").exists()


def test_what_has_started_is_tested_no_more(house):
    Delivery.objects.filter(pk=house.delivery.pk).update(status="sending")
    with pytest.raises(ClientError) as refused:
        copies.send_test(house.delivery.pk, addresses=["boss@x.example"])
    assert refused.value.code == "TEST_STATE"


def test_a_failed_test_never_comes_back_as_a_delivery_to_everybody(house):
    test = copies.send_test(house.delivery.pk, addresses=["boss@x.example"])
    Delivery.objects.filter(pk=test.pk).update(status="failed")
    with pytest.raises(StateConflict):
        control.retry(test.pk)
    with pytest.raises(StateConflict, match="duplicate its delivery"):
        drafts.duplicate(test.pk)
    assert audience.expected(house.delivery).reached == 2
