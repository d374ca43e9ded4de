from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.errors import StateConflict
from deliveries.intake.runs import control
from deliveries.models import ProcessingRun

_ACTS = {
    "retry": control.retry,
    "load_good_rows": control.load_good_rows,
    "release": control.release,
    "discard": control.discard,
}


class Command(BaseCommand):
    help = "What an operator may do with a run: retry, load_good_rows, release, discard."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=sorted(_ACTS))
        parser.add_argument("id", type=int)

    def handle(self, **options: Any) -> None:
        try:
            _ACTS[options["act"]](options["id"])
        except ProcessingRun.DoesNotExist as error:
            raise CommandError(f"there is no run {options['id']}") from error
        except StateConflict as conflict:
            raise CommandError(conflict.message) from conflict
