import ipaddress

import pytest

from xmld_project import environment
from xmld_project.web.proxies import Proxies, Visitor

TRUSTED = Proxies((ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("10.0.0.0/8")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "said"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7, nonsense", "127.0.0.1"),
    ],
)
def test_an_address_is_what_a_trusted_proxy_added_and_nobodys_hearsay(peer, forwarded, said):
    assert TRUSTED.visitor(peer, forwarded, "").address == said


def test_https_is_believed_of_trusted_proxies_only():
    assert TRUSTED.visitor("127.0.0.1", "198.51.100.7", "https") == Visitor("198.51.100.7", "https")
    assert TRUSTED.visitor("192.0.2.1", "198.51.100.7", "https") == Visitor("192.0.2.1", "http")


def test_nobody_is_trusted_where_people_come_by_plain_http_and_this_machine_where_by_https():
    assert environment.read({}).trusted_proxies == ()
    found = environment.read({"XMLD_PUBLIC_URL": "https://mail.example"}).trusted_proxies
    assert [str(each) for each in found] == ["127.0.0.1/32", "::1/128"]
    given = {"XMLD_PUBLIC_URL": "https://mail.example", "XMLD_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1"}
    assert [str(each) for each in environment.read(given).trusted_proxies] == ["10.0.0.0/8", "192.0.2.1/32"]
    with pytest.raises(environment.EnvironmentFault, match="XMLD_TRUSTED_PROXIES"):
        environment.read({"XMLD_TRUSTED_PROXIES": "10.0.0.1/8"})
