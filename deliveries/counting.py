"""What turns hits into figures, a thread beside the clock (docs/architecture.md, From hit to figure).

Every clock has one; marks and locks in the database keep all but one of them from working at a time.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from django.db import Error as DatabaseError
from django.db import connection

from deliveries.statistics import keeping
from deliveries.tracking.classifier import months
from deliveries.tracking.classifier.classify import BATCH, classify

EVERY: Final = 2.0  # seconds: figures are so old at most while hits come singly
KEEP_EVERY: Final = 5.0  # figures of deliveries that ended
MONTHS_EVERY: Final = 3600.0  # partitions are made two months ahead, so an hour is soon enough


class Counting:
    """The loop: classify what came, keep what has ended, make room for the months to come."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._next: dict[str, float] = {}

    def run(self) -> None:
        """Work until told to stop; a database that is away is tried again."""
        log = structlog.get_logger(__name__)
        while not self._stop.is_set():
            try:
                self._every("months", MONTHS_EVERY, months.ensure)
                full = classify() == BATCH
                self._every("keep", KEEP_EVERY, keeping.keep_ended)
            except DatabaseError as error:
                log.warning("the database did not do it: counted again", reason=str(error).strip()[:200])
                self._next.clear()
                connection.close()
                full = False
            self._stop.wait(0.0 if full else EVERY)
        connection.close()

    def _every(self, name: str, seconds: float, action: Callable[[], object]) -> None:
        now = time.monotonic()
        if now >= self._next.get(name, 0.0):
            action()
            self._next[name] = now + seconds
