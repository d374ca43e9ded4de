"""The ready clients of docs/clients do their job against the bundled server, each where the machine can run it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.forwarding import pump
from tests.product import ROOT

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product")]
CLIENTS = ROOT / "docs" / "clients"
COMMANDS = {"shell": ["sh", str(CLIENTS / "deliver.sh")], "python": [sys.executable, str(CLIENTS / "deliver.py")]}
if shutil.which("php") and Path("/usr/share/php/phpseclib3/autoload.php").exists():
    COMMANDS["php"] = ["php", str(CLIENTS / "deliver.php")]
LIST = """
[[databases]]
name = "NAME"
fields = [{name="email", type="email"}, {name="nome", type="string"}, {name="cognome", type="string"},
          {name="ordine", type="integer"}, {name="XML_DELIVERY_CODE", type="string"}]
[[newsletters]]
name = "NAME"
database = "NAME"
kind = "marketing"
mail_from = {name="Demo Shop", address="news@demo.example"}
reply_to = "help@demo.example"
consent = "declared"
"""


@dataclass(frozen=True)
class Keyed:
    folder: Path
    newsletters: dict[str, int]


@pytest.fixture(scope="module")
def keyed(product, tmp_path_factory):
    """A space of the demo account that a key opens: a folder with the key, and each client's newsletter.

    Each client writes to a list of its own: one that another's bundle still holds is locked (reference 3.4).
    """
    folder = tmp_path_factory.mktemp("client")
    key = ed25519.Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / "key").write_bytes(text)
    (folder / "key").chmod(0o600)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    lists = "".join(LIST.replace("NAME", f"by {client}") for client in COMMANDS)
    space = f"""
[account]
name = "Demo Shop"
xml_delivery = true
{lists}
[[spaces]]
name = "keyed"
username = "keyed"
embedded = true
authorized_keys = ["{public.decode()}"]
poll_seconds = 5
"""
    (folder / "space.toml").write_text(space, encoding="utf-8")
    newsletters = product.command("provision", str(folder / "space.toml")).json["newsletters"]
    return Keyed(folder, {client: newsletters[f"by {client}"] for client in COMMANDS})


def bundle(keyed, client, kind, *, wrong=False):
    folder, name = keyed.folder, f"{kind}-{client}"
    text = (ROOT / "tests/samples/01-send-now/orders.xml").read_text(encoding="utf-8")
    text = text.replace("orders.csv", f"{name}.csv").replace("Orders of the day", name)
    text = text.replace("<newsletter>1</newsletter>", f"<newsletter>{keyed.newsletters[client]}</newsletter>")
    (folder / f"{name}.xml").write_text(text.replace("demo-key", "x") if wrong else text, encoding="utf-8")
    shutil.copy(ROOT / "tests/samples/01-send-now/orders.csv", folder / f"{name}.csv")
    return [str(folder / f"{name}.xml"), str(folder / f"{name}.csv")]


@contextlib.contextmanager
def losing_one(port, number):
    """Forward a port of its own to this one; the connection with this number (from 1) is lost at once."""

    def forward(client):
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join()

    def serve():
        come = 0
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            come += 1
            if come == number:
                lost.set()
                client.close()
                continue
            threading.Thread(target=forward, args=(client,), daemon=True).start()

    lost = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], lost
        listening.shutdown(socket.SHUT_RDWR)


def deliver(product, keyed, client, files, *, port=None):
    run = product.run_json
    port = port or run["sftp"]
    given = ["127.0.0.1", str(port), "keyed", str(keyed.folder / "key"), run["sftp_host_key"], *files]
    environment = {**os.environ, "DELIVER_PAUSE": "0.5", "DELIVER_TRIES": "400"}
    return subprocess.run(
        [*COMMANDS[client], *given], env=environment, cwd=keyed.folder, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_it_delivers_a_bundle_and_says_what_became_of_it(product, keyed, client):
    done = deliver(product, keyed, client, bundle(keyed, client, "by"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"by-{client}.xml: accepted\n", "")


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_it_repeats_the_sentence_of_a_mistake(product, keyed, client):
    done = deliver(product, keyed, client, bundle(keyed, client, "wrong", wrong=True))
    assert done.returncode == 1
    assert "authentication failed" in done.stderr


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_a_look_for_the_report_that_fails_is_followed_by_another(product, keyed, client):
    first_look = 3 if client == "shell" else 2
    with losing_one(product.run_json["sftp"], first_look) as (port, lost):
        done = deliver(product, keyed, client, bundle(keyed, client, "lost"), port=port)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"lost-{client}.xml: accepted\n", "")
    assert lost.is_set()


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_it_speaks_to_no_server_whose_key_is_another(product, keyed, client):
    other = rsa.generate_private_key(65537, 2048).public_key()
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    run = {**product.run_json, "sftp_host_key": other.public_bytes(*form).decode()}
    files = bundle(keyed, client, "stranger")
    given = ["127.0.0.1", str(run["sftp"]), "keyed", str(keyed.folder / "key"), run["sftp_host_key"], *files]
    done = subprocess.run(
        [*COMMANDS[client], *given], cwd=keyed.folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode != 0
    assert not (product.state / "sftp" / "keyed" / f"stranger-{client}.xml").exists()
