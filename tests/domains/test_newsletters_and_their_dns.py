"""Reference 8: the sender line while it is written, DKIM keys, and what the DNS says, on the pages."""

import pytest

from deliveries.domains import dkim
from deliveries.models import Activity, Newsletter
from recipients.domains import ownership
from recipients.models import Database, Field, Role
from tests.domains.test_domains_by_hand import browser, person


@pytest.fixture
def newsletter(acme):
    database = Database.objects.create(account=acme, name="People")
    Field.objects.create(database=database, name="email", type="email")
    ownership.vouch(acme, ["shop.example"])
    return Newsletter.objects.create(account=acme, name="News", database=database, from_address="news@shop.example")


@pytest.fixture
def keeper(acme):
    return browser(person(acme, Role.ACCOUNT_ADMIN))


def page(newsletter, part):
    return f"/admin/deliveries/newsletter/{newsletter.pk}/{part}/"


def kinds(response):
    return {each["kind"]: str(each["state"]) for each in response.context["findings"]}


def test_keys_are_made_and_their_records_shown_and_checked(newsletter, keeper, dns_server):
    dns_server.records |= {
        "shop.example": ["v=spf1 ip4:192.0.2.1 -all"], "_dmarc.shop.example": ["v=DMARC1; p=none"],
    }  # fmt: skip
    response = keeper.post(page(newsletter, "make-keys"), {"domain": "Shop.example", "selector": "s1"}, follow=True)
    newsletter.refresh_from_db()
    records = dkim.dns_record(newsletter)
    assert [record.name for record in records] == [
        "s1._domainkey.shop.example",
        "s1-ed25519._domainkey.shop.example",
    ]
    shown = response.content.decode()
    assert all(record.text in shown for record in records)
    assert "missing" in kinds(response)["DKIM"]
    dns_server.records |= {record.name: [record.text] for record in records}
    found = kinds(keeper.get(page(newsletter, "dns")))
    assert "fine" in found["DKIM"]
    assert "fine" in found["DMARC"]
    assert "BEGIN" not in str(Activity.objects.values_list("params", flat=True))
    domain = newsletter.account.sender_domains.get()
    assert "fine" in kinds(keeper.get(f"/admin/recipients/senderdomain/{domain.pk}/dns/"))["DKIM"]


def test_a_selector_that_is_none_makes_no_keys(newsletter, keeper):
    shown = keeper.post(
        page(newsletter, "make-keys"), {"domain": "shop.example", "selector": "a b"}
    ).content.decode()
    assert "xd-error-sentence" in shown
    newsletter.refresh_from_db()
    assert not newsletter.dkim_key


def test_an_operator_makes_no_keys(newsletter, acme):
    client = browser(person(acme, Role.OPERATOR))
    assert (
        client.post(page(newsletter, "make-keys"), {"domain": "shop.example", "selector": "a"}).status_code == 403
    )
    assert client.get(page(newsletter, "dns")).status_code == 200


def test_a_sender_of_another_domain_is_said_at_once(newsletter, keeper):
    form = keeper.get(page(newsletter, "change")).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None} | {"seeds": "", "rates": "{}"}
    data["link_categories"] = "{}"
    answer = keeper.post(page(newsletter, "change"), data | {"from_address": "news@elsewhere.example"}, follow=True)
    assert "Nothing can be sent from elsewhere.example yet" in answer.content.decode()
