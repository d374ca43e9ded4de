import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries.intake.rehearsal.answer import Rehearsal
from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import SftpSpace
from recipients.models import Account


class Command(BaseCommand):
    help = "Tells whether a bundle (the XML and the files beside it) would be accepted; change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the XML")
        parser.add_argument("--account", help="the account's name; without it, the account of the file's suid")
        parser.add_argument("--space", help="the space's name; without it, the account's first")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, **options: Any) -> None:
        path = Path(options["file"])
        if not path.is_file():
            raise CommandError(f"{path} is not there")
        account, space = _where(options["account"], options["space"])
        answer = rehearse(path, account, space)
        if options["json"]:
            self.stdout.write(json.dumps(answer.as_json(), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(answer)))
        if not answer.accepted:
            raise CommandError(answer.errors[0].message)


def _where(account_name: str | None, space_name: str | None) -> tuple[Account | None, SftpSpace | None]:
    account = None
    if account_name is not None:
        account = Account.objects.filter(name=account_name).first()
        if account is None:
            raise CommandError(f"account {account_name!r} does not exist")
    if space_name is None:
        return account, None
    spaces = SftpSpace.objects.select_related("account").filter(name=space_name)
    found = list(spaces.filter(account=account) if account else spaces)
    if len(found) != 1:
        why = "is in several accounts: name one with --account" if found else "does not exist"
        raise CommandError(f"space {space_name!r} {why}")
    return account, found[0]


def _lines(answer: Rehearsal) -> list[str]:
    """Return the answer for a person; the first error goes to standard error instead."""
    lines = [f"{error.code}: {error.message}" for error in answer.errors[1:]]
    lines += [f"note: {warning}" for warning in answer.warnings]
    if answer.accepted:
        lines.append(f"accepted: {answer.normal} recipients, {answer.test} for test, {answer.bad} bad rows")
        lines += [f"{mail.to}: {mail.subject}" for mail in answer.preview]
    return lines
