from typing import Any

from django.core.management.base import BaseCommand

from deliveries.intake.parsing.order import XSD


class Command(BaseCommand):
    help = "Print the XSD of the instructions file."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(XSD.read_text(encoding="utf-8"), ending="")
