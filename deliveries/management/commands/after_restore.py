import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from deliveries.sending.lifecycle import after_restore


class Command(BaseCommand):
    help = "After a back-up was restored: what was going out is paused, and its open messages are in doubt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        deliveries, messages = after_restore.after_restore()
        if options["json"]:
            self.stdout.write(json.dumps({"deliveries": deliveries, "in_doubt": messages}))
        else:
            self.stdout.write(f"{deliveries} deliveries held, {messages} messages in doubt")
