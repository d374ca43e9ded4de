import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries import conf, workers
from deliveries.tracking.bounces.maildir import MaildirReader

KIND = "bounces"


class Command(BaseCommand):
    help = (
        "Reads the mail that comes back into the Maildir XMLD_BOUNCE_MAILDIR, until it is told to stop (SIGTERM)."
    )

    def handle(self, **_options: Any) -> None:
        folder = conf.bounce_maildir()
        if folder is None:
            raise CommandError("XMLD_BOUNCE_MAILDIR is not set: give the Maildir that bounces come into")
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        MaildirReader(folder, stop, lambda: workers.heartbeat(KIND, os.getpid())).run()
        workers.end(KIND, os.getpid())
