import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from deliveries.checks import domains_have_one_account
from deliveries.domains.sender_domains import sender_domains
from recipients.domains import ownership
from recipients.errors import ClientError, ServiceError
from recipients.models import DomainState, SenderDomain


def refused(account, text):
    with pytest.raises(ClientError) as caught:
        ownership.declare(account, text)
    assert caught.value.code == "DOMAIN_NOT_POSSIBLE"
    return caught.value.message.replace(text, "?")


def test_a_declared_domain_counts_once_its_record_is_published(acme, dns_server):
    row = ownership.declare(acme, "Shop.EXAMPLE.")
    assert sender_domains(acme) == frozenset()
    name, value = ownership.record(row)
    assert name == "_xml-delivery.shop.example"
    with pytest.raises(ClientError, match=r"has no TXT record .* publish it"):
        ownership.prove(row)
    dns_server.records[name] = ["something else", value]
    ownership.prove(row)
    assert sender_domains(acme) == {"shop.example"}
    row.refresh_from_db()
    assert row.state == DomainState.PROVED
    assert row.proved_at is not None


def test_a_domain_beyond_ascii_is_one_however_it_is_written(acme):
    assert ownership.declare(acme, "caffè.example") == ownership.declare(acme, "XN--CAFF-8OA.example")


def test_another_accounts_domain_is_refused_with_the_words_for_what_is_no_domain(acme, beta, dns_server):
    ownership.vouch(beta, ["beta.example"])
    proved = ownership.declare(beta, "proved.example")
    dns_server.records[ownership.record(proved)[0]] = [ownership.record(proved)[1]]
    ownership.prove(proved)
    assert len({refused(acme, text) for text in ("beta.example", "proved.example", "no domain", "-x-")}) == 1


def test_whoever_only_declared_it_keeps_nobody_out_and_who_proves_first_has_it(acme, beta, dns_server):
    mine, theirs = ownership.declare(acme, "shop.example"), ownership.declare(beta, "shop.example")
    assert ownership.record(mine) != ownership.record(theirs)
    dns_server.records[ownership.record(mine)[0]] = [ownership.record(mine)[1], ownership.record(theirs)[1]]
    ownership.prove(mine)
    with pytest.raises(ClientError, match="not possible here"):
        ownership.prove(theirs)
    assert (sender_domains(acme), sender_domains(beta)) == ({"shop.example"}, frozenset())
    with pytest.raises(IntegrityError), transaction.atomic():
        SenderDomain.objects.filter(pk=theirs.pk).update(state=DomainState.PROVED)


def test_a_dns_that_does_not_answer_proves_and_refutes_nothing(acme, dns_server):
    dns_server.fails = True
    with pytest.raises(ServiceError, match="try again later") as caught:
        ownership.prove(ownership.declare(acme, "shop.example"))
    assert caught.value.code == "DNS_UNANSWERED"


def test_the_platforms_word_gives_one_to_several_accounts_and_a_check_names_them(acme, beta):
    ownership.vouch(acme, ["group.example", "acme.example"])
    ownership.vouch(beta, ["group.example"])
    assert sender_domains(acme) == {"group.example", "acme.example"}
    assert sender_domains(beta) == {"group.example"}
    found = domains_have_one_account(None, databases=["default"])
    assert [warning.msg for warning in found] == ["The sender domain group.example is of Acme and Beta."]
    assert domains_have_one_account(None) == []


def test_provisioning_vouches_for_its_list_or_for_the_senders_of_its_newsletters(db, tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('[account]\nname="Acme"\ndomains=["a.example", "B.example"]\n')
    call_command("provision", str(file), stdout=io.StringIO())
    rows = SenderDomain.objects.order_by("domain").values_list("domain", "state")
    assert list(rows) == [("a.example", "vouched"), ("b.example", "vouched")]
