"""Reference 2.6: the page of a delivery says in how many messages an address was left empty, and marks them."""

import pytest

from deliveries.models import Delivery, Message


@pytest.mark.parametrize(("language", "told", "mark"), [
    ("en", "In 1 message an address was left empty", "an address was left empty</small>"),
    ("it", "In 1 messaggio un indirizzo è rimasto vuoto", "un indirizzo è rimasto vuoto</small>"),
])  # fmt: skip
def test_the_recipients_of_a_delivery_show_emptied_addresses(mine, signed_in, language, told, mark):
    client = signed_in(mine.account, personal_data=True)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sent", size=1)
    page = f"/admin/deliveries/delivery/{mine.delivery.pk}/change/?tab=recipients"
    before = client.get(page, headers={"accept-language": language}).content.decode()
    assert told not in before
    assert mark not in before
    Message.objects.filter(pk=mine.message.pk).update(emptied=2)
    after = client.get(page, headers={"accept-language": language}).content.decode()
    assert told in after
    assert mark in after
