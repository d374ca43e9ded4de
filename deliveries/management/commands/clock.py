import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from deliveries import clock, workers


class Command(BaseCommand):
    help = "Asks each second what is due and queues it; one clock is active, others wait."

    def handle(self, **_options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        clock.Clock(stop).run()
        workers.end("clock", os.getpid())
