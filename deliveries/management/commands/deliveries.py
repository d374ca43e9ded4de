import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from deliveries.models import Delivery, DeliveryStatus
from deliveries.statistics.figures import Figures, figures


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
            self.stdout.write(json.dumps([_shape(row, counted[row.pk]) for row in found], ensure_ascii=False))
            return
        for row in found:
            mine = counted[row.pk]
            self.stdout.write(f"{row.pk:>6}  {row.status:<10} {mine['delivered']:>8}/{mine['size']:<8} {row.title}")


def _shape(row: Delivery, figures: Figures) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "subject": row.subject,
        "type": row.type,
        "status": row.status,
        "source": row.source,
        "newsletter": {"id": row.newsletter_id, "name": row.newsletter.name},
        "filter": {"id": row.filter_id, "name": row.filter.name} if row.filter else None,
        "schedule": row.start_at.isoformat() if row.start_at else None,
        "proposed": row.proposed_at.isoformat() if row.proposed_at else None,
        "run": row.run_id,
        "figures": figures,
        "note": row.note,
    }
