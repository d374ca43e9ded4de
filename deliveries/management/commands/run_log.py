import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.api import shapes
from deliveries.management import table
from deliveries.models import ProcessingRun, RunTransition


def _took(step: RunTransition) -> str:
    return f"{(step.ended_at - step.started_at).total_seconds():.1f} s" if step.ended_at else ""


class Command(BaseCommand):
    help = "The transitions of one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        if not ProcessingRun.objects.filter(pk=options["id"]).exists():
            raise CommandError(f"there is no run {options['id']}")
        steps = RunTransition.objects.filter(run_id=options["id"]).order_by("id")
        rows = [shapes.transition(step) for step in steps]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        shown = [
            (table.moment(step.started_at), _took(step), step.sub_status, " ".join(step.sentence().split()))
            for step in steps
        ]
        for line in table.lines(("BEGAN", "TOOK", "STEP", "MESSAGE"), shown, frozenset({"TOOK"})):
            self.stdout.write(line)
