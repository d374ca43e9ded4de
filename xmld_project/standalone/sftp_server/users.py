"""Who may enter the bundled SFTP server: the embedded spaces as the database has them at this moment."""

import hmac
from dataclasses import dataclass

import asyncssh
import psycopg

from deliveries import sftp_usernames, vault


@dataclass(frozen=True, slots=True)
class SpaceUser:
    """The keys of one space's door."""

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


async def find(url: str, username: str) -> SpaceUser | None:
    """Return the space of this user name, read anew so that provisioning works at once. Raises psycopg.Error.

    A name that would lead out of the folder of its own has no space, whoever wrote it into the database.
    """
    if not sftp_usernames.is_possible(username):
        return None
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=10) as connection:
        cursor = await connection.execute(
            "SELECT account_id, password, authorized_keys FROM deliveries_sftpspace"
            " WHERE embedded AND username = %s",
            [username],
        )
        row = await cursor.fetchone()
    if row is None:
        return None
    account_id, password, keys = row
    return SpaceUser(username, account_id, vault.reveal(password), tuple(keys))
