"""paramiko's errors translated once, at the border (reference 1)."""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import paramiko

from deliveries.errors import ServiceError
from recipients.faults import Fault

_NAMED: Final = {errno.ENOENT: "SFTP_MISSING", errno.EACCES: "SFTP_DENIED"}


class ConnectionFailed(ServiceError):
    """The server can't be reached or the line fails: trying again may help."""


class RequestRefused(ServiceError):
    """The server is there and says no to one request: SFTP_MISSING, SFTP_DENIED or SFTP_REFUSED."""


class HostKeyChanged(ConnectionFailed):
    """The server shows another key than the pinned one; nothing was sent to it."""


class LoginRefused(ConnectionFailed):
    """The server takes neither the password nor the key."""


def _translation(error: Exception, what: Fault, host: str) -> ServiceError:
    if isinstance(error, TimeoutError):
        return ConnectionFailed("SFTP_TIMEOUT", host=host, what=what)
    if isinstance(error, (EOFError, ConnectionError, paramiko.SSHException, socket.gaierror)):
        return ConnectionFailed("SFTP_CUT", host=host, what=what)
    if isinstance(error, OSError) and error.errno in _NAMED:
        return RequestRefused(_NAMED[error.errno], what=what)
    return RequestRefused("SFTP_REFUSED", what=what, words=str(error)[:80])


@contextmanager
def translated(what: Fault, host: str, *, alive: Callable[[], bool] = bool) -> Iterator[None]:
    """Raise ConnectionFailed or RequestRefused in place of what paramiko and sockets raise in the block.

    `what` names the request in the sentence; where the line is not `alive` any error but a time-out is the line's.
    """
    try:
        yield
    except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError) as error:
        if not isinstance(error, TimeoutError) and (str(error) == "Socket is closed" or not alive()):
            raise ConnectionFailed("SFTP_CUT", host=host, what=what) from error
        raise _translation(error, what, host) from error
    except UnicodeDecodeError as error:
        raise RequestRefused("SFTP_REFUSED.unreadable", what=what) from error
