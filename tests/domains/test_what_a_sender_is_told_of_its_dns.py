"""Reference 5.1: SPF, DKIM and DMARC before a delivery goes out, of which no page waits for the DNS."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from deliveries import conf, tasks
from deliveries.domains import dkim
from deliveries.models import Content, Delivery, Newsletter, SenderDns
from deliveries.sending.lifecycle.preflight import Level
from deliveries.sending.lifecycle.preflight import sender as points
from recipients.domains import ownership
from recipients.models import Database


@pytest.fixture
def delivery(acme):
    database = Database.objects.create(account=acme, name="People")
    ownership.vouch(acme, ["shop.example"])
    news = Newsletter.objects.create(account=acme, name="News", database=database, from_address="news@shop.example")
    row = Delivery.objects.create(account=acme, newsletter=news, database=database, title="Offers", status="ready")
    Content.objects.create(delivery=row, from_address=news.from_address)
    return row


def told(delivery):
    found = {each.code: each for each in points.findings(delivery, delivery.content)}
    return next(found[code] for code in ("DNS", "DNS_ASKED") if code in found)


def look():
    tasks.examine_sender(SenderDns.objects.get().pk)


def test_the_first_look_is_a_task_and_no_page_waits_for_it(delivery, dns_server):
    dns_server.fails = True
    assert told(delivery).level == told(delivery).level == Level.UNKNOWN
    assert OrmQ.objects.count() == 1


def test_missing_records_are_named_until_they_stand_there(delivery, dns_server):
    told(delivery)
    look()
    said = told(delivery)
    assert said.level == Level.LOOK
    assert "SPF missing, DMARC missing, DKIM without a key" in said.sentence
    for record in dkim.make_keys(delivery.newsletter, "shop.example", "s1"):
        dns_server.records[record.name] = [record.text]
    dns_server.records[conf.bounce_domain("shop.example")] = ["v=spf1 ip4:192.0.2.1 -all"]
    dns_server.records["_dmarc.shop.example"] = ["v=DMARC1; p=none"]
    look()
    assert told(delivery).level == Level.FINE


def test_a_dns_that_is_silent_is_said_to_be_so(delivery, dns_server):
    dns_server.fails = True
    told(delivery)
    look()
    assert "did not answer" in told(delivery).sentence


def test_an_answer_is_asked_for_anew_after_a_while(delivery, dns_server):
    told(delivery)
    look()
    OrmQ.objects.all().delete()
    told(delivery)
    assert not OrmQ.objects.exists()
    old = timezone.now() - timedelta(minutes=20)
    SenderDns.objects.update(answered_at=old, asked_at=old)
    told(delivery)
    assert OrmQ.objects.count() == 1
