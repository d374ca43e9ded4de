"""One session of the bundled SFTP server, and what the server offers."""

from pathlib import Path
from typing import Any, Final

import asyncssh
import psycopg
import structlog

from deliveries.vault import VaultError
from xmld_project.standalone import sftp_users
from xmld_project.standalone.sftp_files import SpaceFiles

log = structlog.get_logger(__name__)

# SHA-1 only for clients of the year 2005, when asked for: their key exchanges, and RSA host keys that sign with it.
_MODERN: Final = {
    "kex_algs": "-*sha1",
    "signature_algs": "-ssh-rsa",
    "mac_algs": "-hmac-sha1*",
    "encryption_algs": "-*cbc",
}
_LEGACY: Final = {
    "kex_algs": "+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
    "signature_algs": "+ssh-rsa",
    "mac_algs": "+hmac-sha1",
    "encryption_algs": "+aes256-cbc,aes192-cbc,aes128-cbc,3des-cbc",
}

_SHA_1_SIGNATURE: Final = b"\0\0\0\x07ssh-rsa"  # RFC 4253, 6.6: the name goes before the signature


def _refuse_sha_1(connection: asyncssh.SSHServerConnection) -> None:
    """Refuse log-ins signed with SHA-1: asyncssh's `signature_algs` tells clients of them, and checks nothing."""
    validate = connection.validate_public_key

    async def without_sha_1(username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        return not signature.startswith(_SHA_1_SIGNATURE) and await validate(username, key_data, msg, signature)

    connection.validate_public_key = without_sha_1  # type: ignore[method-assign]


class Door(asyncssh.SSHServer):
    """Lets embedded spaces in by password or key; the answer to a wrong name and a wrong password is the same."""

    def __init__(self, url: str, *, legacy: bool) -> None:
        self._url = url
        self._legacy = legacy
        self._user: sftp_users.SpaceUser | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Keep the connection: its authorized keys are set once the user is known."""
        self._connection = conn
        if not self._legacy:
            _refuse_sha_1(conn)

    async def begin_auth(self, username: str) -> bool:
        """Look the user up. A database that doesn't answer lets nobody in."""
        try:
            self._user = await sftp_users.find(self._url, username)
        except (psycopg.Error, VaultError) as error:
            log.error("nobody can log in by SFTP now", reason=str(error).split("\n")[0])  # noqa: TRY400  one line
        if self._user and self._user.authorized_keys:
            self._connection.set_authorized_keys(self._user.keys())
        return True

    def password_auth_supported(self) -> bool:
        """Offer passwords."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Compare with the space's password."""
        return self._user is not None and self._user.username == username and self._user.opens_with(password)


def _host_keys(keys: list[asyncssh.SSHKey], *, legacy: bool) -> list[asyncssh.SSHKeyPair]:
    """Return the host keys; an RSA one signs with SHA-1 only when asked for (asyncssh offers that to everybody)."""
    pairs = asyncssh.load_keypairs(keys)
    if not legacy:
        for pair in pairs:
            pair.host_key_algorithms = tuple(alg for alg in pair.host_key_algorithms if alg != b"ssh-rsa")
    return list(pairs)


def options(keys: list[asyncssh.SSHKey], folder: Path, url: str, *, legacy: bool) -> dict[str, Any]:
    """Return what asyncssh.listen is started with: SFTP only, no shell, no forwarding."""

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> SpaceFiles:
        space = folder / str(channel.get_extra_info("username"))
        space.mkdir(mode=0o750, exist_ok=True)
        return SpaceFiles(channel, space)

    return {
        "server_factory": lambda: Door(url, legacy=legacy),
        "server_host_keys": _host_keys(keys, legacy=legacy),
        "sftp_factory": files,
        "allow_scp": False,
        "server_version": "xml-delivery",
        "login_timeout": 30,
        "keepalive_interval": 30,
        "compression_algs": None,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "allow_pty": False,
        **(_LEGACY if legacy else _MODERN),
    }
