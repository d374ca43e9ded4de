import csv
import json
import sys
from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from deliveries.models import Delivery
from deliveries.statistics.log import COLUMNS, event_rows
from recipients.models import Account


class Command(BaseCommand):
    help = "The event log of a delivery, or of a period over all deliveries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, nargs="?", help="the delivery's id")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day, yyyy-mm-dd")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day, yyyy-mm-dd")
        parser.add_argument("--account", help="only this account's")
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--csv", action="store_true", help="CSV with a header (the default)")
        shape.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        deliveries, days = _chosen(options)
        rows = (row for row in event_rows(deliveries) if days is None or _within(row["actionDate"], *days))
        if options["json"]:
            self.stdout.write(json.dumps(list(rows), ensure_ascii=False))
            return
        writer = csv.DictWriter(sys.stdout, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def _chosen(options: dict[str, Any]) -> tuple[QuerySet[Delivery], tuple[datetime, datetime] | None]:
    """Return the deliveries asked for, and the span of time in their account's zone."""
    deliveries = Delivery.objects.all()
    account = None
    if options["account"]:
        account = Account.objects.filter(name=options["account"]).first()
        if account is None:
            raise CommandError(f"account {options['account']!r} does not exist")
        deliveries = deliveries.filter(account=account)
    if options["id"] is not None:
        deliveries = deliveries.filter(pk=options["id"])
        if not deliveries.exists():
            raise CommandError(f"delivery {options['id']} does not exist: `deliveries` lists them")
        return deliveries, None
    if options["first"] is None or options["last"] is None:
        raise CommandError("name a delivery, or a period with --from and --to", returncode=2)
    zone = (account or Account()).zone
    begin = datetime.combine(options["first"], time(), zone)
    end = datetime.combine(options["last"] + timedelta(days=1), time(), zone)
    return deliveries.filter(started_at__lt=end), (begin, end)


def _within(moment: str, begin: datetime, end: datetime) -> bool:
    return bool(moment) and begin <= datetime.fromisoformat(moment) < end
