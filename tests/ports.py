"""Ports for servers under test."""

import contextlib
import socket


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens at, each another one: all are held until all are known."""
    with contextlib.ExitStack() as held:
        lines = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [line.getsockname()[1] for line in lines]
