"""Home: what needs somebody now, each number a link to what it counts."""

from datetime import timedelta

import pytest
from django.core.management import get_commands
from django.utils import timezone

from deliveries.models import Content, Delivery, Newsletter, ProcessingRun, Worker
from deliveries.sending.lifecycle import fail
from recipients.faults import Fault

NOW = timezone.now()


@pytest.fixture
def cards(mine, signed_in):
    """The number of each card, and how many rows the list shows that it leads to."""
    client = signed_in(mine.account)

    def look():
        return {
            card["label"]: (card["count"], listed(client.get(card["url"])))
            for card in client.get("/admin/").context["cards"]
        }

    return look


def listed(answer):
    """How many lines a list has; what failed is a list of its own, of deliveries and runs."""
    failures = answer.context.get("failures")
    return answer.context["cl"].result_count if failures is None else failures.count


def test_each_number_is_that_of_the_list_it_leads_to(mine, theirs, cards):
    later = NOW + timedelta(days=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="scheduled", start_at=later)
    assert cards() == {
        "Waiting for an operator": (0, 0),
        "Going out now": (0, 0),
        "Failed, last 7 days": (1, 1),
        "Scheduled": (1, 1),
    }


def test_deliveries_and_runs_that_failed_are_one_number_and_discarded_runs_are_none(mine, cards):
    fail.fail(mine.delivery.pk, Fault.of("delivery.nobody"))
    assert cards()["Failed, last 7 days"] == (2, 2)
    ProcessingRun.objects.filter(pk=mine.run.pk).update(sub_status="DISCARDED")
    assert cards()["Failed, last 7 days"] == (1, 1)


def test_a_delivery_counts_as_failed_lately_by_when_it_failed(mine, cards):
    mine.run.delete()
    long_ago = NOW - timedelta(days=30)
    Delivery.objects.filter(pk=mine.delivery.pk).update(created_at=long_ago)
    fail.fail(mine.delivery.pk, Fault.of("delivery.nobody"))
    assert cards()["Failed, last 7 days"] == (1, 1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(created_at=NOW, ended_at=NOW - timedelta(days=9))
    assert cards()["Failed, last 7 days"] == (0, 0)


def test_a_run_counts_as_failed_lately_by_when_it_failed(mine, cards):
    ProcessingRun.objects.filter(pk=mine.run.pk).update(started_at=NOW - timedelta(days=9), ended_at=NOW)
    assert cards()["Failed, last 7 days"] == (1, 1)
    ProcessingRun.objects.filter(pk=mine.run.pk).update(ended_at=NOW - timedelta(days=9))
    assert cards()["Failed, last 7 days"] == (0, 0)


def test_the_list_shows_that_it_holds_the_last_7_days(mine, signed_in):
    client = signed_in(mine.account)
    urls = {card["label"]: card["url"] for card in client.get("/admin/").context["cards"]}
    changelist = client.get(urls["Failed, last 7 days"]).context["cl"]
    chosen = [
        choice["display"]
        for spec in changelist.filter_specs
        if getattr(spec, "field_path", "") == "ended_at"
        for choice in spec.choices(changelist)
        if choice["selected"]
    ]
    assert chosen == ["Past 7 days"]


@pytest.mark.parametrize(
    ("kind", "name", "command"),
    [("clock", "clock", "clock"), ("cluster", "cluster", "qcluster"), ("sender", "senders", "sender")],
)
def test_a_worker_that_is_missing_is_named_with_the_command_that_starts_it(mine, signed_in, kind, name, command):
    assert command in get_commands()
    client = signed_in(mine.account)
    sentence = f"{name}: none alive</span> Start it with manage.py {command}."
    assert sentence in client.get("/admin/").content.decode()
    Worker.objects.create(kind=kind, host="here", pid=1, heartbeat_at=timezone.now())
    shown = client.get("/admin/").content.decode()
    assert sentence not in shown
    assert f"{name}: 1" in shown


@pytest.mark.parametrize(
    ("newsletter", "content", "noticed"),
    [
        ({}, {}, True),
        ({"consent": "declared"}, {}, False),
        ({"tracking": "aggregate"}, {}, False),
        ({"kind": "transactional"}, {}, False),
        ({}, {"html_views": "off"}, False),
        ({}, {"html": ""}, False),
        ({"tracking": "none"}, {"tracking": "individual"}, True),
        ({}, {"tracking": "aggregate"}, False),
        ({}, {"tracking": "individual", "consent_field": "privacy"}, False),
    ],
)
def test_a_delivery_says_that_single_opens_need_a_recorded_basis(mine, signed_in, newsletter, content, noticed):
    Newsletter.objects.filter(pk=mine.newsletter.pk).update(**newsletter)
    Content.objects.filter(delivery=mine.delivery).update(**{"html": "<p>Hi</p>", **content})
    Delivery.objects.filter(pk=mine.delivery.pk).update(transactional=newsletter.get("kind") == "transactional")
    page = signed_in(mine.account).get(f"/admin/deliveries/delivery/{mine.delivery.pk}/change/").content.decode()
    assert ("its newsletter records no basis for it" in page) is noticed


def test_home_names_the_newsletters_without_a_basis_of_the_readers_accounts_alone(mine, theirs, signed_in):
    page = signed_in(mine.account).get("/admin/").content.decode()
    assert f"/admin/deliveries/newsletter/{mine.newsletter.pk}/change/" in page
    assert f"/admin/deliveries/newsletter/{theirs.newsletter.pk}/change/" not in page
    Newsletter.objects.update(consent="declared")
    assert "no basis for it is recorded" not in signed_in(mine.account).get("/admin/").content.decode()
