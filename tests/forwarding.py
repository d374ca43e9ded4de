"""For what stands between a client and a server: bytes from one socket to another."""

import contextlib
import socket


def pump(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes until it ends, then end the target too."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
