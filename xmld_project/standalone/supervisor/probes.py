"""Whether the parts answer, asked as their clients would."""

import contextlib
import http.client
import socket
from typing import Final

_PATIENCE: Final = 3.0
_SERVER_ERROR: Final = 500


def web(port: int) -> bool:
    """Ask the web server for /healthz."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    with contextlib.closing(client):
        try:
            client.request("GET", "/healthz")
            return client.getresponse().status < _SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False


def greets(port: int, word: bytes) -> bool:
    """Return whether a server greets with `word`: "SSH-" or "220"."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as line:
            return line.recv(64).startswith(word)
    except OSError:
        return False
