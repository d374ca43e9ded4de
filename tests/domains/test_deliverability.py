import pytest

from deliveries.domains.deliverability import Verdict, examine

KEY = "MIIBIjAN" * 40
DKIM = [("k1._domainkey.shop.example", f"v=DKIM1; k=rsa; p={KEY}")]
GOOD = {
    "bounces.shop.example": ["v=spf1 ip4:192.0.2.1 -all", "other=text"],
    "k1._domainkey.shop.example": [f"v=DKIM1; k=rsa; p={KEY}"],
    "_dmarc.shop.example": ["v=DMARC1; p=none"],
}


def verdicts(records, dns_server, domain="shop.example"):
    dns_server.records = dict(records)
    return {each.kind: each for each in examine(domain, "bounces.shop.example", DKIM)}


def test_records_as_they_should_be_are_good(dns_server):
    found = verdicts(GOOD, dns_server)
    assert {kind: each.verdict for kind, each in found.items()} == dict.fromkeys(
        ("SPF", "DKIM", "DMARC"), Verdict.GOOD
    )


def test_what_is_missing_is_named_with_what_to_publish(dns_server):
    found = verdicts({}, dns_server)
    assert {each.verdict for each in found.values()} == {Verdict.MISSING}
    assert f"p={KEY}" in found["DKIM"].advice
    assert "_dmarc.shop.example" in found["DMARC"].advice


@pytest.mark.parametrize(
    ("name", "records", "kind"),
    [
        ("bounces.shop.example", ["v=spf1 +all"], "SPF"),
        ("bounces.shop.example", ["v=spf1 -all", "v=spf1 ~all"], "SPF"),
        ("k1._domainkey.shop.example", ["v=DKIM1; p=another"], "DKIM"),
        ("_dmarc.shop.example", ["v=DMARC1; rua=mailto:x@shop.example"], "DMARC"),
    ],
)
def test_a_record_that_does_not_do_is_wrong(dns_server, name, records, kind):
    found = verdicts(GOOD | {name: records}, dns_server)
    assert [each.kind for each in found.values() if each.verdict is Verdict.WRONG] == [kind]


def test_a_subdomain_goes_by_the_policy_of_the_domain_above(dns_server):
    found = verdicts(GOOD, dns_server, "news.shop.example")
    assert (found["DMARC"].verdict, found["DMARC"].name) == (Verdict.GOOD, "_dmarc.shop.example")


def test_a_dns_that_does_not_answer_is_no_verdict(dns_server):
    dns_server.fails = True
    assert {each.verdict for each in examine("shop.example", "b.shop.example", DKIM)} == {Verdict.UNANSWERED}
