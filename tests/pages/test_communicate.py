"""Communicate: the list of deliveries, its tabs, what is done with a row and with several (reference 5.1)."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from deliveries.admin.communicate import list_pages
from deliveries.admin.deliveries import progress
from deliveries.admin.deliveries.progress import progress_of
from deliveries.admin.deliveries.tabs import HOLDS
from deliveries.models import Delivery, Label, Message, ProcessingRun
from recipients.faults import Fault

PAGE = "/admin/deliveries/delivery/"


def page_of(row):
    return f"{PAGE}{row.pk}/change/"


def fill(delivery, **statuses):
    number = 1
    for status, count in statuses.items():
        for _each in range(count):
            number += 1
            Message.objects.create(delivery=delivery, recipient_id=number, address="a@x.example", status=status)
    Delivery.objects.filter(pk=delivery.pk).update(size=delivery.messages.count())


def test_a_stopped_delivery_says_how_many_were_written_to(mine, signed_in):
    mine.message.delete()
    fill(mine.delivery, delivered=3, bounced=1, cancelled=5, blacklist=2)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="stopped", ended_at=timezone.now())
    shown = signed_in(mine.account).get(page_of(mine.delivery)).content.decode()
    assert "4 of 11 written to" in shown
    bar = progress_of([mine.delivery.pk])[mine.delivery.pk].segments
    assert [(part.tone, part.count) for part in bar] == [("good", 3), ("bad", 1), ("none", 5), ("none", 2)]


def test_the_rate_counts_from_the_start_and_what_is_paused_has_none(mine):
    now = timezone.now()
    mine.message.delete()
    fill(mine.delivery, delivered=20, pending=40)
    Message.objects.filter(delivery=mine.delivery, status="delivered").update(outcome_at=now, attempt=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending", started_at=now - timedelta(seconds=10))

    def shown():
        return progress_of([mine.delivery.pk], now=now)[mine.delivery.pk]

    assert (shown().rate, shown().seconds_left) == (120, 20)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="paused")
    assert shown().pace == ""


def test_many_who_watch_a_large_delivery_share_its_counts(mine, monkeypatch):
    monkeypatch.setattr(progress, "_LARGE", 2)
    monkeypatch.setattr(progress, "_MOVING", 600)  # seconds: longer than any look takes
    mine.message.delete()
    fill(mine.delivery, delivered=1, pending=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending", started_at=timezone.now())
    first = progress_of([mine.delivery.pk])
    with CaptureQueriesContext(connection) as queries:
        assert progress_of([mine.delivery.pk])[mine.delivery.pk].tried == first[mine.delivery.pk].tried == 1
    assert not [query for query in queries.captured_queries if "deliveries_message" in query["sql"]]


def test_after_send_now_nothing_asks_to_send_it_again(mine, signed_in):
    client = signed_in(mine.account)
    due = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="scheduled", start_at=due, start_queued_at=due)
    shown = client.get(page_of(mine.delivery)).content.decode()
    assert "starting" in shown
    assert f"{PAGE}{mine.delivery.pk}/start/" not in shown
    assert 'data-every="2"' in shown


@pytest.mark.parametrize(("status", "first"), [("ready", "start"), ("scheduled", "schedule"), ("paused", "resume")])
def test_the_likeliest_action_comes_first(mine, signed_in, status, first):
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status=status, start_at=later)
    links = signed_in(mine.account).get(page_of(mine.delivery)).context["links"]
    assert links[0]["name"] == first
    assert links[0]["variant"] == "primary"
    assert all(link["variant"] != "primary" for link in links[1:])


def test_taking_it_off_the_schedule_says_what_becomes_of_it(mine, signed_in):
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="scheduled", start_at=later)
    asked = signed_in(mine.account).get(f"{PAGE}{mine.delivery.pk}/unschedule/").content.decode()
    assert "It then waits, ready, until somebody sends or schedules it." in asked


def test_the_failed_tab_holds_deliveries_and_runs_with_their_reasons(mine, signed_in):
    Delivery.objects.filter(pk=mine.delivery.pk).update(
        status="failed", fault=Fault.of("delivery.nobody").as_json(), ended_at=timezone.now()
    )
    answer = signed_in(mine.account).get(PAGE, {"tab": "failed"})
    lines = answer.context["failures"].lines
    assert [bool(line.run) for line in lines] == [False, True]  # the delivery failed after its run
    shown = answer.content.decode()
    assert "nobody to write to" in shown
    assert "Acme went wrong" in shown
    assert f"/admin/deliveries/processingrun/{mine.run.pk}/rows.csv" not in shown  # no bad row was counted
    searched = signed_in(mine.account).get(PAGE, {"tab": "failed", "q": "Acme.xml"})
    assert len(searched.context["failures"].lines) == 2  # the run, and the delivery that it made


def test_the_failed_tab_goes_by_pages_and_leaves_out_what_was_discarded(mine, theirs, signed_in):
    for number in range(30):
        run = ProcessingRun.objects.create(
            account=mine.account, space=mine.space, semaphore=f"{number}.ok", file="x.xml", status="ERROR"
        )
    ProcessingRun.objects.filter(pk=run.pk).update(sub_status="DISCARDED")
    client = signed_in(mine.account)
    first = client.get(PAGE, {"tab": "failed"}).context["failures"]
    second = client.get(PAGE, {"tab": "failed", "page": first.after}).context["failures"]
    assert (first.count, len(first.lines), len(second.lines), second.after) == (30, 25, 5, 0)


def test_the_filters_of_the_failed_tab_choose_among_deliveries_and_say_so_of_runs(mine, theirs, signed_in):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="failed", ended_at=timezone.now())
    client = signed_in(mine.account)
    chosen = client.get(PAGE, {"tab": "failed", "newsletter__id__exact": mine.newsletter.pk})
    assert [line.delivery for line in chosen.context["failures"].lines] == [mine.delivery]
    assert "Runs are left out: these filters know deliveries alone." in chosen.content.decode()
    none = client.get(PAGE, {"tab": "failed", "source__exact": "ui"})
    assert not none.context["failures"].lines
    everything = client.get(PAGE, {"tab": "failed"})
    assert everything.context["failures"].count == 2
    assert "Runs are left out" not in everything.content.decode()


def test_a_page_of_what_failed_lately_leads_to_more_of_it(mine, signed_in):
    for number in range(30):
        ProcessingRun.objects.create(
            account=mine.account, space=mine.space, semaphore=f"{number}.ok", file="x.xml", status="ERROR"
        )
    ProcessingRun.objects.filter(pk=mine.run.pk).update(ended_at=timezone.now() - timedelta(days=2))
    since = timezone.now() - timedelta(days=1)
    client = signed_in(mine.account)
    page = client.get(PAGE, {"tab": "failed", "ended_at__gte": since.isoformat()})
    [further] = re.findall(r'href="([^"]+page=2)"', page.content.decode())
    assert len(client.get(PAGE + unescape(further)).context["failures"].lines) == 5


@pytest.mark.parametrize("tab", HOLDS)
def test_an_empty_tab_says_what_would_stand_there(mine, signed_in, tab):
    Delivery.objects.all().delete()
    ProcessingRun.objects.all().delete()
    answer = signed_in(mine.account).get(PAGE, {"tab": tab})
    shown = answer.content.decode()
    assert "Nothing here is like that" not in shown
    assert str(answer.context["cl"].nothing_here)[:20] in shown
    assert not answer.context["cl"].has_active_filters


def test_the_live_part_brings_counts_states_and_bars_of_the_rows_listed(mine, theirs, signed_in):
    client = signed_in(mine.account)
    mine.message.delete()
    fill(mine.delivery, delivered=1, pending=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sending")
    shown = client.get(f"{PAGE}live/", {"tab": "all", "rows": "1,2"}).content.decode()
    for part in ("delivery-tabs", "state-", "progress-", "acts-"):
        assert f'id="{part}' in shown
    assert "1 of 2 written to" in shown
    assert set(re.findall(r'id="(?:state|progress|acts)-(\d+)"', shown)) == {str(mine.delivery.pk)}
    assert client.get(f"{PAGE}live/", {"account__name": "x"}).status_code == 400


def test_people_of_what_has_not_started_are_counted_by_the_live_part(mine, signed_in):
    shown = signed_in(mine.account).get(f"{PAGE}live/", {"tab": "all"}).content.decode()
    assert f'<small id="people-{mine.delivery.pk}" data-part>0</small>' in shown


def test_the_summary_of_a_row_opens_in_place(mine, theirs, signed_in):
    client = signed_in(mine.account)
    shown = client.get(f"{PAGE}{mine.delivery.pk}/summary/").content.decode()
    for word in ("Acme subject", "Acme news", "Acme people", "Acme filter"):
        assert word in shown
    assert client.get(f"{PAGE}{theirs.delivery.pk}/summary/").status_code == 404


def test_a_list_too_long_for_a_spreadsheet_is_offered_as_csv(mine, signed_in, monkeypatch):
    monkeypatch.setattr(list_pages, "MOST_ROWS", 0)
    answer = signed_in(mine.account).get(f"{PAGE}list.xlsx", {"tab": "all"}, follow=True)
    assert answer.redirect_chain == [(f"{PAGE}?tab=all", 302)]
    assert "These are more than 0 deliveries: download them as CSV" in answer.content.decode()
    assert signed_in(mine.account).get(f"{PAGE}list.csv", {"tab": "all"}).status_code == 200


def test_the_list_is_downloaded_as_it_was_searched(mine, theirs, signed_in):
    client = signed_in(mine.account)
    Delivery.objects.create(
        account=mine.account, newsletter=mine.newsletter, database=mine.database, title="=other", status="ready"
    )
    lines = list(csv.reader(io.StringIO(_body(client.get(f"{PAGE}list.csv", {"q": "offers"})))))
    assert [line[3] for line in lines] == ["Title", "Acme offers"]
    whole = b"".join(client.get(f"{PAGE}list.xlsx", {"tab": "all"}).streaming_content)
    rows = list(load_workbook(io.BytesIO(whole)).active.values)
    assert {row[3] for row in rows[1:]} == {"Acme offers", "'=other"}


def test_the_archive_as_a_file_has_figures_rates_and_the_moments_of_all_clocks(mine, signed_in):
    ended = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    Delivery.objects.filter(pk=mine.delivery.pk).update(
        status="sent", size=2, started_at=ended, ended_at=ended, measured="w"
    )
    fill(mine.delivery, delivered=1, bounced=1)
    Message.objects.filter(pk=mine.message.pk).delete()
    client = signed_in(mine.account)
    [line] = csv.DictReader(io.StringIO(_body(client.get(f"{PAGE}list.csv", {"tab": "finished"}))))
    assert (line["Ended"], line["Ended (UTC)"]) == ("2026-07-02 00:30:00+02:00", "2026-07-01 22:30:00+00:00")
    assert (line["Delivered"], line["Bounced"], line["Delivery rate"], line["Bounce rate"]) == (
        "1",
        "1",
        "0.5",
        "0.5",
    )
    assert (line["Unique views"], line["Open rate"]) == ("", "")  # not measured
    book = load_workbook(
        io.BytesIO(b"".join(client.get(f"{PAGE}list.xlsx", {"tab": "finished"}).streaming_content))
    )
    head, row = book.active.values
    assert row[head.index("Delivery rate")] == 0.5
    everything = _body(client.get(f"{PAGE}list.csv", {"tab": "all"}))
    assert "Delivery rate" not in everything


def _body(answer):
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_several_are_taken_back_labelled_and_deleted_and_never_sent(mine, theirs, signed_in):
    client = signed_in(mine.account)
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="scheduled", start_at=later)
    ticked = {"_selected_action": [mine.delivery.pk, theirs.delivery.pk]}
    client.post(f"{PAGE}?tab=all", {**ticked, "action": "unschedule_ticked"})
    mine.delivery.refresh_from_db()
    assert mine.delivery.status == "ready"
    asked = client.post(f"{PAGE}?tab=all", {**ticked, "action": "label_ticked"}).content.decode()
    assert "Acme offers" in asked
    assert "Zenith offers" not in asked
    client.post(f"{PAGE}?tab=all", {**ticked, "action": "label_ticked", "go": "1", "name": "season", "value": "w"})
    assert list(Label.objects.values_list("delivery_id", "name", "value")) == [(mine.delivery.pk, "season", "w")]
    client.post(f"{PAGE}?tab=all", {**ticked, "action": "delete_ticked", "go": "1"})
    assert list(Delivery.objects.values_list("pk", flat=True)) == [theirs.delivery.pk]
    offered = client.get(f"{PAGE}?tab=all").context["cl"].model_admin.actions
    assert not [action for action in offered if "start" in action.__name__]


def test_a_reviewer_changes_nothing_in_bulk(mine, signed_in):
    client = signed_in(mine.account, "reviewer")
    client.post(f"{PAGE}?tab=all", {"_selected_action": mine.delivery.pk, "action": "delete_ticked", "go": "1"})
    assert Delivery.objects.filter(pk=mine.delivery.pk).exists()
    page = client.get(f"{PAGE}?tab=all").content.decode()
    assert "compare_ticked" in page
    assert "delete_ticked" not in page
    assert "column-acts" not in page


def test_in_the_archive_nothing_is_offered_that_only_what_waits_can_have(mine, signed_in):
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sent", size=0)
    page = signed_in(mine.account).get(f"{PAGE}?tab=finished").content.decode()
    assert [act in page for act in ("label_ticked", "delete_ticked", "unschedule_ticked")] == [True, False, False]


@pytest.mark.parametrize("tests", ["", "1", "only"])
def test_tests_are_hidden_until_asked_for(mine, signed_in, tests):
    Delivery.objects.filter(pk=mine.delivery.pk).update(type="test")
    answer = signed_in(mine.account).get(PAGE, {"tab": "all", "tests": tests})
    assert bool(answer.context["cl"].result_list) == bool(tests)


def test_a_day_filters_and_what_is_no_day_does_not(mine, signed_in):
    client = signed_in(mine.account)
    today = mine.delivery.created_at.astimezone(mine.account.zone).date()

    def found(**asked):
        return len(client.get(PAGE, {"tab": "all", **asked}).context["cl"].result_list)

    assert found(created_from=today.isoformat(), created_until=today.isoformat()) == 1
    assert found(created_from=(today + timedelta(days=2)).isoformat()) == 0
    assert found(created_until=(today - timedelta(days=2)).isoformat()) == 0
    assert found(created_from="yesterday", created_until="9999-12-31") == 1


def test_the_account_is_chosen_where_there_is_one(mine, signed_in):
    shown = signed_in(mine.account, "account_admin").get("/admin/recipients/blacklistentry/add/")
    assert shown.context["adminform"].form.fields["account"].initial == mine.account.pk
    assert shown.context["adminform"].form.fields["account"].empty_label is None
