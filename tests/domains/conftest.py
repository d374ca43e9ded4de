"""A DNS server of ours on loopback, whose TXT records a test writes."""

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from recipients.models import Account


class DnsServer(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.records: dict[str, list[str]] = {}
        self.fails = False
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))

    @property
    def port(self):
        return self.line.getsockname()[1]

    def run(self):
        while True:
            raw, sender = self.line.recvfrom(4096)
            if not raw:
                return
            asked = dns.message.from_wire(raw)
            self.line.sendto(self.answer(asked).to_wire(), sender)

    def answer(self, asked):
        said, question = dns.message.make_response(asked), asked.question[0]
        said.flags |= dns.flags.RA
        found = self.records.get(question.name.to_text().rstrip("."))
        if self.fails:
            said.set_rcode(dns.rcode.SERVFAIL)
        elif found is None:
            said.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            quoted = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in found]
            said.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        return said

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(b"", self.line.getsockname())
        self.join(5)
        self.line.close()


@pytest.fixture
def dns_server(settings):
    server = DnsServer()
    server.start()
    settings.DNS_SERVERS = (("127.0.0.1", server.port),)
    yield server
    server.stop()


@pytest.fixture
def acme(db):
    return Account.objects.create(name="Acme")


@pytest.fixture
def beta(db):
    return Account.objects.create(name="Beta")
