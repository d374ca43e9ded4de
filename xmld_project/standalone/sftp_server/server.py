"""What the bundled SFTP server offers, and the files that a session gets."""

import asyncio
import functools
from collections.abc import Callable
from typing import Any, Final

import asyncssh

from deliveries import sftp_usernames
from xmld_project.standalone.sftp_server.authentication import OURS, SPACE, Authentication, Rules
from xmld_project.standalone.sftp_server.files import Space, SpaceFiles
from xmld_project.standalone.sftp_server.sessions import SftpSession
from xmld_project.standalone.sftp_server.usage import Usage
from xmld_project.standalone.sftp_server.users import SpaceUser

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


def _host_keys(keys: list[asyncssh.SSHKey], *, legacy: bool) -> list[asyncssh.SSHKeyPair]:
    """Return the host keys; an RSA one signs with SHA-1 only when asked for (asyncssh offers that to everybody)."""
    pairs = asyncssh.load_keypairs(keys)
    if not legacy:
        for pair in pairs:
            pair.host_key_algorithms = tuple(alg for alg in pair.host_key_algorithms if alg != b"ssh-rsa")
    return list(pairs)


def _counted(channel: asyncssh.SSHServerChannel[bytes], rules: Rules, user: SpaceUser) -> Callable[[], None]:
    """Count a session of the space and return what gives it back. Raises SFTPFailure."""
    if channel.get_extra_info(OURS):
        return lambda: None
    if not rules.sessions.take(user.username):
        raise asyncssh.SFTPFailure("too many sessions of this user")
    return functools.partial(rules.sessions.release, user.username)


def options(keys: list[asyncssh.SSHKey], rules: Rules) -> dict[str, Any]:
    """Return what asyncssh.listen is started with: SFTP only, no shell, no forwarding."""

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> SpaceFiles:
        user: SpaceUser = channel.get_extra_info(SPACE)
        if not sftp_usernames.claim(rules.spaces, user.username, user.account_id):
            raise asyncssh.PermissionDenied("the user name is another account's")
        folder = rules.spaces / user.username
        folder.mkdir(mode=0o750, exist_ok=True)
        usage = rules.usages.setdefault(user.username, Usage(folder, rules.quota))
        turn = rules.listings.setdefault(user.username, asyncio.Lock())
        return SpaceFiles(channel, Space(folder, usage, turn, _counted(channel, rules, user)))

    return {
        "server_factory": lambda: Authentication(rules, lambda: SftpSession(files)),
        "server_host_keys": _host_keys(keys, legacy=rules.legacy),
        "encoding": None,
        "server_version": "xml-delivery",
        "login_timeout": 30,
        "keepalive_interval": 30,
        "compression_algs": None,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "allow_pty": False,
        **(_LEGACY if rules.legacy else _MODERN),
    }
