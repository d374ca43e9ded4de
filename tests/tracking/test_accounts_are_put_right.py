"""`reconcile` counts from raw hits and events and names what differs; `--mend` puts it right."""

import json

import pytest
from django.core.management import call_command

from deliveries.models import Counter, Delivery, Event
from deliveries.statistics.figures import figures
from deliveries.statistics.reconcile import reconcile
from deliveries.tokens import HIDDEN_LINK
from deliveries.tracking.classifier.reclassify import reclassify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def played(delivery, message, hit, classified):
    one, two = message(), message()
    hit("o", one), hit("c", one, link=1, after=1), hit("c", two, link=2, after=9), hit("o", None, delivery=delivery)
    for link in (1, 2, 3):
        hit("c", two, link=link, after=50, ip="198.51.100.9")
    hit("c", two, link=HIDDEN_LINK, after=60, ip="198.51.100.10"), hit("w", two, after=70, ip="198.51.100.10")
    classified()
    Delivery.objects.update(size=2)
    return figures([delivery.pk])[delivery.pk]


def test_what_was_played_is_clean(played):
    assert reconcile(reclassify) == {"clean": True, "deliveries": 1, "differences": []}
    assert (played["views"], played["clicks"], played["machine_clicks"], played["machine_views"]) == (2, 2, 4, 1)


@pytest.mark.parametrize(
    "harm",
    [
        lambda: Counter.objects.filter(figure="clicks", dimension="").update(value=77),
        lambda: Counter.objects.all().delete(),
        lambda: Event.objects.filter(action="c").update(origin="person"),
        lambda: Event.objects.order_by("id").first().delete(),
    ],
)
@pytest.mark.sentence("6-25")
def test_what_was_harmed_is_named_and_mended(played, delivery, harm, capsys):
    harm()
    with pytest.raises(SystemExit) as code:
        call_command("reconcile", json=True)
    assert code.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert {difference["delivery"] for difference in told["differences"]} == {delivery.pk}
    call_command("reconcile", mend=True, json=True)
    assert json.loads(capsys.readouterr().out)["clean"]
    assert figures([delivery.pk])[delivery.pk] == played
