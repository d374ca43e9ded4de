import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any, Final

from django.core.management.base import BaseCommand

from deliveries.management import table
from deliveries.models import ProcessingRun


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO with offset."""
    return moment.isoformat(timespec="milliseconds") if moment else None


def as_json(run: ProcessingRun) -> dict[str, Any]:
    """Return a run as `runs --json` prints it (reference, Commands)."""
    rows = None if run.rows_good is None and run.rows_bad is None else (run.rows_good or 0, run.rows_bad or 0)
    return {
        "id": run.pk,
        "space": run.space.name,
        "file": run.file,
        "started": iso(run.started_at),
        "ended": iso(run.ended_at),
        "status": run.status,
        "sub_status": run.sub_status,
        "code": run.code,
        "error": run.error,
        "warnings": run.warnings,
        "delivery": run.delivery_id,
        "test_delivery": run.test_delivery_id,
        "rows": {"good": rows[0], "bad": rows[1]} if rows else None,
        "account": run.account.name,
        "problems": run.problems,
    }


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
