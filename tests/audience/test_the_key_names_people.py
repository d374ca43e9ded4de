import pytest

from deliveries.models import Delivery, Message
from deliveries.statistics.log import event_rows
from recipients.models import Database


@pytest.mark.sentence("3.1-17")
@pytest.mark.parametrize(("key", "called"), [("", None), ("EMAIL", "a@x.example"), ("ordine", "7")])
@pytest.mark.sentence("6-20")
def test_the_event_log_calls_people_as_the_key_of_the_database_says(delivery, people, database, key, called):
    Database.objects.filter(pk=database.pk).update(key=key)
    [row] = people(("a@x.example", "Milano", 7))
    made = delivery(status="sent")
    Message.objects.create(delivery=made, recipient_id=row, address="a@x.example", status="delivered")
    logged = [line["userID"] for line in event_rows(Delivery.objects.filter(pk=made.pk))]
    assert logged == [called or str(row)]
