import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from deliveries import clock, workers
from deliveries.counting import Counting


class Command(BaseCommand):
    help = "Asks each second what is due and queues it, and turns hits into figures; one is active, others wait."

    def handle(self, **_options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        counting = threading.Thread(target=Counting(stop).run, name="counting")
        counting.start()
        clock.Clock(stop).run()
        counting.join()
        workers.end("clock", os.getpid())
