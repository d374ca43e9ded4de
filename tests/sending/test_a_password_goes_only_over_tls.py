"""Reference 5.3: what the relay must offer, and what it never gets."""

import asyncio
import base64
import datetime as dt
import ipaddress
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deliveries.relay.address import read_address
from deliveries.sending.smtp.handshake import open_session
from deliveries.sending.smtp.protocol import WireBroken
from deliveries.sending.smtp.session import RelayTrouble, stuffed
from tests.sending.smtp_server import Hang

AUTH = base64.b64encode(b"\0anna\0secret").decode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    host = ipaddress.ip_address("127.0.0.1")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(dt.datetime(2090, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(smtp, certificate):
    smtp.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    smtp.tls.load_cert_chain(certificate)
    smtp.offers = ("STARTTLS", "AUTH PLAIN LOGIN")
    return smtp


def _open(url: str):
    async def attempt():
        session = await open_session(read_address(url))
        await session.quit()
        return session

    return asyncio.run(attempt())


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_116_a_relay_with_a_good_certificate_gets_the_password(secure, certificate, monkeypatch, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    secure.tls_at_once = scheme == "smtps"
    _open(f"{scheme}://anna:secret@127.0.0.1:{secure.port}")
    assert f"AUTH PLAIN {AUTH}" in secure.commands


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_116_a_certificate_that_nobody_vouches_for_gets_nothing(secure, scheme):
    secure.tls_at_once = scheme == "smtps"
    with pytest.raises(RelayTrouble) as caught:
        _open(f"{scheme}://anna:secret@127.0.0.1:{secure.port}")
    assert caught.value.code == "TLS_REQUIRED"
    assert not any("AUTH" in command for command in secure.commands)


def test_116_a_relay_without_starttls_gets_nothing_in_clear(smtp):
    with pytest.raises(RelayTrouble) as caught:
        _open(f"smtp+starttls://anna:secret@127.0.0.1:{smtp.port}")
    assert caught.value.code == "TLS_REQUIRED"
    assert all(command.startswith("EHLO") for command in smtp.commands)


def test_116_a_password_in_clear_is_for_loopback_only(smtp):
    smtp.offers = ("AUTH PLAIN",)
    with pytest.raises(RelayTrouble, match="only over TLS"):
        _open(f"smtp://anna:secret@127.1:{smtp.port}")
    assert not any("AUTH" in command for command in smtp.commands)


def test_117_refused_credentials_are_the_relays_trouble(smtp):
    smtp.offers = ("AUTH PLAIN",)
    smtp.script = lambda phase, _context: "535 5.7.8 no" if phase == "auth" else None
    with pytest.raises(RelayTrouble, match="535") as caught:
        _open(f"smtp://anna:secret@127.0.0.1:{smtp.port}")
    assert caught.value.code == "SMTP_AUTH"
    assert "secret" not in caught.value.why


def test_a_relay_that_is_away_is_the_relays_trouble():
    with pytest.raises(RelayTrouble) as caught:
        _open("smtp://127.0.0.1:1")
    assert caught.value.code == "SMTP_UNREACHABLE"


def test_112_silence_after_the_dot_ends_at_the_patience(smtp):
    silence = threading.Event()
    smtp.script = lambda phase, _context: Hang(silence) if phase == "dot" else None

    async def attempt():
        session = await open_session(read_address(smtp.url))
        await session.offer("a@shop.example", "b@to.example", 10)
        await session.wire.send(stuffed(b"x"), 5)
        await session.wire.send(b".\r\n", 5)
        try:
            await session.wire.reply(0.2)
        finally:
            session.wire.drop()

    with pytest.raises(WireBroken, match="no reply"):
        asyncio.run(attempt())
    silence.set()


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b".\r\n..\r\n", b"..\r\n...\r\n"),
        (b"a\nb\rc", b"a\r\nb\r\nc\r\n"),
        (b"a\n.\nb\r\n", b"a\r\n..\r\nb\r\n"),
        (b"a\r.\r\nRCPT", b"a\r\n..\r\nRCPT\r\n"),
    ],
)
def test_no_line_of_a_message_can_end_it_or_smuggle_another(body, sent):
    assert stuffed(body) == sent
