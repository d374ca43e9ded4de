from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.intake import receive
from deliveries.models import SftpSpace


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
        for space in spaces:
            self.stdout.write(receive.poll(space.pk))
        failing = [f"{each.name}: {each.last_error}" for each in spaces.all() if each.failing_since]
        if failing:
            raise CommandError("; ".join(failing))
