"""Reports as reviewers read them: the Archive with its rates, cards, a comparison, files (reference 6)."""

import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from deliveries.models import Delivery, Message

LIST = "/admin/deliveries/delivery/"


def sent(mine, title="Winter", delivered=3, bounced=1, newsletter=None):
    """A delivery that is over, measured for nobody's opens."""
    row = Delivery.objects.create(
        account=mine.account, newsletter=newsletter or mine.newsletter, database=mine.database, title=title,
        subject=title, status="sent", source="ui", size=delivered + bounced, started_at=timezone.now(),
        ended_at=timezone.now(),
    )  # fmt: skip
    states = ["delivered"] * delivered + ["bounced"] * bounced
    Message.objects.bulk_create(
        Message(delivery=row, recipient_id=number, address=f"p{number}@x.example", status=state, category=1)
        for number, state in enumerate(states)
    )
    return row


@pytest.fixture
def client(mine, signed_in):
    return signed_in(mine.account)


def test_the_archive_shows_rates_and_what_was_not_measured_is_no_nought(mine, client):
    row = sent(mine)
    page = client.get(f"{LIST}?tab=finished").content.decode()
    assert row.title in page
    assert "75.0 %" in page
    assert "not measured" in page
    assert "Compare" in page


def test_the_archive_asks_a_fixed_number_of_queries(mine, client):
    def queries():
        client.get(f"{LIST}?tab=finished")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{LIST}?tab=finished")
        return len(asked)

    for number in range(3):
        sent(mine, f"Mailing {number}")
    few = queries()
    for number in range(12):
        sent(mine, f"More {number}")
    assert queries() <= few


def test_a_report_has_its_cards_with_rate_and_meaning_and_its_people(mine, client):
    row = sent(mine)
    page = client.get(f"{LIST}{row.pk}/change/?tab=statistics").content.decode()
    for words in ("Delivered", "Accepted by the server that we handed it to", "Every figure"):
        assert words in page
    assert f"{LIST}{row.pk}/people/bounced/" in page
    assert "mailbox does not exist" in page


def test_the_spreadsheet_holds_every_figure_and_leaves_empty_what_was_not_measured(mine, client):
    row = sent(mine)
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{LIST}{row.pk}/report.xlsx"))))
    figures = {line[0]: line[1] for line in book.worksheets[0].iter_rows(values_only=True)}
    assert (figures["size"], figures["delivered"], figures["views"]) == (4, 3, None)
    assert book.sheetnames[1:] == ["Links", "Domains", "Bounces", "Devices", "Hour by hour"]


def test_the_spreadsheet_speaks_the_readers_language_and_the_csv_keeps_its_names(mine, client):
    row = sent(mine)
    client.user.language = "it"
    client.user.save()
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{LIST}{row.pk}/report.xlsx"))))
    assert book.sheetnames == ["Cifre", "Link", "Domini", "Messaggi respinti", "Dispositivi", "Ora per ora"]
    domains, bounces = (list(book[name].iter_rows(values_only=True)) for name in ("Domini", "Messaggi respinti"))
    assert domains[0][-2:] == ("Aperture uniche", "Clic unici")
    assert bounces[1][1] == "casella inesistente"
    assert "unique_clicks" in client.get(f"{LIST}{row.pk}/statistics/report.csv").content.decode()


def test_ticked_deliveries_are_compared_and_the_best_is_marked(mine, client):
    rows = [sent(mine, "Poor", 1, 3), sent(mine, "Good", 3, 1)]
    answer = client.post(
        f"{LIST}?tab=finished", {"action": "compare_ticked", "_selected_action": [row.pk for row in rows]}
    )
    page = client.get(answer["Location"]).content.decode()
    assert re.search(r"<strong[^>]*>75\.0 %</strong>", page)
    assert "Your usual" in page
    assert "50.0 %" in page  # the mean of both


def test_a_comparison_shows_only_ones_own(mine, theirs, client):
    own, foreign = sent(mine, "Ours"), sent(theirs, "Theirs")
    ids = f"{own.pk},{foreign.pk},99999999999999999999,{'9' * 5_000},x"
    page = client.get(f"{LIST}compare/?ids={ids}").content.decode()
    assert "Theirs" not in page
    assert "Tick two or more" in page


def test_one_alone_is_not_compared(mine, client):
    row = sent(mine)
    given = {"action": "compare_ticked", "_selected_action": [row.pk]}
    page = client.post(f"{LIST}?tab=finished", given, follow=True).content.decode()
    assert "Tick two to 8 deliveries" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_report_archive_and_comparison_look_right(chromium, live_server, look, request, width, scheme):
    mine = request.getfixturevalue("mine")
    rows = [sent(mine, "Winter offers", 90, 10), sent(mine, "A very long title of winter offers " * 4, 70, 30)]
    window = look(width, scheme)
    window.sign_in(mine.membership.user)
    window.look(f"{LIST}{rows[0].pk}/change/?tab=statistics", f"report-{width}-{scheme}")
    window.look(f"{LIST}?tab=finished", f"archive-{width}-{scheme}")
    window.look(f"{LIST}compare/?ids={rows[0].pk},{rows[1].pk}", f"compare-{width}-{scheme}")
