"""docs/production/nginx.conf under the real nginx, on free ports of loopback, with certificates of its own."""

import datetime as dt
import http.client
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ending import ending_with_us
from tests.ports import free_ports
from tests.product import ROOT
from tests.waiting import PATIENCE, wait_for

AREA = "area.example"
PUBLIC = "mail.example"


def _certificate(folder: Path, host: str) -> None:
    """Write <host>.pem and <host>.key, where the file for production looks for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(day)
        .not_valid_after(day.replace(year=2100))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{host}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{host}.key").write_bytes(encoded)


class Nginx:
    """Started by `start()`; `answer()` asks it as a browser or a mailbox provider would."""

    def __init__(self, folder: Path, web_port: int):
        self.folder = folder
        self.plain, self.tls = free_ports(2)
        for host in (AREA, PUBLIC):
            _certificate(folder, host)
        text = (ROOT / "docs/production/nginx.conf").read_text(encoding="utf-8")
        for written, here in (
            ("listen 80 ", f"listen 127.0.0.1:{self.plain} "),
            ("listen 443 ", f"listen 127.0.0.1:{self.tls} "),
            ("server 127.0.0.1:8000;", f"server 127.0.0.1:{web_port};"),
            ("/etc/xml-delivery/tls/", f"{folder}/"),
            ("client_body_timeout 10s;", "client_body_timeout 2s;"),  # so that a test needs not wait for ten
            ("http {", "http {\n" + self._own_folders()),
        ):
            assert written in text, written
            text = text.replace(written, here)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        self.process = None

    def _own_folders(self):
        names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return "".join(f"    {name}_temp_path {self.folder}/{name};\n" for name in names)

    def start(self):
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        main = f"daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log;"
        command = [program, "-p", self.folder, "-c", self.folder / "nginx.conf", "-g", main]
        self.process = subprocess.Popen(ending_with_us(command), stderr=subprocess.DEVNULL)
        try:
            wait_for(self._listens, "nginx")
        except BaseException:  # a fixture that fails to start it has not got it yet to stop it
            self.stop()
            raise
        return self

    def _listens(self):
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.tls)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def line(self, host, source="127.0.0.1"):
        """Return a TLS connection to one of the two hosts, whose certificate was checked."""
        context = ssl.create_default_context(cafile=self.folder / f"{host}.pem")
        plain = socket.create_connection(("127.0.0.1", self.tls), timeout=PATIENCE, source_address=(source, 0))
        return context.wrap_socket(plain, server_hostname=host)

    def answer(self, method, host, path, *, body=None, headers=None, source="127.0.0.1"):
        """Return status, headers and body of what nginx answers on https."""
        client = http.client.HTTPSConnection(host, timeout=PATIENCE)
        client.sock = self.line(host, source)
        return spoken(client, method, path, body, headers)


def plainly(port, host, path, *, headers=None, source="127.0.0.1", method="GET"):
    """Ask a port of loopback over plain HTTP, under a host's name."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0))
    return spoken(client, method, path, None, {"Host": host, **(headers or {})})


def spoken(client, method, path, body, headers):
    try:
        client.request(method, path, body=body, headers=headers or {})
        response = client.getresponse()
        return response.status, response.headers, response.read().decode("utf-8", "replace")
    finally:
        client.close()
