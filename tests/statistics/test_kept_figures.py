"""What an ended delivery's messages say is counted once and kept, until one of them moves."""

import threading

import pytest
from django.db import connections, transaction

from deliveries.models import Delivery, KeptFigures, Message
from deliveries.statistics.figures import figures
from deliveries.statistics.keeping import keep_ended
from deliveries.statistics.report import report
from tests.waiting import PATIENCE, wait_for_end


@pytest.fixture
def kept(delivery, message):
    message("delivered"), message("delivered"), message("bounced", category=3), message("in_doubt")
    Delivery.objects.update(status="sent", size=4)
    keep_ended(), keep_ended()
    return delivery


def mine(delivery):
    return figures([delivery.pk])[delivery.pk]


def test_a_page_of_ended_deliveries_asks_no_message(kept, django_assert_num_queries):
    assert not KeptFigures.objects.get().stale
    with django_assert_num_queries(2):
        assert mine(kept)["delivered"] == 2
    Message.objects.filter(delivery=kept).delete()  # past its retention: the figures stay
    assert (mine(kept)["size"], mine(kept)["bounced"], mine(kept)["in_doubt"]) == (4, 1, 1)
    kept.refresh_from_db()
    assert report(kept)["bounces"][0]["count"] == 1


@pytest.mark.parametrize(
    ("move", "figure"),
    [({"status": "bounced", "category": 1}, "bounced"), ({"status": "pending"}, "pending")],
)
def test_a_message_that_moves_late_makes_them_count_again(kept, move, figure):
    Message.objects.filter(status="in_doubt").update(**move)
    assert KeptFigures.objects.get().stale
    assert mine(kept)["in_doubt"] == 0
    keep_ended()
    assert KeptFigures.objects.get().stale == (figure == "pending")  # what is open is not kept
    assert mine(kept)[figure] == (2 if figure == "bounced" else 1)


def test_a_senders_two_writes_mark_nothing(kept, message):
    late = message("sending")
    Message.objects.filter(pk=late.pk).update(status="delivered")
    assert not KeptFigures.objects.get().stale


@pytest.mark.django_db(transaction=True)
def test_a_move_under_way_is_not_missed(kept):
    moved, go = threading.Event(), threading.Event()

    def move():
        with transaction.atomic():
            Message.objects.filter(status="in_doubt").update(status="delivered")
            moved.set()
            go.wait(PATIENCE)
        connections.close_all()

    KeptFigures.objects.update(stale=True)
    mover = threading.Thread(target=move)
    mover.start()
    assert moved.wait(PATIENCE)
    keeper = threading.Thread(target=lambda: (keep_ended(), connections.close_all()))
    keeper.start()
    go.set()
    wait_for_end(mover, keeper)
    assert mine(kept)["delivered"] == 3
