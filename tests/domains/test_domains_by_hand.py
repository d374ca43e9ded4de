import pytest
from django.test import Client

from recipients.domains import ownership
from recipients.models import DomainState, Membership, Role, SenderDomain, User

LIST = "/admin/recipients/senderdomain/"


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def person(account, role):
    user = User.objects.create_user(f"p-{role}", password="x", language="en", is_staff=True)
    Membership.objects.create(account=account, user=user, name=f"p-{role}", role=role)
    return user


@pytest.fixture
def keeper(acme):
    return browser(person(acme, Role.ACCOUNT_ADMIN))


def test_an_account_administrator_declares_publishes_and_proves(acme, keeper, dns_server):
    assert keeper.post(f"{LIST}add/", {"account": acme.pk, "domain": "Shop.example"}).status_code == 302
    row = SenderDomain.objects.get()
    assert (row.domain, row.state) == ("shop.example", DomainState.UNPROVED)
    name, value = ownership.record(row)
    assert value in keeper.get(f"{LIST}{row.pk}/change/").content.decode()
    assert name in keeper.get(f"{LIST}{row.pk}/check/").content.decode()
    assert "has no TXT record" in keeper.post(f"{LIST}{row.pk}/check/", follow=True).content.decode()
    dns_server.records[name] = [value]
    assert "is proved" in keeper.post(f"{LIST}{row.pk}/check/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == DomainState.PROVED


def test_another_accounts_domain_is_not_possible_in_the_form(acme, beta, keeper):
    ownership.vouch(beta, ["beta.example"])
    answer = keeper.post(f"{LIST}add/", {"account": acme.pk, "domain": "beta.example"})
    assert "is not possible here" in answer.content.decode()
    assert not acme.sender_domains.exists()


def test_only_the_platform_vouches(acme, keeper):
    row = ownership.declare(acme, "shop.example")
    assert keeper.post(f"{LIST}{row.pk}/vouch/").status_code == 403
    platform = browser(User.objects.create_superuser("root", password="x"))
    assert platform.post(f"{LIST}{row.pk}/vouch/").status_code == 302
    row.refresh_from_db()
    assert row.state == DomainState.VOUCHED


def test_an_operator_reads_and_declares_nothing(acme):
    operator = browser(person(acme, Role.OPERATOR))
    assert operator.get(LIST).status_code == 200
    assert operator.post(f"{LIST}add/", {"account": acme.pk, "domain": "shop.example"}).status_code == 403
