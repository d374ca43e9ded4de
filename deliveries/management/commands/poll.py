from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.errors import ServiceError
from deliveries.intake.polling import entry
from deliveries.models import SftpSpace

_PATIENCE = 60.0  # seconds, for who polls the same space now: what lay there has been looked at afterwards


class Command(BaseCommand):
    help = "One polling cycle now, in this process, the runs worked to their end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--space", help="only the space of this name")

    def handle(self, **options: Any) -> None:
        spaces = SftpSpace.objects.order_by("pk")
        if options["space"]:
            spaces = spaces.filter(name=options["space"])
            if not spaces.exists():
                raise CommandError(f"there is no space {options['space']}")
        failing = []
        for space in spaces:
            try:
                self.stdout.write(entry.poll_now(space.pk, _PATIENCE))
            except ServiceError as error:
                failing.append(error.message)
        failing += [f"{each.name}: {each.last_error}" for each in spaces.all() if each.failing_since]
        if failing:
            raise CommandError("; ".join(failing))
