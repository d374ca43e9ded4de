import pytest

from deliveries.messages import moves
from deliveries.models import Message, MessageCopy
from deliveries.sending.lifecycle import control
from tests.sending.conftest import make_going, only_message, statuses
from tests.sending.pump import pump


def test_what_was_in_doubt_is_delivered_once_something_proves_it(shop):
    delivery = make_going(shop, 3)
    doubtful, other, third = delivery.messages.order_by("id")
    Message.objects.filter(id=doubtful.pk).update(status="in_doubt", attempt=1)
    Message.objects.filter(id=third.pk).update(status="bounced", attempt=1)
    MessageCopy.objects.create(message=doubtful, body=b"x")
    assert moves.prove_sent([doubtful.pk, other.pk, third.pk]) == 1
    assert moves.prove_sent([doubtful.pk]) == 0
    assert statuses(delivery) == {"delivered": 1, "pending": 1, "bounced": 1}
    assert not MessageCopy.objects.exists()


@pytest.mark.parametrize("status", ["pending", "deferred"])
def test_what_is_to_be_sent_again_out_of_doubt_is_not_once_it_is_known_to_have_arrived(smtp, shop, status):
    delivery = make_going(shop, 1, status="sent")
    Message.objects.update(status="in_doubt", attempt=1)
    control.resolve(delivery.pk, "resend")
    Message.objects.update(status=status)
    assert moves.prove_sent([only_message(delivery).pk]) == 1
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 1}
    assert not smtp.accepted
