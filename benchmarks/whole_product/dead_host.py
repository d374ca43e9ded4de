"""A host that answers nobody."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring.processes import MeasurementError

MOST: Final = 16


@contextlib.contextmanager
def dead_host() -> Iterator[int]:
    """Hold a port of loopback where connecting hangs: its queue is full, and nobody is ever let in."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _caller in range(MOST):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0.5)
            try:
                caller.connect(listener.getsockname())
            except TimeoutError:
                break
        else:
            raise MeasurementError("connecting to a full queue does not hang on this machine")
        yield listener.getsockname()[1]
