"""paramiko's errors translated once, at the border (reference 1)."""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import paramiko

from deliveries.errors import ServiceError

_NAMED: Final = {
    errno.ENOENT: ("SFTP_MISSING", "is not there"),
    errno.EACCES: ("SFTP_DENIED", "is not allowed to the SFTP user"),
}


class ConnectionFailed(ServiceError):
    """The server can't be reached or the line fails: trying again may help."""


class RequestRefused(ServiceError):
    """The server is there and says no to one request: SFTP_MISSING, SFTP_DENIED or SFTP_REFUSED."""


class HostKeyChanged(ConnectionFailed):
    """The server shows another key than the pinned one; nothing was sent to it."""


class LoginRefused(ConnectionFailed):
    """The server takes neither the password nor the key."""


def _translation(error: Exception, what: str, host: str) -> ServiceError:
    if isinstance(error, TimeoutError):
        return ConnectionFailed(
            "SFTP_TIMEOUT", f"{host} did not answer in time ({what}): look at the server or the line"
        )
    if isinstance(error, (EOFError, ConnectionError, paramiko.SSHException, socket.gaierror)):
        return ConnectionFailed("SFTP_CUT", f"the connection to {host} was lost ({what}): it is tried again")
    if isinstance(error, OSError) and error.errno in _NAMED:
        code, words = _NAMED[error.errno]
        return RequestRefused(code, f"{what}: {words}")
    return RequestRefused("SFTP_REFUSED", f"{what}: the server says no ({str(error)[:80]})")


@contextmanager
def translated(what: str, host: str, *, alive: Callable[[], bool] = bool) -> Iterator[None]:
    """Raise ConnectionFailed or RequestRefused in place of what paramiko and sockets raise in the block.

    `what` names the request in the sentence; where the line is not `alive` any error but a time-out is the line's.
    """
    try:
        yield
    except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError) as error:
        if not isinstance(error, TimeoutError) and (str(error) == "Socket is closed" or not alive()):
            raise ConnectionFailed(
                "SFTP_CUT", f"the connection to {host} was lost ({what}): it is tried again"
            ) from error
        raise _translation(error, what, host) from error
    except UnicodeDecodeError as error:
        raise RequestRefused("SFTP_REFUSED", f"{what}: the server's answer can't be read") from error
