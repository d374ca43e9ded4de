"""The OpenSSH server of the tests, for measurements: loopback, its own port and keys, spaces on it."""

import contextlib
import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deliveries import vault
from deliveries.models import SftpSpace
from recipients.models import Account
from tests.runs.sshd import Sshd


@contextlib.contextmanager
def sshd() -> Iterator[Sshd]:
    """Hold an sshd up for a block."""
    with tempfile.TemporaryDirectory(prefix="xmld-bench-sshd-") as folder:
        server = Sshd(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def user() -> str:
    """Return the user of this machine who logs in."""
    return pwd.getpwuid(os.getuid()).pw_name


def space(account: Account, server: Sshd, name: str, **further: Any) -> SftpSpace:
    """Make a space of its own folder on the server."""
    folder = server.drop / name
    folder.mkdir()
    place = {"host": "127.0.0.1", "port": server.port, "host_key": server.host_key, "directory": str(folder)}
    return SftpSpace.objects.create(
        account=account, name=name, username=user(), private_key=vault.seal(server.private_key), **(place | further)
    )
