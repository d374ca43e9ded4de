"""The ready clients of docs/clients do their job against the bundled server, each where the machine can run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.product import ROOT

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("product")]
CLIENTS = ROOT / "docs" / "clients"
COMMANDS = {"shell": ["sh", str(CLIENTS / "deliver.sh")], "python": [sys.executable, str(CLIENTS / "deliver.py")]}
if shutil.which("php") and Path("/usr/share/php/phpseclib3/autoload.php").exists():
    COMMANDS["php"] = ["php", str(CLIENTS / "deliver.php")]


@pytest.fixture(scope="module")
def keyed(product, tmp_path_factory):
    """A space of the demo account that a key opens: its user name and the file of the key."""
    folder = tmp_path_factory.mktemp("client")
    key = ed25519.Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / "key").write_bytes(text)
    (folder / "key").chmod(0o600)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    space = f"""
[account]
name = "Demo Shop"
xml_delivery = true
[[spaces]]
name = "keyed"
username = "keyed"
embedded = true
authorized_keys = ["{public.decode()}"]
poll_seconds = 5
"""
    (folder / "space.toml").write_text(space, encoding="utf-8")
    assert product.command("provision", str(folder / "space.toml")).code == 0
    return folder


def bundle(folder, name, *, wrong=False):
    text = (ROOT / "tests/samples/01-send-now/orders.xml").read_text(encoding="utf-8")
    text = text.replace("orders.csv", f"{name}.csv").replace("Orders of the day", name)
    (folder / f"{name}.xml").write_text(text.replace("demo-key", "x") if wrong else text, encoding="utf-8")
    shutil.copy(ROOT / "tests/samples/01-send-now/orders.csv", folder / f"{name}.csv")
    return [str(folder / f"{name}.xml"), str(folder / f"{name}.csv")]


def deliver(product, keyed, client, files):
    run = product.run_json
    given = ["127.0.0.1", str(run["sftp"]), "keyed", str(keyed / "key"), run["sftp_host_key"], *files]
    environment = {**os.environ, "DELIVER_PAUSE": "0.5", "DELIVER_TRIES": "120"}
    return subprocess.run(
        [*COMMANDS[client], *given], env=environment, cwd=keyed, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_it_delivers_a_bundle_and_says_what_became_of_it(product, keyed, client):
    done = deliver(product, keyed, client, bundle(keyed, f"by-{client}"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"by-{client}.xml: accepted\n", "")


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_it_repeats_the_sentence_of_a_mistake(product, keyed, client):
    done = deliver(product, keyed, client, bundle(keyed, f"wrong-{client}", wrong=True))
    assert done.returncode == 1
    assert "authentication failed" in done.stderr


@pytest.mark.parametrize("client", sorted(COMMANDS))
def test_it_speaks_to_no_server_whose_key_is_another(product, keyed, client):
    other = rsa.generate_private_key(65537, 2048).public_key()
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    run = {**product.run_json, "sftp_host_key": other.public_bytes(*form).decode()}
    files = bundle(keyed, f"stranger-{client}")
    given = ["127.0.0.1", str(run["sftp"]), "keyed", str(keyed / "key"), run["sftp_host_key"], *files]
    done = subprocess.run(
        [*COMMANDS[client], *given], cwd=keyed, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert not (product.state / "sftp" / "keyed" / f"stranger-{client}.xml").exists()
