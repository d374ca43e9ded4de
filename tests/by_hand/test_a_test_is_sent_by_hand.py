"""A test goes to people who look at it, with a chosen person's values (reference 5.1)."""

from email.parser import BytesParser
from email.policy import default

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deliveries import audience, tokens, workers
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Delivery, Message, SendingRange
from deliveries.sending.ledger import ranges
from deliveries.sending.lifecycle import control, copies, drafts, start
from deliveries.sending.worker import compose, feeder
from deliveries.sending.worker.jobs import LeasedRange
from deliveries.tokens import Purpose
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


def test_it_is_written_with_the_chosen_values_and_its_links_act_on_nobody(house):
    house.delivery.content.text = "Hi ${nome}$ ${unsubscribe_url}$"
    house.delivery.content.save()
    carla = person(house, "carla@x.example")
    test = copies.send_test(house.delivery.pk, addresses=["boss@x.example", "two@x.example"], recipient=carla)
    start.begin(test.pk)
    leased = ranges.lease(workers.enrol_sender(), {})
    mailing = compose.mailing(Delivery.objects.select_related("newsletter__account", "database").get(pk=test.pk))
    jobs, _size = feeder._load(LeasedRange(leased, mailing, read_to=leased.first_id - 1, chunk=100))
    written = [compose.write(mailing, job.row, job.values, timezone.now()) for job in jobs]
    copy_token = tokens.make(Purpose.UNSUBSCRIBE, tokens.COPY_ID)
    for job, one in zip(jobs, written, strict=True):
        mail = BytesParser(policy=default).parsebytes(one.body)
        text = mail.get_body(("plain",)).get_content()
        assert mail["To"] == job.row.address
        assert text.split() == ["Hi", "Carla", f"{mailing.public_url}/u/{copy_token}"]
    assert len({BytesParser(policy=default).parsebytes(one.body)["Message-ID"] for one in written}) == 2


def test_the_command_sends_a_test_and_makes_a_copy(house, capsys):
    call_command("delivery", "test", str(house.delivery.pk), "boss@x.example", "two@x.example")
    test = Delivery.objects.get(test_of=house.delivery)
    assert capsys.readouterr().out == f"delivery {test.pk} is a test of {house.delivery.pk}: 2 recipients\n"
    call_command("delivery", "duplicate", str(house.delivery.pk))
    copy = Delivery.objects.get(status="new")
    assert capsys.readouterr().out == f"delivery {copy.pk} is a draft like {house.delivery.pk}\n"
    for act in (("test", "0", "a@x.example"), ("duplicate", "0"), ("test", str(house.delivery.pk), "no address")):
        with pytest.raises(CommandError):
            call_command("delivery", *act)
