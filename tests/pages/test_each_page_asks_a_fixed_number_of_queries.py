"""Each list and report asks the database as often for many rows as for few."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliveries.models import (
    Activity,
    Content,
    Delivery,
    Download,
    Event,
    Label,
    Link,
    Message,
    Newsletter,
    ProcessingRun,
    SftpSpace,
)
from deliveries.models.states import DeliveryStatus
from recipients import suppressions
from recipients.models import Database, Filter, Reason

DELIVERIES = "/admin/deliveries/delivery/"
NUMBERS = count(1000)
TABS = ("queued", "ready", "scheduled", "processing", "failed", "drafts", "finished", "all")
PAGES = (
    "/admin/",
    *(f"{DELIVERIES}?tab={tab}" for tab in TABS),
    f"{DELIVERIES}?q=season",
    f"{DELIVERIES}live/?tab=all",
    *(f"{DELIVERIES}{{delivery}}/change/?tab={tab}" for tab in ("recipients", "links", "activity", "statistics")),
    *(f"{DELIVERIES}{{delivery}}/people/{figure}/" for figure in ("bounced", "unsubscribed", "link:1")),
    "/admin/deliveries/processingrun/",
    "/admin/deliveries/processingrun/{run}/change/",
    "/admin/deliveries/sftpspace/",
    "/admin/deliveries/newsletter/",
    "/admin/deliveries/download/",
    "/admin/deliveries/activity/",
    "/admin/recipients/blacklistentry/",
    "/admin/recipients/filter/",
    "/admin/recipients/database/",
    "/admin/recipients/database/{database}/people/",
)
# Of more than one page the ids are found first, then their rows are read: one query more.
OF_MANY_PAGES = frozenset(page for page in PAGES if page.startswith((f"{DELIVERIES}?", f"{DELIVERIES}live/")))


def add(mine, word, number):
    """Add so many of everything that a page of the account lists."""
    for each in range(number):
        name = f"{word} {each}"
        database = Database.objects.create(account=mine.account, name=name)
        Filter.objects.create(
            database=mine.database, name=name, conditions=[{"kind": "received", "id": mine.delivery.pk}]
        )
        Newsletter.objects.create(
            account=mine.account, name=name, database=database, from_address="news@acme.example"
        )
        space = SftpSpace.objects.create(account=mine.account, name=name, username=name.replace(" ", "-"))
        run = ProcessingRun.objects.create(
            account=mine.account, space=space, semaphore=name, file=name, status="ERROR", delivery=mine.delivery
        )
        suppressions.suppress(mine.account, f"{word}.{each}@x.example", Reason.BY_HAND)
        Download.objects.create(account=mine.account, kind="events", name=name, queued_at=timezone.now())
        Activity.objects.create(account=mine.account, verb="edited", delivery=mine.delivery, run=run, space=space)
        Message.objects.create(
            delivery=mine.delivery, recipient_id=next(NUMBERS), address=f"{each}@{word}.example", status="bounced",
            category=each % 9,
        )  # fmt: skip
        Link.objects.create(delivery=mine.delivery, number=next(NUMBERS), url=f"https://x.example/{name}")
        for state in DeliveryStatus.values:
            delivery(mine, f"{name} {state}", state)


def delivery(mine, title, state):
    started = state in {"sending", "paused", "sent", "stopped"}
    row = Delivery.objects.create(
        account=mine.account, newsletter=mine.newsletter, database=mine.database, filter=mine.filter, title=title,
        status=state, size=1 if started else None,
        ended_at=timezone.now() if state in {"sent", "stopped"} else None,
        start_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    Content.objects.create(delivery=row, from_address="news@acme.example", html="<p>Hi</p>")
    Label.objects.create(delivery=row, name="season", value="winter")
    if started:
        Message.objects.create(delivery=row, recipient_id=1, address="a@x.example", status="delivered", attempt=1)


@pytest.fixture
def asked(mine, signed_in):
    """How many queries each page asks now."""
    client = signed_in(mine.account, "account_admin")

    def ask():
        found = {}
        for page in PAGES:
            address = page.format(delivery=mine.delivery.pk, run=mine.run.pk, database=mine.database.pk)
            assert client.get(address).status_code == 200, address
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found[page] = len(queries)
        return found

    return ask


def test_each_page_asks_as_often_for_many_rows_as_for_few(mine, asked):
    Delivery.objects.filter(pk=mine.delivery.pk).update(
        status="sent", size=3, started_at=timezone.now(), ended_at=timezone.now(), measured="vcw"
    )
    Event.objects.create(
        account=mine.account, delivery=mine.delivery, message=mine.message, at=timezone.now(), action="v",
        origin="person",
    )  # fmt: skip
    add(mine, "few", 2)
    few = asked()
    add(mine, "many", 12)
    many = asked()
    longer = {page: (few[page], many[page]) for page in PAGES if many[page] > few[page] + (page in OF_MANY_PAGES)}
    assert not longer
