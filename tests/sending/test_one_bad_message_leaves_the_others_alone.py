import pytest
from django.db import connection
from psycopg import sql

from deliveries.sending.worker import compose, drafting
from recipients import tables
from tests.sending.conftest import make_going, statuses
from tests.sending.pump import pump


def _set(newsletter, name, *, only):
    query = sql.SQL("UPDATE {} SET nome = %s WHERE email = %s").format(tables.identifier(newsletter.database))
    with connection.cursor() as cursor:
        cursor.execute(query, [name, only])


def _one_error(delivery) -> str:
    assert statuses(delivery) == {"error": 1, "delivered": 1}
    delivery.refresh_from_db()
    assert delivery.status == "sent"
    return delivery.messages.get(status="error").reply


def test_values_that_make_no_sender_are_an_error_of_that_message(smtp, shop):
    delivery = make_going(shop, ["bad@to.example", "good@to.example"])
    delivery.content.from_address = "${nome}$@shop.example"
    delivery.content.save()
    _set(shop, "x" * 70, only="bad@to.example")
    pump(smtp.url)
    assert _one_error(delivery) == "FROM_ADDRESS: this person's values make no address to send from"
    assert list(smtp.copies()) == ["good@to.example"]


def test_an_address_that_can_not_stand_in_a_header_is_an_error_of_that_message(smtp, shop):
    delivery = make_going(shop, ["ba d@to.example", "good@to.example"])
    pump(smtp.url)
    assert _one_error(delivery).startswith("TO_ADDRESS: ")


def test_values_that_make_a_message_too_big_are_an_error_of_that_message(smtp, shop):
    delivery = make_going(shop, ["bad@to.example", "good@to.example"])
    _set(shop, "x" * 6_000_000, only="bad@to.example")
    pump(smtp.url)
    assert _one_error(delivery).startswith("MSG_TOO_BIG: ")


def test_a_fault_of_ours_in_composing_is_an_error_of_that_message(smtp, shop, monkeypatch):
    delivery = make_going(shop, ["bad@to.example", "good@to.example"])
    real = drafting.draft

    def failing(job):
        if job.row.address == "bad@to.example":
            raise RecursionError
        return real(job)

    monkeypatch.setattr(drafting, "draft", failing)
    pump(smtp.url)
    assert _one_error(delivery) == "MSG_INTERNAL: RecursionError in composing"


def test_a_fault_of_ours_in_preparing_fails_that_delivery(smtp, shop, monkeypatch):
    bad, good = make_going(shop, ["a@to.example"]), make_going(shop, ["b@to.example"])
    real = compose.mailing

    def failing(delivery):
        if delivery.pk == bad.pk:
            raise RecursionError
        return real(delivery)

    monkeypatch.setattr(compose, "mailing", failing)
    pump(smtp.url)
    for each in (bad, good):
        each.refresh_from_db()
    assert (bad.status, good.status) == ("failed", "sent")
    assert bad.note == "its message can't be prepared (RecursionError): have the log read"


@pytest.mark.parametrize("domain", ["e.example>\r\nRCPT TO:<victim@bank.example>\r\nNOOP <", "a b", "x>"])
def test_a_return_path_never_holds_what_ends_its_command(smtp, shop, settings, domain):
    delivery = make_going(shop, ["a@to.example"])
    shop.bounce_domain = domain
    shop.save()
    pump(smtp.url)
    assert not any("victim" in command for command in smtp.commands)
    settings.BOUNCE_DOMAIN = domain
    again = make_going(shop, ["b@to.example"])
    pump(smtp.url)
    assert statuses(delivery) == {"delivered": 1}
    assert statuses(again) == {"error": 1}
    assert not any("victim" in command for command in smtp.commands)


def test_a_relay_that_speaks_out_of_turn_is_not_asked_again_and_again(smtp, shop):
    delivery = make_going(shop, ["a@to.example"])
    smtp.script = lambda phase, _context: b"354 go\r\n250 2.0.0 early\r\n" if phase == "data" else None
    with pytest.raises(AssertionError, match="still at it"):
        pump(smtp.url, connections=1, seconds=3)
    assert delivery.messages.get().attempt <= 3
