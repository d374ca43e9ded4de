"""The door of the bundled SFTP server: who gets in, and how long a wrong password takes."""

import asyncio
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncssh
import psycopg
import structlog

from deliveries import sftp_usernames
from deliveries.vault import VaultError
from xmld_project.standalone.sftp_server import users
from xmld_project.standalone.sftp_server.pauses import Pauses

log = structlog.get_logger(__name__)

SPACE: Final = "space"  # under which a connection keeps whose it is
MOST_TRIES: Final = 3
WRONG_TAKES: Final = 0.5

_SHA_1_SIGNATURE: Final = b"\0\0\0\x07ssh-rsa"  # RFC 4253, 6.6: the name goes before the signature


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door goes by: the folder of all spaces, the database, the product's own password, and who waits.

    `polls` opens every space to the product itself, at once: it comes from the address that everybody here comes
    from, and a password of that length is not guessed.
    """

    spaces: Path
    url: str
    polls: str
    legacy: bool
    pauses: Pauses = field(default_factory=Pauses)


def _refuse_sha_1(connection: asyncssh.SSHServerConnection) -> None:
    """Refuse log-ins signed with SHA-1: asyncssh's `signature_algs` tells clients of them, and checks nothing."""
    validate = connection.validate_public_key

    async def without_sha_1(username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        return not signature.startswith(_SHA_1_SIGNATURE) and await validate(username, key_data, msg, signature)

    connection.validate_public_key = without_sha_1  # type: ignore[method-assign]


class Door(asyncssh.SSHServer):
    """Lets embedded spaces in by password or key; the answer to a wrong name and a wrong password is the same."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._user: users.SpaceUser | None = None
        self._names = 0
        self._tries = 0
        self._away = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Keep the connection: its authorized keys are set once the user is known."""
        self._connection = conn
        self._address = str(conn.get_extra_info("peername")[0])
        if not self._rules.legacy:
            _refuse_sha_1(conn)

    async def begin_auth(self, username: str) -> bool:
        """Look the user up; nothing of a name that was tried before stays. Nobody enters without the database."""
        self._names += 1
        if self._names > MOST_TRIES:
            raise asyncssh.PermissionDenied("too many user names")
        self._user, self._away = None, False
        try:
            self._user = await self._known(username)
        except (psycopg.Error, VaultError, OSError) as error:
            self._away = True
            log.error("nobody can log in by SFTP now", reason=str(error).split("\n")[0])  # noqa: TRY400  one line
        self._connection.set_authorized_keys(self._user.keys() if self._user else asyncssh.SSHAuthorizedKeys())
        return True

    async def _known(self, username: str) -> users.SpaceUser | None:
        user = await users.find(self._rules.url, username)
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
            return True
        self._tries += 1
        if self._tries <= MOST_TRIES:
            await asyncio.sleep(self._rules.pauses.begin(self._address))
            if user and user.opens_with(password):
                self._rules.pauses.was_right(self._address)
                return True
            if self._away:  # then nothing was said of the password
                self._rules.pauses.was_right(self._address)
            else:
                log.warning("a wrong password by SFTP", address=self._address)
            await asyncio.sleep(WRONG_TAKES)
        if self._tries >= MOST_TRIES:
            raise asyncssh.PermissionDenied("too many wrong passwords")
        return False

    def auth_completed(self) -> None:
        """Note whose the connection is: its files are found by that, by no name that a client gave."""
        self._connection.set_extra_info(**{SPACE: self._user})
