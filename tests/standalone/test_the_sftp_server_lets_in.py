"""Who may enter the bundled SFTP server, and with which algorithms."""

import asyncio

import asyncssh
import pytest

from deliveries import vault
from deliveries.models import SftpSpace
from tests.standalone.bundled import OWN, client, log_in, server, url

OLD_KEX = ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"]


def host_key(keys, folder, *, legacy, **wanted):
    async def ask():
        async with server(keys, folder, legacy=legacy) as port:
            return await asyncssh.get_server_host_key("127.0.0.1", port, config=[], **wanted)

    return asyncio.run(ask())


def refused(keys, folder, **wanted):
    with pytest.raises(asyncssh.KeyExchangeFailed):
        host_key(keys, folder, legacy=False, **wanted)
    return True


FFDH = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")  # that it is old is the point


@FFDH
def test_a_key_exchange_with_sha_1_is_made_only_when_asked_for(host_keys, tmp_path):
    for name in OLD_KEX:
        assert refused(host_keys, tmp_path, kex_algs=[name])
        assert host_key(host_keys, tmp_path, legacy=True, kex_algs=[name])


def test_the_host_key_signs_with_sha_1_only_when_asked_for(host_keys, tmp_path):
    assert refused(host_keys, tmp_path, server_host_key_algs=["ssh-rsa"])
    assert host_key(host_keys, tmp_path, legacy=True, server_host_key_algs=["ssh-rsa"])


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("ssh-ed25519", "ssh-ed25519"), ("rsa-sha2-256", "ssh-rsa"), ("rsa-sha2-512", "ssh-rsa")],
)
def test_todays_clients_always_find_an_ed25519_and_an_rsa_key(host_keys, tmp_path, legacy, algorithm, kind):
    found = host_key(host_keys, tmp_path, legacy=legacy, server_host_key_algs=[algorithm])
    assert found.algorithm.decode() == kind


def test_the_password_opens_and_a_wrong_one_does_not(host_keys, tmp_path, space):
    assert log_in(host_keys, tmp_path, password="right") == {"a.csv"}
    assert (tmp_path / "shop" / "a.csv").read_bytes() == b"x"
    assert log_in(host_keys, tmp_path, password="wrong") == "refused"
    assert log_in(host_keys, tmp_path, password="") == "refused"


def test_nobody_else_gets_in_by_it(host_keys, tmp_path, space):
    for username in ("other", "", "../shop", "shop/", "."):
        assert log_in(host_keys, tmp_path, username=username, password="right") == "refused"


def test_a_key_of_authorized_keys_opens_beside_a_line_that_is_none(host_keys, tmp_path, space, ed25519, rsa):
    assert log_in(host_keys, tmp_path, client_keys=[ed25519]) == {"a.csv"}
    assert log_in(host_keys, tmp_path, client_keys=[rsa]) == {"a.csv"}
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    assert log_in(host_keys, tmp_path, client_keys=[stranger]) == "refused"


def test_a_key_that_was_taken_away_opens_no_more(host_keys, tmp_path, space, ed25519):
    SftpSpace.objects.filter(pk=space.pk).update(authorized_keys=[])
    assert log_in(host_keys, tmp_path, client_keys=[ed25519]) == "refused"


def test_a_space_with_keys_only_takes_no_password(host_keys, tmp_path, space):
    SftpSpace.objects.filter(pk=space.pk).update(password=b"")
    assert log_in(host_keys, tmp_path, password="") == "refused"


def test_a_space_that_is_elsewhere_is_none_here(host_keys, tmp_path, space):
    SftpSpace.objects.filter(pk=space.pk).update(embedded=False)
    assert log_in(host_keys, tmp_path, password="right") == "refused"


def test_a_signature_with_sha_1_opens_only_when_asked_for(host_keys, tmp_path, space, rsa):
    old = {"client_keys": [rsa], "signature_algs": ["ssh-rsa"]}
    assert log_in(host_keys, tmp_path, **old) == "refused"
    assert log_in(host_keys, tmp_path, legacy=True, **old) == {"a.csv"}


@pytest.mark.parametrize("old", [{"encryption_algs": ["3des-cbc"]}, {"mac_algs": ["hmac-sha1"]}])
def test_an_old_cipher_or_checksum_is_offered_only_when_asked_for(host_keys, tmp_path, space, old):
    cipher = {"encryption_algs": ["aes128-ctr"], "password": "right"} | old
    assert log_in(host_keys, tmp_path, **cipher) == "nothing in common"
    assert log_in(host_keys, tmp_path, legacy=True, **cipher) == {"a.csv"}


class Turncoat(asyncssh.SSHClient):
    """Begins under one name and shows its key under another."""

    def __init__(self, name, key, meanwhile):
        self._name, self._key, self._meanwhile = name, key, meanwhile

    def connection_made(self, conn):
        self._connection = conn

    def public_key_auth_requested(self):
        key, self._key = self._key, None
        self._connection._username = self._name
        self._meanwhile()
        return key


@pytest.mark.parametrize("name", ["other", "../data", "/etc"])
@pytest.mark.parametrize("away", [False, True])
def test_a_key_opens_under_no_other_name_also_while_the_database_is_away(
    host_keys, tmp_path, space, ed25519, monkeypatch, name, away
):
    SftpSpace.objects.create(account=space.account, name="other", embedded=True, username="other")

    def meanwhile():
        if away:
            monkeypatch.setattr(vault, "reveal", refuse)

    def refuse(_sealed):
        raise vault.VaultError

    async def enter():
        async with server(host_keys, tmp_path, url=url()) as port:
            with pytest.raises((asyncssh.PermissionDenied, asyncssh.ServiceNotAvailable)):
                async with client(port, client_factory=lambda: Turncoat(name, ed25519, meanwhile)):
                    pass

    asyncio.run(enter())


def test_the_product_itself_enters_every_space_with_its_own_password(host_keys, tmp_path, space):
    SftpSpace.objects.filter(pk=space.pk).update(password=b"")
    assert log_in(host_keys, tmp_path, password=OWN) == {"a.csv"}
    assert log_in(host_keys, tmp_path, password=OWN, username="nobody") == "refused"
