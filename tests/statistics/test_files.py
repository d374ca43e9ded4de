"""The event log and the people behind a figure: streamed, the same as the figures, harmless in a spreadsheet."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from deliveries.errors import ClientError
from deliveries.models import Delivery, Link, LinkVisit, Message
from deliveries.statistics import log as statistics_log
from deliveries.statistics import people
from deliveries.statistics.figures import EVENT_FIGURES, OUTCOME_FIGURES, figures
from deliveries.statistics.log import COLUMNS, event_rows, page
from deliveries.statistics.mend import mend
from recipients.csv_lines import csv_table
from tests.statistics.conftest import NOON


def log(delivery, **options):
    return list(event_rows(Delivery.objects.filter(pk=delivery.pk), **options))


@pytest.mark.sentence("6-22")
def test_a_link_is_told_with_the_category_it_has_now(delivery, message, event):
    link = Link.objects.create(delivery=delivery, number=3, url="https://shop.example")
    event(message("delivered"), "c", reference="3")
    assert [row["actionClassification"] for row in log(delivery) if row["actionType"] == "c"] == ["0"]
    link.category = 8
    link.save()
    row = next(row for row in log(delivery) if row["actionType"] == "c")
    assert (row["actionClassification"], row["actionRefID"]) == ("8", "3")


def test_hits_of_nobody_stand_at_the_end_without_a_message(delivery, message, event):
    message("delivered")
    event(None, "v", classification=1)
    rows = log(delivery)
    assert [(row["mailqID"] != "", row["actionType"], row["actionClassification"]) for row in rows] == [
        (True, "d", ""),
        (False, "v", "1"),
    ]


@pytest.mark.sentence("6-21")
def test_an_erased_person_is_a_number_in_both_columns(delivery, message, event):
    event(message("delivered", address="erased-7 @mail.example"), "o")
    assert {(row["recipient"], row["userID"]) for row in log(delivery)} == {("erased-7", "erased-7")}
    assert next(people.people_behind(delivery, "unsubscribed"))["userID"] == "erased-7"


@pytest.mark.sentence("6-23")
def test_a_period_has_what_happened_in_it_and_nothing_else(delivery, message, event):
    one = message("delivered")
    event(one, "o")
    one.events.update(at=NOON + timedelta(days=3))
    Delivery.objects.update(ended_at=NOON, status="sent")

    def kinds(first, last):
        span = NOON + timedelta(days=first), NOON + timedelta(days=last)
        return [row["actionType"] for row in log(delivery, span=span)]

    assert [kinds(0, 1), kinds(1, 3), kinds(3, 4), kinds(-2, 0), kinds(0, 9)] == [["d"], [], ["o"], [], ["d", "o"]]


def test_pages_of_the_log_join_to_the_whole(delivery, message, event):
    for _ in range(5):
        event(message("delivered"), "v")
    event(None, "c")
    rows, after, pages = [], 0, 0
    while after is not None:
        more, after = page(delivery, after, 2)
        rows, pages = rows + more, pages + 1
    assert (rows, pages) == (log(delivery), 3)


def test_each_figure_that_counts_messages_has_its_people(delivery, message, event):
    for status in ("delivered", "bounced", "error", "cancelled", "expired", "pending", "sending", "deferred"):
        message(status)
    for status in ("in_doubt", "blacklist", "temporary_blacklist"):
        message(status)
    for kind in "ozylf":
        event(message("delivered"), kind)
    seen, clicked, visited = message("delivered"), message("delivered"), message("delivered")
    event(seen, "v"), event(clicked, "c", reference="2"), event(visited, "v", "web"), event(seen, "v", "machine")
    mine = figures([delivery.pk])[delivery.pk]
    for name in ("size", *OUTCOME_FIGURES, *EVENT_FIGURES):
        assert len(list(people.people_behind(delivery, name))) == mine[name], name
    assert [row["recipient"] for row in people.people_behind(delivery, "link:2")] == [clicked.address]
    assert LinkVisit.objects.count() == 1
    with pytest.raises(ClientError, match="is not a figure"):
        people.people_behind(delivery, "opens")


def test_no_cell_is_a_formula(delivery, message):
    for address in ("=1+1@mail.example", "+a@mail.example", "@sum", "-x@mail.example"):
        message("bounced", address=address, reply="=HYPERLINK(1)")
    lines = "".join(csv_table(people.COLUMNS, people.people_behind(delivery, "bounced")))
    rows = list(csv.reader(io.StringIO(lines)))
    assert not [cell for row in rows for cell in row if re.match(r"[=+@-]\D", cell)]
    assert {row[0] for row in rows[1:]} == {"'=1+1@mail.example", "'+a@mail.example", "'@sum", "'-x@mail.example"}


def test_the_command_prints_the_log_or_says_what_is_missing(delivery, message, capsys):
    message("delivered")
    call_command("events", str(delivery.pk))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [list(row) for row in rows] == [list(COLUMNS)]
    call_command("events", "--from", "2026-12-01", "--to", "2026-12-01", "--account", "Shop", "--json")
    assert '"actionType": "d"' in capsys.readouterr().out
    call_command("events", "--from", "2026-12-02", "--to", "2026-12-02", "--json")
    assert capsys.readouterr().out == "[\n]\n"
    with pytest.raises(CommandError, match="does not exist"):
        call_command("events", "--from", "2026-12-02", "--to", "2026-12-02", "--account", "Nobody")


def test_memory_grows_neither_with_the_log_nor_with_the_people_behind_a_figure(delivery, monkeypatch):
    """Many messages of five events each hold no more at any time than few do."""
    import tracemalloc

    from django.db import connection

    def peak(first, last):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO deliveries_message (delivery_id, recipient_id, address, status, attempt, enhanced,"
                " reply) SELECT %s, n, 'p' || n || '@mail.example', 'delivered', 1, '', ''"
                " FROM generate_series(%s::int, %s::int) AS n",
                [delivery.pk, first, last],
            )
            cursor.execute(
                "INSERT INTO deliveries_event (account_id, delivery_id, message_id, at, action, origin, reference,"
                " user_agent) SELECT %s, m.delivery_id, m.id, now(), 'v', 'person', '', 'Mozilla'"
                " FROM deliveries_message AS m, generate_series(1, 5) WHERE m.delivery_id = %s"
                " AND m.recipient_id BETWEEN %s AND %s",
                [delivery.account_id, delivery.pk, first, last],
            )
        mend(delivery.pk)
        tracemalloc.start()
        count = sum(1 for _line in csv_table(COLUMNS, event_rows(Delivery.objects.filter(pk=delivery.pk))))
        behind = sum(1 for _line in csv_table(people.COLUMNS, people.people_behind(delivery, "unique_views")))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        messages = Message.objects.filter(delivery=delivery).count()
        assert (count, behind) == (1 + messages * 6, 1 + messages)
        return most

    monkeypatch.setattr(statistics_log, "_CHUNK", 100)
    monkeypatch.setattr(people, "_CHUNK", 100)
    small = peak(1, 150)
    assert peak(151, 900) < small * 1.3
