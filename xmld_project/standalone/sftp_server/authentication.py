"""Who gets into the bundled SFTP server, how long a wrong password takes, and how many may try at once."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncssh
import psycopg
import structlog

from deliveries import sftp_usernames
from deliveries.vault import VaultError
from xmld_project.standalone.sftp_server import sessions
from xmld_project.standalone.sftp_server.pauses import Pauses
from xmld_project.standalone.sftp_server.sessions import PerSpaceLimit, SftpSession
from xmld_project.standalone.sftp_server.startups import Startups
from xmld_project.standalone.sftp_server.usage import Usage
from xmld_project.standalone.sftp_server.users import SpaceUser, Users

log = structlog.get_logger(__name__)

SPACE: Final = "space"  # under which a connection keeps whose it is
OURS: Final = "ours"  # and whether it is the product's own poll
MOST_TRIES: Final = 3  # of a connection: names, and passwords
WRONG_TAKES: Final = 0.5  # seconds, whatever was wrong: an unknown name answers as late as a wrong password
LONGEST_WAIT: Final = 20.0  # of who waits behind others; the line is closed after 30 s

_SHA_1_SIGNATURE: Final = b"\0\0\0\x07ssh-rsa"  # RFC 4253, 6.6: the name goes before the signature


@dataclass(frozen=True, slots=True)
class Rules:
    """What the server goes by, and what it counts over all connections. `quota` in bytes, of each space.

    `polls` opens every space to the product itself, at once: it comes from the address that everybody here comes
    from, and a password of that length is not guessed.
    """

    spaces: Path
    users: Users
    polls: str
    legacy: bool
    quota: int
    pauses: Pauses = field(default_factory=Pauses)
    startups: Startups = field(default_factory=Startups)
    connections: PerSpaceLimit = field(default_factory=lambda: PerSpaceLimit(sessions.CONNECTIONS))
    sessions: PerSpaceLimit = field(default_factory=lambda: PerSpaceLimit(sessions.SESSIONS))
    usages: dict[str, Usage] = field(default_factory=dict)
    listings: dict[str, asyncio.Lock] = field(default_factory=dict)


def _refuse_sha_1(connection: asyncssh.SSHServerConnection) -> None:
    """Refuse log-ins signed with SHA-1: asyncssh's `signature_algs` tells clients of them, and checks nothing."""
    validate = connection.validate_public_key

    async def without_sha_1(username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        return not signature.startswith(_SHA_1_SIGNATURE) and await validate(username, key_data, msg, signature)

    connection.validate_public_key = without_sha_1  # type: ignore[method-assign]


def _bound_channels(connection: asyncssh.SSHServerConnection) -> None:
    """Refuse one channel too many before it is made: asyncssh has no bound of its own."""
    make = connection.create_server_channel

    def bounded(*given: object, **more: object) -> asyncssh.SSHServerChannel[bytes]:
        if len(connection._channels) >= sessions.CHANNELS_OF_A_CONNECTION:  # noqa: SLF001  it counts them nowhere else
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "too many channels")
        return make(*given, **more)  # type: ignore[arg-type]  # handed through

    connection.create_server_channel = bounded  # type: ignore[method-assign]


class Authentication(asyncssh.SSHServer):
    """Lets embedded spaces in by password or key; the answer to a wrong name and a wrong password is the same."""

    def __init__(self, rules: Rules, session: Callable[[], SftpSession]) -> None:
        self._rules = rules
        self._session = session
        self._user: SpaceUser | None = None
        self._names = 0
        self._tries = 0
        self._ours = False
        self._counted: str | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Count the connection as unproved; its authorized keys are set once the user is known."""
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._address = str(peer[0]) if isinstance(peer, tuple) else ""
        if self._address:  # the socket of our own polls has none
            self._rules.startups.begin(self, self._address, conn.abort)
        if not self._rules.legacy:
            _refuse_sha_1(conn)
        _bound_channels(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncssh's signature
        """Count it no longer."""
        self._rules.startups.end(self)
        if self._counted is not None:
            self._rules.connections.release(self._counted)

    async def begin_auth(self, username: str) -> bool:
        """Look the user up; nothing of a name that was tried before stays.

        Without the database the line is closed: nobody is told that a password is wrong which nobody looked at.
        """
        self._names += 1
        if self._names > MOST_TRIES:
            raise asyncssh.PermissionDenied("too many user names")
        self._user = None
        try:
            self._user = await self._known(username)
        except (psycopg.Error, VaultError, OSError) as error:
            log.error("nobody can log in by SFTP now", reason=str(error).split("\n")[0])  # noqa: TRY400  one line
            raise asyncssh.ServiceNotAvailable("try again in a moment") from error
        self._connection.set_authorized_keys(self._user.keys() if self._user else asyncssh.SSHAuthorizedKeys())
        return True

    async def _known(self, username: str) -> SpaceUser | None:
        user = await self._rules.users.find(username)
        if user and not sftp_usernames.may_use(self._rules.spaces, username, user.account_id):
            log.error("a user name was another account's: its space needs another one", username=username)
            return None
        return user

    def password_auth_supported(self) -> bool:
        """Offer passwords."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Compare with the space's password; who was wrong before waits first, whatever the answer will be."""
        user = self._user if self._user and self._user.username == username else None
        if user and hmac.compare_digest(password.encode(), self._rules.polls.encode()):
            self._ours = True
            return True
        self._tries += 1
        if self._tries <= MOST_TRIES:
            await self._wait(username)
            if user and user.opens_with(password):
                self._rules.pauses.was_right(self._address, username)
                return True
            log.warning("a wrong password by SFTP", address=self._address)
            await asyncio.sleep(WRONG_TAKES)
        if self._tries >= MOST_TRIES:
            raise asyncssh.PermissionDenied("too many wrong passwords")
        return False

    async def _wait(self, username: str) -> None:
        seconds = self._rules.pauses.begin(self._address, username)
        if seconds > LONGEST_WAIT:
            raise asyncssh.ServiceNotAvailable("too many log-ins wait here")
        await asyncio.sleep(seconds)

    def session_requested(self) -> SftpSession:
        """Give a channel its session."""
        return self._session()

    def auth_completed(self) -> None:
        """Note whose the connection is: its files are found by that, by no name that a client gave."""
        self._rules.startups.end(self)
        self._connection.set_extra_info(**{SPACE: self._user, OURS: self._ours})
        if self._user is None or self._ours:
            return
        if not self._rules.connections.take(self._user.username):
            log.warning("too many connections of a space by SFTP", username=self._user.username)
            self._connection.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "too many connections of this user")
            return
        self._counted = self._user.username
