import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.management.commands.runs import iso
from deliveries.models import ProcessingRun, RunTransition


class Command(BaseCommand):
    help = "The transitions of one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        if not ProcessingRun.objects.filter(pk=options["id"]).exists():
            raise CommandError(f"there is no run {options['id']}")
        steps = RunTransition.objects.filter(run_id=options["id"]).order_by("id")
        rows = [
            {
                "started": iso(step.started_at),
                "ended": iso(step.ended_at),
                "sub_status": step.sub_status,
                "message": step.message,
            }
            for step in steps
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(f"{row['started']}  {row['sub_status']}  {row['message']}")
