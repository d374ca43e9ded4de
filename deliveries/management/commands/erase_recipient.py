import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.privacy.erasure import erase
from recipients import addresses
from recipients.errors import ClientError
from recipients.models import Account


class Command(BaseCommand):
    help = "Erases a person: their data goes from everything we hold, the counts stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", metavar="ADDRESS")
        parser.add_argument("--account", required=True, metavar="NAME", help="the account's name")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        account = Account.objects.filter(name=options["account"]).first()
        if account is None:
            raise CommandError(f"ACCOUNT_UNKNOWN: there is no account {options['account']!r}: give its name")
        try:
            found = erase(account, addresses.normalise(options["address"]))
        except ClientError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        if options["json"]:
            shown = {"erased": f"erased-{found.number}", "removed": found.removed, "not_reached": found.not_reached}
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
            return
        counts = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in found.removed.items())
        self.stdout.write(f"erased-{found.number}: {counts}")
        for left in found.not_reached:
            self.stdout.write(f"not reached: {left}")
