import json
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from deliveries.api import shapes
from deliveries.management import table
from deliveries.models import Delivery, DeliveryStatus
from deliveries.statistics.figures import figures

_HEADER: Final = ("DELIVERY", "STATUS", "TYPE", "START", "PEOPLE", "DELIVERED", "TITLE")


class Command(BaseCommand):
    help = "The deliveries, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")
        parser.add_argument("--status", choices=DeliveryStatus.values, help="only those in this state")
        parser.add_argument("--tests", action="store_true", help="test deliveries too")

    def handle(self, **options: Any) -> None:
        rows = Delivery.objects.select_related("newsletter", "filter").order_by("-id")
        if options["status"]:
            rows = rows.filter(status=options["status"])
        if not options["tests"]:
            rows = rows.filter(type="normal")
        found = list(rows)
        counted = figures([delivery.pk for delivery in found])
        if options["json"]:
            told = [shapes.delivery(row, counted[row.pk]) for row in found]
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        shown = [
            (row.pk, row.status, row.type, table.moment(row.start_at), mine["size"], mine["delivered"], row.title)
            for row, mine in ((row, counted[row.pk]) for row in found)
        ]
        for line in table.lines(_HEADER, shown, frozenset({"DELIVERY", "PEOPLE", "DELIVERED"})):
            self.stdout.write(line)
