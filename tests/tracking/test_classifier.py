"""New hits become events and figures, once; a rule that looks back corrects what was judged before."""

import random
import re
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from deliveries.health.metrics import exposition
from deliveries.models import (
    ClassifierMark,
    Counter,
    Delivery,
    Event,
    LinkVisit,
    Message,
    Newsletter,
)
from deliveries.statistics import report as statistics_report
from deliveries.statistics.figures import figures
from deliveries.statistics.log import event_rows
from deliveries.statistics.mend import mend
from deliveries.statistics.recompute import from_events
from deliveries.statistics.report import report
from deliveries.tokens import HIDDEN_LINK
from deliveries.tracking.classifier import writing
from deliveries.tracking.classifier.classify import classify
from recipients import suppressions
from recipients.models import Account, BlacklistEntry, Reason
from tests.sessions import waits_for_a_lock
from tests.tracking.conftest import BROWSER, NOON, PHONE
from tests.waiting import PATIENCE, wait_for, wait_for_end


def shown(delivery, *names):
    mine = figures([delivery.pk])[delivery.pk]
    return [mine[name] for name in names]


HITS = ("views", "hidden_views", "unique_views", "web_views", "clicks", "unique_clicks")
MACHINE = ("machine_views", "machine_clicks")


def test_hits_become_figures_and_are_judged_once(delivery, message, hit, classified):
    one, two, three = message(), message(), message()
    hit("o", one), hit("o", one, after=50, agent=PHONE), hit("c", one, after=60)
    hit("c", two, link=2), hit("w", three), hit("o", three, method="HEAD")
    assert classified() == 6
    assert classified() == 0
    assert shown(delivery, *HITS) == [2, 2, 3, 1, 2, 2]
    assert shown(delivery, *MACHINE) == [1, 0]


def test_monitoring_reads_how_long_a_hit_waits_to_be_counted(message, hit, classified):
    def waits():
        (line,) = re.findall(rb"^xmld_oldest_hit_seconds (\S+)$", exposition(), re.MULTILINE)
        return float(line)

    assert waits() == 0
    a_minute_ago = (timezone.now() - NOON - timedelta(hours=1, minutes=1)).total_seconds()
    hit("o", message(), after=a_minute_ago), hit("o", message(), after=a_minute_ago + 30)
    assert 60 <= waits() < 60 + PATIENCE
    classified()
    assert waits() == 0


@pytest.mark.sentence("6-04")
def test_a_later_view_takes_a_deduced_one_back(delivery, message, hit, classified):
    one = message()
    hit("c", one), classified()
    assert shown(delivery, "views", "hidden_views", "unique_views") == [0, 1, 1]
    hit("o", one, after=5), classified()
    assert shown(delivery, "views", "hidden_views", "unique_views") == [1, 0, 1]


def test_a_hit_of_what_was_deleted_or_is_nobodys_stops_nothing(delivery, message, hit, classified):
    gone = message()
    hit("o", gone), gone.delete()
    hit("c", None, delivery=delivery)
    assert classified() == 2
    assert list(Event.objects.values_list("message", "action", "origin")) == [(None, "c", "person")]
    assert shown(delivery, "clicks", "unique_clicks") == [1, 0]


@pytest.mark.sentence("6-12")
def test_131_a_burst_is_found_also_when_it_began_in_an_earlier_batch(delivery, message, hit, classified):
    one = message()
    hit("c", one, link=1, after=0), hit("c", one, link=2, after=1)
    classified()
    assert shown(delivery, "clicks", "unique_clicks", "hidden_views") == [2, 1, 1]
    hit("c", one, link=3, after=2), classified()
    assert shown(delivery, *HITS, *MACHINE) == [0, 0, 0, 0, 0, 0, 0, 3]
    one.refresh_from_db()
    assert one.first_click_at is None
    assert not LinkVisit.objects.exists()


