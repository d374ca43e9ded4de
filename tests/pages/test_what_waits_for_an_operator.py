"""What a person must do is shown where it waits (reference 1, 2.3)."""

import html

import pytest
from django.db import connection
from django.utils import timezone

from deliveries.admin.deliveries.tabs import HOLDS, held_in
from deliveries.intake.polling import space_health
from deliveries.models import Delivery, Message, SendingRange, SftpSpace
from recipients.faults import Fault

PAGE = "/admin/deliveries/delivery/"


@pytest.mark.sentence("2.3-04")
@pytest.mark.parametrize("status", ["new", "ready", "scheduled", "sending", "paused", "sent", "stopped", "failed"])
def test_ready_holds_what_waits_and_nothing_else(mine, signed_in, status):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status)
    response = signed_in(mine.account).get(PAGE, {"tab": "ready"})
    waiting = [row.pk for row in response.context["cl"].result_list]
    assert waiting == ([mine.delivery.pk] if status == "ready" else [])


@pytest.fixture
def stands(mine, signed_in):
    """The tabs in whose list the delivery stands; each tab counts it as well."""
    client = signed_in(mine.account)

    def look():
        found = set()
        for tab in HOLDS:
            context = client.get(PAGE, {"tab": tab}).context
            listed = mine.delivery.pk in [row.pk for row in context["cl"].result_list]
            [current] = [each for each in context["delivery_tabs"] if each["current"]]
            assert current["count"] == listed + (tab == "failed")  # among the failed, its run
            found |= {tab} if listed else set()
        return found

    return look


@pytest.mark.parametrize(
    ("status", "attempt", "tabs"),
    [
        ("ready", 0, {"queued", "ready", "all"}),
        ("scheduled", 0, {"queued", "scheduled", "all"}),
        ("sending", 0, {"queued", "processing", "all"}),
        ("sending", 1, {"processing", "all"}),
        ("paused", 0, {"processing", "all"}),
    ],
)
def test_queued_is_what_waits_and_what_has_started_with_nothing_sent(mine, stands, status, attempt, tabs):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status, size=2)
    Message.objects.create(delivery=mine.delivery, recipient_id=2, address="b@x.example", attempt=attempt)
    assert stands() == tabs


def test_the_archive_also_holds_what_has_tried_everybody_and_only_repeats(mine, stands, signed_in):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending", size=2)
    mine.message.delete()
    first, second = Message.objects.bulk_create(
        Message(delivery=mine.delivery, recipient_id=number, address="b@x.example", status=state, attempt=attempt)
        for number, state, attempt in ((2, "deferred", 1), (3, "pending", 0))
    )
    SendingRange.objects.create(delivery=mine.delivery, first_id=first.pk, last_id=second.pk, due_at=timezone.now())
    assert stands() == {"processing", "all"}
    Message.objects.filter(pk=second.pk).update(status="delivered", attempt=1)
    assert stands() == {"processing", "finished", "all"}
    assert "last retries: 1 left" in signed_in(mine.account).get(PAGE, {"tab": "finished"}).content.decode()


def test_queued_reads_no_more_messages_than_those_of_what_has_started(mine):
    """Most messages of the table were tried, so that reading all of it seems cheap to PostgreSQL."""
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending", size=100)
    old = Delivery.objects.create(
        account=mine.account, newsletter=mine.newsletter, database=mine.database, title="old", status="sent"
    )
    with connection.cursor() as cursor:
        for delivery, number, attempt in ((old, 20_000, 1), (mine.delivery, 100, 0)):
            cursor.execute(
                "INSERT INTO deliveries_message"
                " (delivery_id, recipient_id, address, status, attempt, enhanced, reply)"
                " SELECT %s, n, 'a@x.example', 'pending', %s, '', '' FROM generate_series(2, %s) AS n",
                [delivery.pk, attempt, number],
            )
        cursor.execute("ANALYZE deliveries_message")
    plan = held_in("queued", Delivery.objects.all()).explain()
    assert "one_message_a_person" in plan
    assert "Seq Scan on deliveries_message" not in plan


@pytest.mark.sentence("2.3-04")
def test_communicate_leads_to_ready_and_the_operator_sends_from_there(mine, signed_in):
    client = signed_in(mine.account)
    page = client.get(PAGE).content.decode()
    assert "Communicate" in page
    assert f'href="{PAGE}"' in page
    assert "?tab=ready" in page
    shown = client.get(f"{PAGE}{mine.delivery.pk}/change/").content.decode()
    assert f"{PAGE}{mine.delivery.pk}/start/" in shown


@pytest.mark.sentence("1.3-13")
@pytest.mark.parametrize("page", ["/admin/", "/admin/deliveries/sftpspace/"])
def test_a_space_whose_semaphore_stays_is_shown_as_failing(mine, signed_in, page):
    sentence = "a.ok can't be deleted: give the SFTP user write permission"
    fault = Fault.of("SEMAPHORE_DENIED", semaphore="a.ok")
    SftpSpace.objects.filter(pk=mine.space.pk).update(failing_since=timezone.now(), last_fault=fault.as_json())
    shown = html.unescape(signed_in(mine.account, "account_admin").get(page).content.decode())
    assert "failing" in shown
    assert sentence in shown


@pytest.mark.parametrize(("unwritten", "cut"), [("a.xml.rep: not allowed", False), ("", True)])
def test_a_space_that_works_with_a_fault_says_so_on_home_in_the_list_and_on_its_page(
    mine, signed_in, unwritten, cut
):
    client = signed_in(mine.account, "account_admin")
    pages = ("/admin/", "/admin/deliveries/sftpspace/", f"/admin/deliveries/sftpspace/{mine.space.pk}/change/")
    space_health.ended(mine.space, None, unwritten, cut=cut)
    mine.space.refresh_from_db()
    assert (mine.space.failing_since, bool(mine.space.last_error)) == (None, True)
    banner = f'<p class="xd-warning">{mine.space.last_error}</p>'
    for page in pages:
        shown = html.unescape(client.get(page).content.decode())
        assert "works, but…" in shown
        assert mine.space.last_error in shown
        assert (banner in shown) == (page == pages[-1])
    space_health.ended(mine.space, None, "", cut=False)
    for page in pages:
        shown = html.unescape(client.get(page).content.decode())
        assert "works, but…" not in shown
        assert mine.space.last_error not in shown
