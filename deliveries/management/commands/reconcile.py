import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from deliveries.statistics.reconcile import reconcile
from deliveries.tracking.classifier.reclassify import reclassify


class Command(BaseCommand):
    help = "Checks the accounts of every delivery; exit code 1 and the differences when one does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="put counters right from the raw hits and events")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        found = reconcile(reclassify, mend=options["mend"])
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            for difference in found["differences"]:
                self.stdout.write(f"delivery {difference['delivery']}: {difference['difference']}")
            self.stdout.write("clean" if found["clean"] else "not clean")
        if not found["clean"]:
            sys.stderr.write(f"{len(found['differences'])} differences in {found['deliveries']} deliveries\n")
            sys.exit(1)