@pytest.mark.sentence("6-11")
def test_the_hidden_link_takes_all_hits_of_that_visitor_on_that_message(delivery, message, hit, classified):
    one, two = message(), message()
    (
        hit("o", one),
        hit("c", one, link=1, after=10),
        hit("o", one, ip="198.51.100.1", after=11),
        hit("w", one, after=12),
    )
    hit("o", two)
    classified()
    assert shown(delivery, "views", "clicks", "web_views") == [3, 1, 1]
    hit("c", one, link=HIDDEN_LINK, after=100), hit("c", one, link=2, after=900)
    classified()
    assert shown(delivery, *HITS, *MACHINE) == [2, 0, 2, 0, 0, 0, 2, 3]
    hit("c", one, link=2, after=5_000), classified()
    assert shown(delivery, "clicks", "machine_clicks") == [0, 4]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_batches_give_the_same_figures_as_a_count_of_all_events(
    delivery, message, hit, classified, seed
):
    chance = random.Random(seed)
    people = [message(address=f"{n}@{'ab'[n % 2]}.example") for n in range(8)]
    agents, ips = [BROWSER, PHONE, "Slackbot 1.0"], ["192.0.2.1", "192.0.2.2", None]
    after = 0.0
    for _ in range(120):
        after += chance.choice([0.1, 0.5, 1, 30])
        kind = chance.choice("oocccw")
        link = chance.choice([1, 2, 3, 4, 0, 0, HIDDEN_LINK]) if kind == "c" else None
        target = f"https://shop.example/{chance.randrange(3)}" if link == 0 else ""
        whose = {"delivery": delivery} if chance.random() < 0.1 and kind != "w" else {}
        who = None if whose else chance.choice(people)
        hit(
            kind,
            who,
            after=after,
            link=link,
            target=target,
            agent=chance.choice(agents),
            ip=chance.choice(ips),
            **whose,
        )
        if chance.random() < 0.2:
            classified(chance.choice([1, 3, 5_000]))
    classified(7)
    counted, firsts = counters(delivery), first_times()
    mend(delivery.pk)
    assert counters(delivery) == counted
    assert first_times() == firsts
    mine = figures([delivery.pk])[delivery.pk]
    assert from_events(event_rows(Delivery.objects.filter(pk=delivery.pk))) == mine


def counters(delivery):
    rows = Counter.objects.filter(delivery=delivery).exclude(value=0)
    found = {}
    for dimension, figure, key, value in rows.values_list("dimension", "figure", "key", "value"):
        found[dimension, figure, key] = found.get((dimension, figure, key), 0) + value
    return {key: value for key, value in found.items() if value}


def first_times():
    return list(
        Message.objects.order_by("id").values_list(
            "id", "first_view_at", "first_click_at", "first_web_at", "devices"
        )
    ) + sorted(LinkVisit.objects.values_list("message_id", "key"))


def test_a_report_names_links_domains_devices_and_hours(delivery, message, hit, classified):
    one, two = message(address="a@One.example"), message(address="b@two.example")
    hit("o", one, agent=PHONE), hit("o", one), hit("c", one, link=2), hit("c", one, link=2, after=5)
    hit("c", two, link=0, target="https://shop.example/yours", after=7_200)
    classified()
    document = report(delivery)
    assert [(line["id"], line["url"], line["clicks"], line["unique_clicks"]) for line in document["links"]] == [
        (1, "https://shop.example/1", 0, 0),
        (2, "https://shop.example/2", 2, 1),
        (3, "https://shop.example/3", 0, 0),
        (4, "https://shop.example/4", 0, 0),
        (5, "https://shop.example/5", 0, 0),
        (0, "https://shop.example/yours", 1, 1),
    ]
    assert document["devices"] == [
        {"kind": "desktop", "views": 1, "unique_views": 1},
        {"kind": "mobile", "views": 1, "unique_views": 1},
    ]
    assert [(line["domain"], line["unique_views"], line["unique_clicks"]) for line in document["domains"]] == [
        ("one.example", 1, 1),
        ("two.example", 1, 1),
    ]
    assert document["timeline"] == [
        {"hour": "2026-12-01T12:00:00+00:00", "sent": 2, "views": 0, "clicks": 0},
        {"hour": "2026-12-01T13:00:00+00:00", "sent": 0, "views": 2, "clicks": 2},
        {"hour": "2026-12-01T15:00:00+00:00", "sent": 0, "views": 0, "clicks": 1},
    ]


@pytest.mark.sentence("6-16")
def test_addresses_in_peoples_own_pages_beyond_so_many_are_one_line(
    delivery, message, hit, classified, monkeypatch
):
    monkeypatch.setattr(writing, "MOST_OWN_TARGETS", 3)
    monkeypatch.setattr(statistics_report, "MOST_OWN_LINKS", 2)
    for number in range(5):
        for _ in range(5 - number):
            hit("c", message(), link=0, target=f"https://shop.example/of/{number}")
        classified()
    own = [line for line in report(delivery)["links"] if line["id"] == 0]
    assert [(line["url"], line["clicks"], line["unique_clicks"]) for line in own] == [
        ("https://shop.example/of/0", 5, 5),
        ("https://shop.example/of/1", 4, 4),
        (None, 6, 6),
    ]
    logged = {row["actionRefID"] for row in event_rows(Delivery.objects.filter(pk=delivery.pk))} - {""}
    assert len(logged) == 4
    assert "~others" in logged


