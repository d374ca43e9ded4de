import asyncssh
import pytest

from deliveries import vault
from deliveries.models import SftpSpace
from recipients.models import Account
from xmld_project.standalone.sftp_server import keys as sftp_keys


@pytest.fixture(scope="module")
def host_keys(tmp_path_factory):
    return sftp_keys.made_once(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="module")
def rsa():
    return asyncssh.generate_private_key("ssh-rsa", key_size=2048)


@pytest.fixture(scope="module")
def ed25519():
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def space(transactional_db, rsa, ed25519):
    keys = [key.export_public_key("openssh").decode().strip() for key in (rsa, ed25519)]
    return SftpSpace.objects.create(
        account=Account.objects.create(name="Shop"),
        name="drop",
        embedded=True,
        username="shop",
        password=vault.seal("right"),
        authorized_keys=["this is no key", *keys],
    )


@pytest.fixture
def other(space):
    """Another client's space on the same server."""
    return SftpSpace.objects.create(
        account=Account.objects.create(name="Other"), name="o", embedded=True, username="other",
        password=vault.seal("right"),
    )  # fmt: skip
