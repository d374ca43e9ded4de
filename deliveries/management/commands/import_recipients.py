import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deliveries import audience
from deliveries.errors import ClientError, ServiceError
from recipients.ids import id_in
from recipients.loading.modes import Mode
from recipients.models import Database


class Command(BaseCommand):
    help = "Loads people by hand into a database, from a CSV, a zip or a spreadsheet (XLSX)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("database", help="name or number of the database")
        parser.add_argument("file", type=Path)
        parser.add_argument("--account", help="the account's name, when several have a database of that name")
        parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.INSERT.value)
        parser.add_argument("--simulate", action="store_true", help="count what would be done, change nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        try:
            database = _database(options["database"], options["account"])
            mode, simulate = Mode(options["mode"]), options["simulate"]
            changes = audience.import_people(database, options["file"], mode, simulate=simulate)
        except (ClientError, ServiceError) as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        except OSError as error:
            raise CommandError(f"{options['file']} can't be read: {error.strerror}") from error
        counts = {
            "good": changes.rows.good,
            "bad": changes.rows.bad,
            "inserted": changes.inserted,
            "updated": changes.updated,
            "deleted": changes.deleted,
        }
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(", ".join(f"{count} {word}" for word, count in counts.items()))
        for fault in changes.rows.faults[:20]:
            where = f", column {fault.column}" if fault.column else ""
            self.stdout.write(f"line {fault.line}{where}: {fault.code} {fault.reason} ('{fault.excerpt}')")


def _database(named: str, account: str | None) -> Database:
    found = Database.objects.filter(name=named)
    if not found:
        found = Database.objects.filter(pk=id_in(named) or 0)
    if account is not None:
        found = found.filter(account__name=account)
    databases = list(found[:2])
    if len(databases) > 1:
        raise ClientError("DATABASE_AMBIGUOUS", f"several accounts have a database {named!r}: say --account NAME")
    if not databases:
        raise ClientError("DATABASE_UNKNOWN", f"there is no database {named!r}: give its name or number")
    return databases[0]