@pytest.mark.sentence("6-06", "6-07")
def test_what_nobody_measured_is_null_and_unique_figures_need_people(delivery, message, hit, classified):
    one = message()
    hit("o", one), hit("c", one), classified()
    Delivery.objects.update(measured="")
    document = report(Delivery.objects.get())
    assert {document["figures"][name] for name in (*HITS, *MACHINE)} == {None}
    assert {document["rates"][name] for name in ("open", "click", "click_to_open")} == {None}
    assert document["figures"]["unsubscribed"] == 0
    Delivery.objects.update(measured="vcw")
    type(delivery.content).objects.update(tracking="aggregate")
    assert shown(delivery, *HITS) == [1, None, None, 0, 1, None]


@pytest.mark.sentence("7.1-22")
def test_a_hit_proves_that_a_message_in_doubt_arrived(delivery, message, hit, classified):
    unsure, sure = message(status="in_doubt"), message()
    hit("o", unsure, method="HEAD"), hit("o", sure), classified()
    unsure.refresh_from_db()
    assert unsure.status == "delivered"


@pytest.mark.sentence("7-06")
def test_a_person_who_reacts_is_no_dead_address_a_machine_is_nobody(delivery, message, hit, classified):
    opened, scanned = message(), message()
    for one in (opened, scanned):
        until = NOON + timedelta(days=400)
        suppressions.suppress(delivery.account, one.address, Reason.BOUNCES, until=until, count=1)
    hit("o", opened), hit("o", scanned, agent="Mimecast"), classified()
    assert [entry.address for entry in BlacklistEntry.objects.all()] == [scanned.address]


def test_the_hits_of_one_account_change_nothing_of_another(delivery, message, hit, classified):
    other = Account.objects.create(name="Other")
    newsletter = Newsletter.objects.create(
        account=other, database=delivery.database, name="N", from_address="a@other.example"
    )
    theirs = Delivery.objects.create(
        account=other, newsletter=newsletter, database=delivery.database, title="T", measured="vcw"
    )
    one = message()
    # Nobody outside can make a token that names another's delivery; the message decides all the same.
    hit("c", one, delivery=theirs), classified()
    assert shown(theirs, "clicks") == [0]
    assert Event.objects.get().account_id == delivery.account_id


@pytest.mark.django_db(transaction=True)
def test_a_hit_whose_id_is_lower_but_came_later_is_not_passed_over(delivery, message, hit, classified):
    late, early = message(), message()
    started, go = threading.Event(), threading.Event()

    def slow_writer():
        with transaction.atomic():
            hit("o", late)
            started.set()
            go.wait(PATIENCE)
        connections.close_all()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert started.wait(PATIENCE)
    hit("o", early)
    judged = []

    def judge():
        judged.append(classify())
        connections.close_all()

    judging = threading.Thread(target=judge)
    judging.start()
    wait_for(waits_for_a_lock, "the classifier to wait for the writer")
    go.set()
    wait_for_end(writer, judging)
    assert judged == [2]


def test_the_very_first_hit_is_not_passed_over(delivery, message, hit):
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE deliveries_hit_id_seq RESTART")
    ClassifierMark.objects.all().delete()
    assert classify() == 0  # a product that has just started
    hit("o", message())
    assert classify() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_classifier_leaves_while_one_works(delivery, message, hit):
    hit("o", message())
    ClassifierMark.objects.get_or_create(pk=1)
    found = []

    def second():
        found.append(classify())
        connections.close_all()

    with transaction.atomic():
        ClassifierMark.objects.select_for_update().get(pk=1)
        thread = threading.Thread(target=second)
        thread.start()
        wait_for_end(thread)
    assert found == [0]
    assert classify() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_broken_off_is_judged_again_from_the_start(delivery, message, hit, monkeypatch):
    from deliveries.tracking.classifier import writing

    hit("o", message()), hit("c", message())
    good = writing.visits

    def broken(*_arguments):
        raise RuntimeError

    monkeypatch.setattr(writing, "visits", broken)
    with pytest.raises(RuntimeError):
        classify()
    assert not Event.objects.exists()
    assert not Counter.objects.exists()
    monkeypatch.setattr(writing, "visits", good)
    assert classify() == 2
    assert shown(delivery, "views", "clicks") == [1, 1]
