import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from deliveries.privacy.retention import prune


class Command(BaseCommand):
    help = "Deletes what is past its retention; the clock does the same once a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        gone = prune()
        if options["json"]:
            self.stdout.write(json.dumps(gone))
            return
        for what, number in gone.items():
            self.stdout.write(f"{what.replace('_', ' '):<20}{number:>10}")
