"""Ports for servers under test."""

import contextlib
import random
import socket

# Below those that the kernel gives to whoever connects: between the choice and the server's start nobody takes it.
_FIRST, _LAST = 10_000, 32_000
_chance = random.SystemRandom()  # not the tests' own: two processes of one seed would choose alike


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens at, each another one: all are held until all are known."""
    with contextlib.ExitStack() as held:
        return [_held(held) for _ in range(count)]


def _held(held: contextlib.ExitStack) -> int:
    while True:
        port = _chance.randrange(_FIRST, _LAST)
        with contextlib.suppress(OSError):
            held.enter_context(socket.create_server(("127.0.0.1", port)))
            return port
