import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.models import Delivery
from deliveries.statistics.report import report


class Command(BaseCommand):
    help = "The statistics of a delivery."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, help="the delivery's id")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        delivery = (
            Delivery.objects.select_related("newsletter", "database", "filter").filter(pk=options["id"]).first()
        )
        if delivery is None:
            raise CommandError(f"delivery {options['id']} does not exist: `deliveries` lists them")
        document = report(delivery)
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        self.stdout.write(f"{delivery.pk} «{delivery.title}»: {delivery.get_status_display()}")
        for name, value in document["figures"].items():
            self.stdout.write(f"  {name:<30}{'not measured' if value is None else value:>12}")
        for name, rate in document["rates"].items():
            self.stdout.write(f"  {name + ' rate':<30}{'-' if rate is None else f'{rate:.2%}':>12}")
