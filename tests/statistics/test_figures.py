import random

import pytest
from django.utils import translation

from deliveries.models import Delivery, MessageStatus
from deliveries.statistics.figures import OUTCOME_FIGURES, figures, imbalance, rates
from deliveries.statistics.log import COLUMNS, event_rows
from deliveries.statistics.recompute import from_events
from deliveries.statistics.reconcile import reconcile
from deliveries.statistics.report import report
from deliveries.statistics.words import percent
from deliveries.tracking.classifier.reclassify import reclassify


@pytest.mark.sentence("6-01")
def test_each_state_of_a_message_counts_once_and_they_sum_to_the_size(delivery, message):
    for status in MessageStatus:
        message(status)
    mine = figures([delivery.pk])[delivery.pk]
    assert mine["size"] == len(MessageStatus)
    assert mine["pending"] == 2  # one not yet tried, one being sent
    assert imbalance(mine) == 0


@pytest.mark.sentence("6-03")
def test_hits_of_people_are_counted_apart_from_those_of_machines(delivery, message, event):
    one, two, three = (message("delivered") for _ in range(3))
    event(one, "v"), event(one, "v"), event(one, "c", reference="4")
    event(two, "c")
    event(three, "v", "machine"), event(three, "c", "machine"), event(three, "v", "web")
    mine = figures([delivery.pk])[delivery.pk]
    assert {name: mine[name] for name in ("views", "hidden_views", "unique_views", "web_views")} == {
        "views": 2,
        "hidden_views": 2,
        "unique_views": 3,
        "web_views": 1,
    }
    assert (mine["clicks"], mine["unique_clicks"]) == (2, 2)
    assert (mine["machine_views"], mine["machine_clicks"]) == (1, 1)


@pytest.mark.sentence("6-17")
def test_a_rate_without_a_divisor_is_null(delivery):
    assert set(rates(figures([delivery.pk])[delivery.pk]).values()) == {None}


@pytest.mark.sentence("6-17")
def test_rates_are_fractions(delivery, message, event):
    for _ in range(3):
        message("delivered")
    bounced = message("bounced", category=1)
    event(bounced, "z", reference="1")
    mine = figures([delivery.pk])[delivery.pk]
    assert rates(mine)["delivery"] == pytest.approx(0.75)
    assert rates(mine)["bounce"] == pytest.approx(0.25)
    assert mine["blacklisted"] == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.sentence("6-24")
def test_every_figure_can_be_recomputed_from_the_event_log(delivery, message, event, seed):
    chance = random.Random(seed)
    for _ in range(40):
        row = message(chance.choice(list(MessageStatus)), category=chance.randrange(3), reason=1)
        for _ in range(chance.randrange(4)):
            event(row, chance.choice("vvccolzyf"), chance.choice(["person", "web", "machine"]))
    rows = list(event_rows(Delivery.objects.filter(pk=delivery.pk)))
    assert from_events(rows) == figures([delivery.pk])[delivery.pk]


@pytest.mark.sentence("6-18")
def test_each_message_has_a_row_and_says_how_it_stands(delivery, message, event):
    waiting, sent, matched = message("pending"), message("delivered"), message("blacklist", reason=4)
    event(sent, "c", reference="7", classification=0, ip="192.0.2.1")
    rows = list(event_rows(Delivery.objects.filter(pk=delivery.pk)))
    assert [list(row) for row in rows] == [list(COLUMNS)] * 5
    shown = [
        (r["mailqID"], r["deliveryStatus"], r["actionType"], r["actionRefID"], r["messageStatus"]) for r in rows
    ]
    assert shown == [
        (str(waiting.pk), "0", "", "", "pending"),
        (str(sent.pk), "1", "d", "", "delivered"),
        (str(sent.pk), "1", "c", "7", "delivered"),
        (str(sent.pk), "1", "v", "", "delivered"),  # deduced: who clicked has seen it
        (str(matched.pk), "-3", "k", "4", "blacklist"),
    ]
    assert rows[0]["deliveryDate"] == "2026-12-01T12:00:00+00:00"


@pytest.mark.sentence("6-19")
def test_a_bounce_that_came_later_leaves_the_delivery_in_the_log(delivery, message, event):
    event(message("bounced", category=3), "b", classification=3)
    rows = list(event_rows(Delivery.objects.filter(pk=delivery.pk)))
    assert [row["actionType"] for row in rows] == ["d", "b"]
    assert {row["deliveryStatus"] for row in rows} == {"-1"}


def test_the_report_has_every_figure_and_the_domains(delivery, message):
    message("delivered", address="a@Mail.example"), message("bounced", address="b@mail.example", category=2)
    document = report(delivery)
    assert set(OUTCOME_FIGURES) <= set(document["figures"])
    assert document["domains"] == [
        {"domain": "mail.example", "size": 2, "delivered": 1, "bounced": 1, "unique_views": 0, "unique_clicks": 0}
    ]
    assert document["bounces"] == [{"category": 2, "name": "domain does not exist", "hard": True, "count": 1}]
    assert document["timeline"] == [{"hour": "2026-12-01T12:00:00+00:00", "sent": 1, "views": 0, "clicks": 0}]


@pytest.mark.django_db(transaction=True)
def test_reconcile_is_clean_and_names_what_is_not(delivery, message):
    message("delivered")
    Delivery.objects.update(size=1)
    assert reconcile(reclassify) == {"clean": True, "deliveries": 1, "differences": []}
    message("deferred")
    found = reconcile(reclassify)
    assert not found["clean"]
    assert [d["difference"] for d in found["differences"]] == [
        "size is 1, messages are 2",
        "1 messages wait in no range: no sender will find them",
    ]


@pytest.mark.parametrize(
    ("rate", "language", "shown"),
    [
        (None, "en", "—"), (0.0, "en", "0.0 %"), (3 / 7, "en", "42.9 %"), (3 / 7, "it", "42,9 %"),
        (0.0008, "en", "0.08 %"), (1.0, "it", "100,0 %"), (12.5, "en", "1,250.0 %"),
    ],
)  # fmt: skip
def test_a_rate_is_shown_rounded_in_the_readers_language_and_small_ones_closer(rate, language, shown):
    with translation.override(language):
        assert percent(rate) == shown
