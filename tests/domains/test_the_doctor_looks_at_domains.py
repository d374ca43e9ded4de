import pytest

from deliveries.domains import dkim
from deliveries.health.doctor import State, mail
from deliveries.models import Newsletter
from recipients.models import Account, Database


@pytest.fixture
def newsletter(db):
    account = Account.objects.create(name="Shop")
    database = Database.objects.create(account=account, name="People")
    return Newsletter.objects.create(
        account=account, name="News", database=database, from_address="news@shop.example"
    )


def found():
    return [(each.state, each.sentence) for each in mail.sender_domains()]


def test_a_domain_whose_records_are_there_is_fine(newsletter, dns_server):
    records = dkim.make_keys(newsletter, "shop.example", "k1")
    dns_server.records = {record.name: [record.text] for record in records} | {
        "bounces.shop.example": ["v=spf1 ip4:192.0.2.1 -all"],
        "_dmarc.shop.example": ["v=DMARC1; p=reject"],
    }
    assert found() == [(State.FINE, "SPF, DKIM and DMARC are as they should be")]


def test_what_lacks_is_named_with_what_to_publish(newsletter, dns_server):
    said = [sentence for state, sentence in found() if state is State.LOOK]
    assert any(sentence.startswith("SPF: publish at bounces.shop.example") for sentence in said)
    assert any(sentence.startswith("DMARC: publish at _dmarc.shop.example") for sentence in said)
    assert "its mails are not signed: make a DKIM key on the newsletter's page" in said


def test_a_dns_that_does_not_answer_is_one_line(newsletter, dns_server):
    dns_server.fails = True
    assert found() == [(State.LOOK, "the DNS does not answer: nobody can say how its mails are judged")]


def test_a_dns_that_is_dead_is_not_asked_for_every_domain(newsletter, dns_server):
    dns_server.fails = True
    for number in range(3):
        newsletter.pk, newsletter.name = None, f"News {number}"
        newsletter.from_address = f"news@shop{number}.example"
        newsletter.save()
    assert [sentence.split(":")[0] for _state, sentence in found()] == ["the DNS does not answer"] * 2


def test_a_key_that_the_data_key_does_not_open_is_named_and_the_rest_is_looked_at(newsletter, dns_server, settings):
    dkim.make_keys(newsletter, "shop.example", "k1")
    other = Newsletter.objects.get(pk=newsletter.pk)
    other.pk, other.name, other.from_address, other.dkim_key = None, "Others", "news@others.example", b""
    other.dkim_second_key, other.dkim_selector = b"", ""
    other.save()
    settings.DATA_KEY = "another data key"
    (key, said), *rest = found()
    assert key is State.MEND
    assert "restore XMLD_DATA_KEY" in said
    assert any("its mails are not signed" in sentence for _state, sentence in rest)
