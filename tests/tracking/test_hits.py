"""/o/, /c/, /w/: the reader is answered at once, the hit is written, a wrong token tells nothing."""

import psycopg
import pytest
from django.db import connection
from django.test import Client

from deliveries import tokens
from deliveries.models import Hit, Link
from deliveries.tokens import COPY_ID, HIDDEN_LINK, Purpose
from deliveries.tracking.hits.opens import PIXEL
from deliveries.tracking.hits.recorder import RECORDER, Recorder
from tests.sending.conftest import database_url
from tests.tracking.conftest import BROWSER, make_delivery

pytestmark = pytest.mark.django_db(transaction=True)


def kept():
    return list(Hit.objects.order_by("id").values_list("kind", "delivery_id", "message_id", "link", "method"))


def test_an_open_answers_with_a_point_and_is_kept_as_it_came(client, message, written):
    mine = message()
    answer = client.get(f"/o/{tokens.make(Purpose.OPEN, mine.pk)}", headers={"User-Agent": BROWSER})
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/gif", PIXEL)
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    written()
    row = Hit.objects.get()
    assert (row.kind, row.message_id, row.delivery_id) == ("o", mine.pk, None)
    assert (row.ip, row.agent, row.method) == ("127.0.0.1", BROWSER, "GET")


@pytest.mark.sentence("6-08")
def test_a_shared_pixel_names_the_delivery_and_nobody(client, delivery, written):
    assert client.get(f"/o/{tokens.make(Purpose.OPEN_SHARED, delivery.pk)}").content == PIXEL
    written()
    assert kept() == [("o", delivery.pk, None, None, "GET")]


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://shop.example/a?b=1&c=%7B%22q%22%7D#part", "https://shop.example/a?b=1&c=%7B%22q%22%7D#part"),
        ("https://shop.example/{x}/~|^`", "https://shop.example/{x}/~|^`"),
        ("https://shop.example/perché no", "https://shop.example/perch%C3%A9%20no"),
        ("https://shop.example/\r\nX-Evil: 1", "https://shop.example/%0D%0AX-Evil:%201"),
    ],
)
def test_a_click_leads_to_the_address_to_the_letter(client, message, written, url, location):
    mine = message()
    Link.objects.create(delivery=mine.delivery, number=9, url=url)
    answer = client.get(f"/c/{tokens.make_click(mine.delivery_id, mine.pk, 9, None)}")
    assert (answer.status_code, answer["Location"]) == (302, location)
    written()
    assert kept() == [("c", mine.delivery_id, mine.pk, 9, "GET")]


def test_a_target_that_travels_in_the_token_needs_no_row(client, message, written):
    mine = message()
    answer = client.get(f"/c/{tokens.make_click(mine.delivery_id, mine.pk, 0, 'https://shop.example/of?id=4')}")
    assert answer["Location"] == "https://shop.example/of?id=4"
    written()
    assert Hit.objects.get().target == "https://shop.example/of?id=4"


def test_a_plain_link_of_nobody_is_counted_for_the_delivery(client, delivery, written):
    assert client.get(f"/c/{tokens.make_click(delivery.pk, None, 2, None)}")["Location"] == "https://shop.example/2"
    written()
    assert kept() == [("c", delivery.pk, None, 2, "GET")]


def test_the_hidden_link_leads_nowhere_and_is_kept(client, message, written):
    mine = message()
    answer = client.get(f"/c/{tokens.make_click(mine.delivery_id, mine.pk, HIDDEN_LINK, None)}")
    assert (answer.status_code, answer.content) == (200, b"")
    written()
    assert kept() == [("c", mine.delivery_id, mine.pk, HIDDEN_LINK, "GET")]


def test_a_copy_is_answered_and_acts_on_nobody(client, delivery, written):
    assert client.get(f"/o/{tokens.make(Purpose.OPEN, COPY_ID)}").content == PIXEL
    assert client.get(f"/c/{tokens.make_click(delivery.pk, COPY_ID, 1, None)}").status_code == 302
    written()
    assert kept() == []


def test_128_every_wrong_token_gets_the_same_page(client, message, delivery, written):
    mine = message()
    other = tokens.make(Purpose.UNSUBSCRIBE, mine.pk)
    strange = tokens.make_click(delivery.pk, mine.pk, 77, None)  # no such link
    wrong = ["x", "A" * 32, "A" * 300, "%00", "é", other, other + "x", "..%2f..", "a/b", f"{other}=="]
    answers = [client.get(f"/{kind}/{token}") for token in [*wrong, strange] for kind in "ocw"]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    written()
    assert kept() == []


