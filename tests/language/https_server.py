"""A real https server on loopback under the name c.example, and the network that leads to it."""

import datetime as dt
import http.server
import ipaddress
import socket
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deliveries.intake.remote_content.fetch import Network
from tests.waiting import PATIENCE, wait_for_end

HOST = "c.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def certificate(folder: Path) -> Path:
    """Write key and self-signed certificate of HOST to one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day.replace(year=2100))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/slow"):
            self.server.over.wait(PATIENCE)
            return
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """`pages` maps paths to (status, headers, body); `asked` keeps what was asked, `called` where it connected."""

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.asked, self.called = {}, [], []
        self.addresses = {HOST: ["93.184.215.14"]}
        self.over = threading.Event()
        file = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self._trust = ssl.create_default_context(cafile=str(file))
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def handle_error(self, *_request):
        """A client that goes away is no error here."""

    @property
    def network(self) -> Network:
        return Network(self._resolve, self._connect)

    def _resolve(self, host):
        if host not in self.addresses:
            raise socket.gaierror(host)
        return self.addresses[host]

    def _connect(self, address, host, seconds):
        ipaddress.ip_address(address)
        self.called.append((address, host))
        plain = socket.create_connection(self.server_address, timeout=seconds)
        return self._trust.wrap_socket(plain, server_hostname=host)

    def stop(self):
        self.over.set()
        self.shutdown()
        self.server_close()
        wait_for_end(self._thread)
