"""The ports that the parts listen on, checked before anything is started."""

import contextlib
import socket
from collections.abc import Mapping


class PortTakenError(Exception):
    """A port can't be had; the text is the one line for the operator."""


def choose(wanted: Mapping[str, int]) -> dict[str, int]:
    """Return a free port for each variable: the one asked for, or any where 0 was. Raises PortTakenError.

    All are held until the last is known, so that two never get the same.
    """
    with contextlib.ExitStack() as held:
        chosen = {}
        for variable, port in wanted.items():
            try:
                listener = held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError as error:
                raise PortTakenError(
                    f"{variable}={port}: {error.strerror}; give another port, or 0 for any free one"
                ) from error
            chosen[variable] = listener.getsockname()[1]
    return chosen
