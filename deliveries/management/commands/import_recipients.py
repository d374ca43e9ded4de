import contextlib
import json
import os
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from deliveries import conf
from deliveries.errors import ClientError, ServiceError
from deliveries.models import Delivery, DeliveryStatus
from recipients import locks
from recipients.loading import Dialect
from recipients.loading.modes import Changes, Mode, import_list
from recipients.models import Database

_ANY_SHARE = 1.0  # a person is there to read the counts; only a list without a good row is refused
_WITHOUT_PEOPLE_LOST = frozenset({Mode.INSERT, Mode.INSERT_NEW, Mode.UPDATE})


class Command(BaseCommand):
    help = "Loads people by hand into a database, from a CSV or a zip."

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
            changes = _import(database, options["file"], Mode(options["mode"]), simulate=options["simulate"])
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
    if not found and named.isascii() and named.isdigit():
        found = Database.objects.filter(pk=min(int(named), 2**63 - 1))
    if account is not None:
        found = found.filter(account__name=account)
    databases = list(found[:2])
    if len(databases) > 1:
        raise ClientError("DATABASE_AMBIGUOUS", f"several accounts have a database {named!r}: say --account NAME")
    if not databases:
        raise ClientError("DATABASE_UNKNOWN", f"there is no database {named!r}: give its name or number")
    return databases[0]


def _import(database: Database, path: Path, mode: Mode, *, simulate: bool) -> Changes:
    """Import under the database's lock; raises LockedError, ClientError."""
    if database.read_only:
        raise ClientError("READ_ONLY", f"database {database.name!r} is read-only: nothing can be loaded into it")
    with _locked(database.pk):
        if mode not in _WITHOUT_PEOPLE_LOST:
            _refuse_while_sending(database)
        return import_list(database, path, Dialect(), mode, limit=_ANY_SHARE, simulate=simulate)


@contextlib.contextmanager
def _locked(database_id: int) -> Iterator[None]:
    """Hold the database's lock for a block; a thread renews it, on a connection of its own."""
    holder = f"import by hand {os.getpid()}-{time.monotonic_ns()}"
    locks.acquire(database_id, holder, conf.LOCK_LEASE)
    done = threading.Event()

    def keep() -> None:
        while not done.wait(conf.LOCK_LEASE.total_seconds() / 3):
            locks.renew(database_id, holder, conf.LOCK_LEASE)
        connections.close_all()

    keeper = threading.Thread(target=keep, name="lock of an import")
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        locks.release(database_id, holder)


def _refuse_while_sending(database: Database) -> None:
    going = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED)
    busy = Delivery.objects.filter(database=database, status__in=going).values_list("pk", flat=True).first()
    if busy is not None:
        raise ClientError("LOCKED_BY_DELIVERY", f"locked by delivery {busy}: wait until it is sent, or stop it")
