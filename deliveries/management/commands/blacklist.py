import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from deliveries import audit
from recipients import addresses, suppressions
from recipients.audit import Verb
from recipients.errors import ClientError
from recipients.models import Account, BlacklistEntry, Reason


class Command(BaseCommand):
    help = "Looks an address up in an account's blacklist, enters it, or takes it off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["show", "add", "remove"])
        parser.add_argument("address", metavar="ADDRESS")
        parser.add_argument("--account", required=True, metavar="NAME", help="the account's name")
        parser.add_argument("--why", default="", help="kept with the entry and in the history")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        account = Account.objects.filter(name=options["account"]).first()
        if account is None:
            raise CommandError(f"ACCOUNT_UNKNOWN: there is no account {options['account']!r}: give its name")
        try:
            key = addresses.normalise(options["address"])
        except ClientError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        if options["act"] != "show":
            _change(options["act"], account, key, options["why"])
        state = suppressions.state_of(account, key)
        shown = {
            "address": key,
            "state": state.name,
            "reason": None if state.reason is None else int(state.reason),
            "until": state.until.isoformat() if state.until else None,
            "count": state.count,
        }
        if options["json"]:
            self.stdout.write(json.dumps(shown))
            return
        why = f" ({state.reason.label})" if state.reason else ""
        until = f" until {state.until:%Y-%m-%d %H:%M %Z}" if state.until else ""
        self.stdout.write(f"{key}: {state.name}{why}{until}, {state.count} bounces in a row")


def _change(act: str, account: Account, key: str, why: str) -> None:
    """Change the list and its history together; what is so already is neither changed nor recorded."""
    with transaction.atomic():
        entries = BlacklistEntry.objects.filter(account=account, fingerprint=suppressions.fingerprint(key))
        if act == "add" and suppressions.suppress(account, key, Reason.BY_HAND, note=why):
            audit.record(account.pk, None, Verb.BLACKLIST_ADDED, entries.get(), {"why": why})
        if act == "remove" and (entry := entries.first()) is not None and suppressions.lift(account, key):
            audit.record(account.pk, None, Verb.BLACKLIST_REMOVED, entry, {"why": why})
