import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from deliveries.tracking.bounces.parts import MOST_BYTES
from deliveries.tracking.bounces.receive import receive


class Command(BaseCommand):
    help = "Takes in one mail that came back to a return path, from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--recipient", metavar="ADDRESS", help="the envelope's recipient (else from the headers)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        data = sys.stdin.buffer.read(MOST_BYTES)
        while sys.stdin.buffer.read(MOST_BYTES):  # a pipe that is closed early makes the mail server try again
            pass
        try:
            outcomes = [outcome.as_json() for outcome in receive(data, options["recipient"])]
        except DatabaseError as error:
            raise CommandError(f"DB_AWAY: the database took nothing ({str(error).strip()}): try again") from error
        if options["json"]:
            self.stdout.write(json.dumps(outcomes, ensure_ascii=False))
            return
        for outcome in outcomes:
            whose = (
                f"message {outcome['message']} of delivery {outcome['delivery']}"
                if outcome["message"]
                else "not ours"
            )
            self.stdout.write(f"{outcome['kind']} {outcome['address'] or '-'}: {whose}")
