"""Seed addresses get a copy of each real delivery, and no figure knows of it (reference 8)."""

import email
import re
from datetime import timedelta
from email.policy import default
from threading import Event

import dkim as verifier
import pytest
from django.utils import timezone

from deliveries import models, tokens
from deliveries.domains import dkim
from deliveries.models import Attachment, Content, Delivery, Hit, Message, Newsletter, SendingRange
from deliveries.sending.ledger import sweeper
from deliveries.sending.lifecycle import control, fail, start
from deliveries.statistics.figures import figures
from deliveries.tokens import Purpose
from recipients import suppressions
from recipients.faults import Fault
from recipients.models import Reason
from tests.sending.conftest import add_people, forget_workers, make_delivery, statuses
from tests.sending.pump import pump
from tests.sending.smtp_server import Hang
from tests.waiting import PATIENCE, wait_for

SEEDS = ["boss@shop.example", "Desk@agency.example"]
PEOPLE = ["a@to.example", "b@to.example", "c@to.example"]


@pytest.fixture
def seeded(shop):
    shop.seeds = SEEDS
    shop.save()
    add_people(shop.database, PEOPLE)
    return shop


def started(newsletter, **values):
    delivery = make_delivery(newsletter, status="scheduled", start_at=timezone.now(), **values)
    assert "started" in start.begin(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def mails(smtp):
    return {to: email.message_from_bytes(body, policy=default) for _, to, body in smtp.accepted}


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def test_each_seed_gets_one_copy_with_the_first_recipients_values_and_no_figure_knows_of_it(smtp, seeded):
    delivery = started(seeded)
    pump(smtp.url)
    assert smtp.copies() == dict.fromkeys([*PEOPLE, *SEEDS], 1)
    got = mails(smtp)
    assert [text_of(got[seed]) for seed in SEEDS] == [text_of(got["a@to.example"])] * 2
    assert got[SEEDS[0]]["Subject"] == "Ciao N1"
    assert len(smtp.message_ids()) == 5
    shown = figures([delivery.pk])[delivery.pk]
    assert (shown["size"], shown["delivered"]) == (3, 3)
    delivery.refresh_from_db()
    copies = delivery.seed_copies.get()
    assert (delivery.status, copies.status, copies.type, copies.size) == ("sent", "sent", "test", 2)


def test_the_links_of_a_copy_lead_where_the_mail_says_and_act_on_nobody(smtp, seeded, client):
    delivery = make_delivery(seeded, status="scheduled", start_at=timezone.now(), publish_on_web=True)
    Content.objects.filter(delivery=delivery).update(text="%{Shop%%https://shop.example/a}% ${unsubscribe_url}$")
    Attachment.objects.create(delivery=delivery, name="a.txt", content_type="text/plain", content=b"kept")
    start.begin(delivery.pk)
    pump(smtp.url)
    mail = mails(smtp)[SEEDS[0]]
    assert next(mail.iter_attachments()).get_content().strip() == "kept"
    click, unsubscribe = re.findall(r"https?://\S+", text_of(mail))[:2]
    assert unsubscribe.endswith(tokens.make(Purpose.UNSUBSCRIBE, tokens.COPY_ID))
    assert client.get(f"/c/{click.rpartition('/')[2]}")["Location"] == "https://shop.example/a"
    assert "copy" in client.get(f"/u/{unsubscribe.rpartition('/')[2]}").content.decode()
    client.post(f"/u/{unsubscribe.rpartition('/')[2]}", {"List-Unsubscribe": "One-Click"})
    assert not Hit.objects.exists()
    assert not models.Event.objects.exists()


def test_a_copy_is_signed_as_the_real_ones_are(smtp, seeded):
    records = dkim.make_keys(seeded, "shop.example", "mail2026")
    started(Newsletter.objects.get(pk=seeded.pk))
    pump(smtp.url)
    texts = {f"{record.name}.".encode(): record.text.encode() for record in records}
    [body] = [body for _, to, body in smtp.accepted if to == SEEDS[0]]
    assert verifier.DKIM(body).verify(dnsfunc=lambda name, **_: texts.get(name))


def test_a_start_that_is_repeated_makes_no_second_copy(smtp, seeded):
    delivery = started(seeded)
    assert "nothing to start" in start.begin(delivery.pk)
    pump(smtp.url)
    assert set(smtp.copies().values()) == {1}


def test_a_start_that_crashed_leaves_no_copy(seeded, monkeypatch):
    delivery = make_delivery(seeded, status="scheduled", start_at=timezone.now())

    class Killed(BaseException):
        pass

    def die(*_args, **_more):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("deliveries.audit.record", die)
        with pytest.raises(Killed):
            start.begin(delivery.pk)
    assert not Delivery.objects.filter(seeds_of=delivery).exists()
    start.begin(delivery.pk)
    assert Message.objects.filter(delivery__seeds_of=delivery).count() == 2


def test_a_failed_start_that_is_retried_writes_only_to_seeds_that_had_nothing(smtp, seeded):
    delivery = started(seeded)
    later = timezone.now() + timedelta(hours=1)
    SendingRange.objects.filter(delivery=delivery).update(due_at=later)
    Message.objects.filter(delivery__seeds_of=delivery, address=SEEDS[1]).update(not_before=later)
    pump(smtp.url)
    assert smtp.copies() == {SEEDS[0]: 1}
    fail.fail(delivery.pk, Fault.of("delivery.nobody"))
    assert delivery.seed_copies.get().status == "stopped"
    control.retry(delivery.pk)
    control.start(delivery.pk)
    assert "started" in start.begin(delivery.pk)
    pump(smtp.url)
    assert smtp.copies() == dict.fromkeys([*PEOPLE, *SEEDS], 1)


def test_copies_wait_with_a_paused_delivery_and_go_on_with_it(smtp, seeded):
    delivery = started(seeded)
    control.pause(delivery.pk)
    pump(smtp.url)
    assert not smtp.accepted
    control.resume(delivery.pk)
    pump(smtp.url)
    assert set(smtp.copies().values()) == {1}
    assert len(smtp.accepted) == 5


def test_copies_of_a_stopped_delivery_do_not_go_out(smtp, seeded):
    delivery = started(seeded)
    control.stop(delivery.pk)
    pump(smtp.url)
    assert not smtp.accepted
    copies = delivery.seed_copies.get()
    assert (copies.status, statuses(copies)) == ("stopped", {"cancelled": 2})


def test_a_seed_on_the_blacklist_is_left_out_and_one_that_unsubscribed_is_not(smtp, seeded):
    suppressions.suppress(seeded.account, SEEDS[0], Reason.BY_HAND)
    suppressions.suppress(seeded.account, SEEDS[1].lower(), Reason.UNSUBSCRIBED)
    started(seeded)
    pump(smtp.url)
    assert smtp.copies() == dict.fromkeys([*PEOPLE, SEEDS[1]], 1)


def test_a_seed_that_is_refused_harms_nothing(smtp, seeded):
    smtp.script = lambda phase, context: (
        "550 5.1.1 no such user" if phase == "rcpt" and context["to"] in SEEDS else None
    )
    delivery = started(seeded)
    pump(smtp.url)
    delivery.refresh_from_db()
    assert (delivery.status, statuses(delivery)) == ("sent", {"delivered": 3})
    assert not models.Event.objects.filter(delivery=delivery).exists()


def test_where_the_audience_is_on_the_blacklist_there_is_nothing_to_copy(seeded):
    for address in PEOPLE:
        suppressions.suppress(seeded.account, address, Reason.BY_HAND)
    assert not started(seeded).seed_copies.exists()


@pytest.mark.parametrize(("kind", "expected"), [("normal", True), ("test", False)])
def test_only_real_deliveries_are_copied(seeded, kind, expected):
    assert started(seeded, type=kind).seed_copies.exists() is expected


def test_copies_that_a_killed_sender_had_before_its_dot_go_out_once(smtp, seeded, senders):
    reached, released = Event(), Event()

    def script(phase, context):
        if phase != "rcpt" or context["to"] not in SEEDS or released.is_set():
            return None
        reached.set()
        return Hang(released)

    smtp.script = script
    delivery = started(seeded)
    process = senders.start()
    assert reached.wait(PATIENCE)
    wait_for(lambda: statuses(delivery)["delivered"] == len(PEOPLE), "the people's outcomes, kept")
    senders.kill(process)
    released.set()
    forget_workers()
    sweeper.sweep()
    pump(smtp.url)
    assert smtp.copies() == dict.fromkeys([*PEOPLE, *SEEDS], 1)
