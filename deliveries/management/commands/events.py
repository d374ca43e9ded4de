import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from deliveries.models import Delivery
from deliveries.statistics.log import COLUMNS, Row, Span, event_rows
from recipients.csv_lines import csv_table
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
        deliveries, span = _deliveries_and_span(options)
        rows = event_rows(deliveries.select_related("database"), span)
        for text in _json(rows) if options["json"] else csv_table(COLUMNS, rows):
            self.stdout.write(text, ending="")


def _json(rows: Iterator[Row]) -> Iterator[str]:
    """Yield one list, a row at a time."""
    yield "["
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}"
    yield "\n]\n"


def _deliveries_and_span(options: dict[str, Any]) -> tuple[QuerySet[Delivery], Span | None]:
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
    return deliveries, (begin, datetime.combine(options["last"] + timedelta(days=1), time(), zone))