def test_only_get_and_head_are_answered_and_a_head_is_kept_as_such(client, message, written):
    mine = message()
    url = f"/c/{tokens.make_click(mine.delivery_id, mine.pk, 1, None)}"
    assert {client.generic(method, url).status_code for method in ("POST", "PUT", "DELETE", "OPTIONS")} == {405}
    assert client.head(url)["Location"] == "https://shop.example/1"
    written()
    assert kept() == [("c", mine.delivery_id, mine.pk, 1, "HEAD")]


def test_headers_that_no_database_can_keep_stop_nothing(client, message, written):
    mine = message()
    url = f"/o/{tokens.make(Purpose.OPEN, mine.pk)}"
    client.get(url, HTTP_USER_AGENT="a\x00b" + "\xe9" * 900, HTTP_SEC_PURPOSE="prefetch;" * 30, REMOTE_ADDR="")
    written()
    row = Hit.objects.get()
    assert (row.agent[:3], len(row.agent)) == ("abé", 500)
    assert (len(row.purpose), row.ip) == (60, None)


@pytest.mark.parametrize(
    ("came", "kept_as"),
    [("::ffff:192.0.2.7", "192.0.2.7"), ("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::7"), ("x", None)],
)
def test_a_visitor_has_one_address(client, message, written, came, kept_as):
    client.get(f"/o/{tokens.make(Purpose.OPEN, message().pk)}", REMOTE_ADDR=came)
    written()
    assert Hit.objects.get().ip == kept_as


def test_neither_referer_nor_cookie_is_kept(client, message, written):
    mine = message()
    client.cookies["a"] = "secret-cookie"
    client.get(f"/o/{tokens.make(Purpose.OPEN, mine.pk)}", headers={"Referer": "https://mail.example/secret"})
    written()
    assert "secret" not in str(list(Hit.objects.values()))


@pytest.fixture
def unreachable():
    """Cut this test off from the database for a block, as a server that is away does."""
    good = connection.settings_dict["PORT"], connection.settings_dict["HOST"]

    def cut():
        connection.close()
        connection.settings_dict.update(HOST="127.0.0.1", PORT="1")

    def mend():
        connection.close()
        connection.settings_dict.update(PORT=good[0], HOST=good[1])

    yield cut, mend
    mend()


def test_129_while_the_database_is_away_the_reader_still_gets_there(message, written, unreachable):
    cut, mend = unreachable
    mine = message()
    known = f"/c/{tokens.make_click(mine.delivery_id, mine.pk, 1, None)}"
    client = Client(raise_request_exception=True)
    assert client.get(known).status_code == 302
    written()
    elsewhere = make_delivery("Other")
    cut()
    assert client.get(known)["Location"] == "https://shop.example/1"
    assert client.get(f"/o/{tokens.make(Purpose.OPEN, mine.pk)}").content == PIXEL
    travels = tokens.make_click(mine.delivery_id, mine.pk, 3, "https://shop.example/mine")
    assert client.get(f"/c/{travels}")["Location"] == "https://shop.example/mine"
    unknown = client.get(f"/c/{tokens.make_click(elsewhere.pk, None, 1, None)}")
    assert (unknown.status_code, unknown["Retry-After"]) == (503, "60")
    assert "Please try again in a minute" in unknown.content.decode()
    for page in (f"/w/{tokens.make(Purpose.WEB, mine.pk)}", f"/u/{tokens.make(Purpose.UNSUBSCRIBE, mine.pk)}"):
        answers = [client.get(page), client.head(page)] + ([client.post(page)] if "/u/" in page else [])
        assert {(answer.status_code, answer["Retry-After"]) for answer in answers} == {(503, "60")}
    mend()
    RECORDER._wake.set()
    written()
    assert Hit.objects.count() == 5  # what came meanwhile waited


def test_130_an_open_waits_for_no_lock_on_its_message(client, message, written):
    mine = message()
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT FROM deliveries_message WHERE id = %s FOR UPDATE", [mine.pk])
        assert client.get(f"/o/{tokens.make(Purpose.OPEN, mine.pk)}").content == PIXEL
        written()
        assert Hit.objects.count() == 1


def test_a_burst_is_written_in_batches(message, written, django_assert_max_num_queries):
    from deliveries.tracking.hits import recorder
    from tests.tracking.conftest import NOON

    mine, own = message(), Recorder()
    hits = [recorder.Arrival(NOON, "o", None, mine.pk, None, "", None, "", "GET", "") for _ in range(3_000)]
    own._waiting.extend(hits)
    with django_assert_max_num_queries(2):
        assert own._empty()
    assert Hit.objects.count() == 3_000
