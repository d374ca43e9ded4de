"""A lease kept while a block works: a space, or the lock of a database."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

_AGAIN_SECONDS: Final = 1.0  # after a renewal that failed: the lease runs on


@contextmanager
def renewed(renew: Callable[[], bool], every: float, name: str) -> Iterator[None]:
    """Call `renew` every so many seconds while the block runs, on a connection of the thread's own.

    It ends once `renew` answers that the lease is another's; a database that is away is asked again after a second.
    """
    done = threading.Event()

    def keep() -> None:
        pause = every
        try:
            while not done.wait(pause):
                pause = every
                try:
                    if not renew():
                        return
                except (DatabaseError, InterfaceError):
                    connection.close()
                    pause = _AGAIN_SECONDS
        finally:
            connection.close()

    keeper = threading.Thread(target=keep, name=name, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
