import json
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from deliveries.api import shapes
from deliveries.management import table
from deliveries.models import ProcessingRun


def as_json(run: ProcessingRun) -> dict[str, Any]:
    """Return the API's shape of a run, and what only the operator of this machine asks for."""
    return {**shapes.run(run), "account": run.account.name, "problems": run.problems}


_HEADER: Final = ("RUN", "BEGAN", "TOOK", "SPACE", "FILE", "STATUS", "STEP", "PEOPLE", "BAD", "DELIVERY", "ERROR")
_NUMBERS: Final = frozenset({"RUN", "TOOK", "PEOPLE", "BAD", "DELIVERY"})


def _row(run: ProcessingRun) -> tuple[object, ...]:
    took = f"{(run.ended_at - run.started_at).total_seconds():.1f} s" if run.ended_at else ""
    numbers = [
        "" if number is None else number
        for number in (run.rows_good, run.rows_bad, run.delivery_id or run.test_delivery_id)
    ]
    began = table.moment(run.started_at)
    error = " ".join(run.error.split())
    return (run.pk, began, took, run.space.name, run.file, run.status, run.sub_status, *numbers, error)


class Command(BaseCommand):
    help = "The processing runs, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--limit", type=int, default=50)

    def handle(self, **options: Any) -> None:
        runs = ProcessingRun.objects.select_related("space", "account").order_by("-id")[: max(0, options["limit"])]
        if options["json"]:
            self.stdout.write(json.dumps([as_json(run) for run in runs], ensure_ascii=False))
            return
        for line in table.lines(_HEADER, [_row(run) for run in runs], _NUMBERS):
            self.stdout.write(line)
