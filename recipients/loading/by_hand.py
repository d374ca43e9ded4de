"""Import by hand as one call, whatever the size of the list (reference 3.3)."""

from pathlib import Path
from typing import Final

from django.db import DataError, IntegrityError, OperationalError, transaction

from recipients.errors import ClientError, ServiceError
from recipients.loading.dialect import Dialect
from recipients.loading.modes import Changes, Mode, Progress, Refuse, import_list
from recipients.loading.outcome import PeopleResult
from recipients.loading.resource import resource_for
from recipients.loading.upload import MAX_BYTES, MAX_ROWS, read_upload
from recipients.models import Database

_IN_MEMORY: Final = (MAX_BYTES, MAX_ROWS)


def import_by_hand(  # noqa: PLR0913  what a person chooses on the page
    database: Database,
    path: Path,
    dialect: Dialect,
    mode: Mode,
    *,
    limit: float,
    simulate: bool = False,
    progress: Progress = lambda _rows: None,
    refuse: Refuse = lambda _database: None,
    in_memory: tuple[int, int] = _IN_MEMORY,
) -> Changes:
    """Import a list by django-import-export, or by COPY when it is over `in_memory` bytes or rows.

    `limit` is the share of bad rows allowed; a simulation changes nothing; `refuse` is asked last, as import_list
    says. Raises ClientError, BadRowsError, ServiceError. The lock is the caller's to hold.
    """
    upload = read_upload(database, path, dialect, mode, most=in_memory)
    if upload is None:
        return import_list(
            database, path, dialect, mode, limit=limit, simulate=simulate, progress=progress, refuse=refuse
        )
    with transaction.atomic():
        result = resource_for(database)(mode, limit=limit).import_data(upload, dry_run=simulate)
        changes = _changes(result)
        refuse(database)
        return changes


def _changes(result: PeopleResult) -> Changes:
    """Return what was done; raises the first thing that went wrong, as loading would."""
    for failure in result.base_errors:
        error = failure.error
        if isinstance(error, ClientError):
            raise error
        if isinstance(error, (OperationalError, DataError, IntegrityError)):
            raise ServiceError("DATABASE", words=str(error)) from error
        raise error
    for _number, failures in result.row_errors():
        raise failures[0].error
    return result.changes
