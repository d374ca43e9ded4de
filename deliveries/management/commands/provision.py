import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.errors import ClientError
from deliveries.provisioning.service import provision


class Command(BaseCommand):
    help = "Creates or updates an account with its users, databases, filters, newsletters and spaces."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a provisioning file (TOML)")
        parser.add_argument("--json", action="store_true", help="accepted; the answer is always JSON")

    def handle(self, **options: Any) -> None:
        try:
            made = provision(options["file"])
        except ClientError as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps(made, ensure_ascii=False))
