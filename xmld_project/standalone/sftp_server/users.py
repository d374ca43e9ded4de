"""Who may enter the bundled SFTP server: the embedded spaces as the database has them at this moment."""

import asyncio
import hmac
from dataclasses import dataclass
from typing import Any, Final

import asyncssh
import psycopg

from deliveries import sftp_usernames, vault

_PATIENCE: Final = 5.0  # seconds: a log-in waits for it


@dataclass(frozen=True, slots=True)
class SpaceUser:
    """By what one space is opened."""

    username: str
    account_id: int
    password: str
    authorized_keys: tuple[str, ...]

    def opens_with(self, password: str) -> bool:
        """Compare in constant time; a space without a password opens with keys only."""
        given, right = password.encode(), self.password.encode()
        return hmac.compare_digest(given, right) and bool(self.password)

    def keys(self) -> asyncssh.SSHAuthorizedKeys:
        """Return the keys that may enter; a line that is none is passed over, not a reason to lock all out."""
        good = []
        for line in self.authorized_keys:
            try:
                asyncssh.import_authorized_keys(line)
            except (ValueError, asyncssh.KeyImportError):
                continue
            good.append(line)
        return asyncssh.import_authorized_keys("\n".join(good)) if good else asyncssh.SSHAuthorizedKeys()


class Users:
    """The spaces' users, asked for on one kept connection, one question after another.

    Log-ins are strangers' doing, and the database's connections belong to the work.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._turn = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._asked: dict[str, asyncio.Task[SpaceUser | None]] = {}

    async def find(self, username: str) -> SpaceUser | None:
        """Return the space of this user name, read anew so that provisioning works at once.

        Who asks for the same name at the same moment gets the same answer. A name that would lead out of the folder
        of its own has no space, whoever wrote it into the database. Raises psycopg.Error, VaultError, TimeoutError.
        """
        if not sftp_usernames.is_possible(username):
            return None
        task = self._asked.get(username)
        if task is None:
            task = self._asked[username] = asyncio.create_task(self._read(username))
            task.add_done_callback(lambda _done: self._asked.pop(username, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _read(self, username: str) -> SpaceUser | None:
        async with asyncio.timeout(_PATIENCE), self._turn:
            try:
                row = await self._row(username)
            except psycopg.OperationalError:  # the database was started anew: a second try, on a new connection
                await self.close()
                row = await self._row(username)
        if row is None:
            return None
        account_id, password, keys = row
        return SpaceUser(username, account_id, vault.reveal(password), tuple(keys))

    async def _row(self, username: str) -> Any:
        if self._connection is None or self._connection.closed:
            connect = psycopg.AsyncConnection.connect
            self._connection = await connect(
                self._url, autocommit=True, connect_timeout=int(_PATIENCE),
                prepare_threshold=None,  # a pooler gives the prepared statement's next use another session
            )  # fmt: skip
        try:
            cursor = await self._connection.execute(
                "SELECT account_id, password, authorized_keys FROM deliveries_sftpspace"
                " WHERE embedded AND username = %s",
                [username],
            )
            return await cursor.fetchone()
        except asyncio.CancelledError:  # the answer may still come, to the next question
            await self.close()
            raise
