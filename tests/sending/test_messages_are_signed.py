"""The keys of a newsletter: made or given, kept encrypted, and what goes out is signed by them (reference 8)."""

import dkim as verifier
import pytest

from deliveries import vault
from deliveries.content.mime.dkim import new_key
from deliveries.domains import dkim
from deliveries.errors import ClientError
from deliveries.models import Newsletter
from deliveries.sending.ledger.ranges import Row
from deliveries.sending.lifecycle import start
from deliveries.sending.worker import compose
from tests.sending.conftest import add_people, make_delivery


def started(newsletter):
    add_people(newsletter.database, ["a@to.example"])
    delivery = make_delivery(newsletter, status="scheduled")
    delivery.start_at = delivery.created_at
    delivery.save()
    start.begin(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_what_goes_out_is_signed_by_both_keys_and_the_records_verify_it(shop):
    records = dkim.make_keys(shop, "shop.example", "mail2026")
    assert [record.name for record in records] == [
        "mail2026._domainkey.shop.example",
        "mail2026-ed25519._domainkey.shop.example",
    ]
    delivery = started(Newsletter.objects.get(pk=shop.pk))
    message = delivery.messages.get()
    row = Row(message.pk, message.recipient_id, message.address, 0, None, None)
    written = compose.write(compose.mailing(delivery), row, {}, delivery.started_at)
    texts = {f"{record.name}.".encode(): record.text.encode() for record in records}
    for index in range(2):
        assert verifier.DKIM(written.body).verify(index, dnsfunc=lambda name, **_: texts.get(name))


def test_a_new_key_makes_no_other_message(shop):
    delivery = started(shop)
    message = delivery.messages.get()
    row = Row(message.pk, message.recipient_id, message.address, 0, None, None)
    before = compose.write(compose.mailing(delivery), row, {}, delivery.started_at)
    dkim.make_keys(shop, "shop.example", "mail2026")
    delivery.newsletter.refresh_from_db()
    after = compose.write(compose.mailing(delivery), row, {}, delivery.started_at)
    assert after.body.endswith(before.body)
    assert (after.digest, len(after.body) > len(before.body)) == (before.digest, True)


def test_a_key_is_kept_encrypted(shop):
    dkim.make_keys(shop, "shop.example", "mail2026")
    kept = bytes(Newsletter.objects.get(pk=shop.pk).dkim_key)
    assert b"PRIVATE" not in kept
    assert "PRIVATE" in vault.reveal(kept)


def test_without_a_key_nothing_is_signed(shop):
    assert dkim.signer_of(shop) is None
    assert dkim.dns_record(shop) == ()


def test_a_delivery_whose_key_can_not_be_read_says_so(shop, settings):
    shop.dkim_domain, shop.dkim_selector, shop.dkim_key = "shop.example", "mail", vault.seal(new_key())
    shop.save()
    settings.DATA_KEY = "another"
    with pytest.raises(ClientError, match="XMLD_DATA_KEY"):
        dkim.signer_of(Newsletter.objects.get(pk=shop.pk))
