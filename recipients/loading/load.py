"""Recipients into their database's table, in one transaction (reference 3.2, 3.3)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from recipients import conf, tables
from recipients.errors import ClientError
from recipients.field_types import typed
from recipients.loading import inline
from recipients.loading.checking import RowChecker, copy_text
from recipients.loading.copying import copying, rare_collections
from recipients.loading.dialect import Dialect
from recipients.loading.inline import InlineRecipient
from recipients.loading.opening import opened
from recipients.loading.records import Batch
from recipients.loading.results import LoadResult, Tally
from recipients.models import Database, FieldType
from recipients.tables import Column

_SAMPLES: Final = 5  # rows that a check shows
_PROGRESS: Final = 10_000  # rows between two commits of how far it is

Progress = Callable[[int], None]
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a load is asked: the share of bad rows allowed, the account's zone, the code, the most rows to take.

    Rows beyond `at_most` are ignored, beyond `most_rows` an error.
    """

    limit: float
    zone: tzinfo
    code: str | None = None
    at_most: int | None = None
    progress: Progress = lambda _rows: None
    most_rows: int = conf.MAX_ROWS


def load_csv(  # noqa: PLR0913  the seam that the stages call; each is a different thing
    database: Database,
    path: Path,
    dialect: Dialect,
    *,
    code: str | None = None,
    limit: float,
    at_most: int | None = None,
    progress: Progress | None = None,
    within: Callable[[LoadResult], None] | None = None,
) -> LoadResult:
    """Append a CSV's good rows to the database's table, tagged with `code`.

    `limit` is the share of bad rows allowed (0.1 is 10 %); `at_most` rows are taken, the rest is ignored.
    `progress` gets the rows checked so far; `within` gets the result inside the transaction. Raises ClientError
    (BadRowsError when too many rows are bad) and ServiceError; nothing is stored then.
    """
    terms = Terms(limit, database.account.zone, code, at_most, progress or (lambda _rows: None))
    columns = tables.columns(database)
    with opened(path, dialect, columns, tables.address_column(database)) as table, transaction.atomic():
        tally = Tally()
        batches = table.records.batches(tally.add)
        result = _store(database, table.columns, batches, tally, terms)
        if within:
            within(result)
    return result


def load_inline(  # noqa: PLR0913  the same seam
    database: Database,
    recipients: Sequence[InlineRecipient],
    *,
    code: str | None = None,
    limit: float,
    at_most: int | None = None,
    progress: Progress | None = None,
    within: Callable[[LoadResult], None] | None = None,
) -> LoadResult:
    """Append recipients written in the XML; the rest is as load_csv."""
    terms = Terms(limit, database.account.zone, code, at_most, progress or (lambda _rows: None))
    named, batches = inline.table(recipients, tables.columns(database), tables.address_column(database))
    with transaction.atomic():
        result = _store(database, named, batches, Tally(), terms)
        if within:
            within(result)
    return result


def check_csv(  # noqa: PLR0913  what a load is asked, without a database
    columns: Sequence[Column],
    path: Path,
    dialect: Dialect,
    limit: float,
    *,
    zone: tzinfo,
    at_most: int | None = None,
    most_rows: int = conf.MAX_ROWS,
) -> LoadResult:
    """Check a CSV as load_csv does and store nothing; `samples` holds the first good rows.

    `zone` is the account's, in whose clock a time that gives its offset is stored.
    """
    with opened(path, dialect, columns, _address(columns)) as table:
        tally = Tally()
        samples: list[Mapping[str, object]] = []
        for rows in good_rows(
            table.columns,
            table.records.batches(tally.add),
            tally,
            Terms(limit, zone, None, at_most, most_rows=most_rows),
        ):
            _sample(table.columns, rows, samples)
        return tally.settle(limit, tuple(samples))


def check_inline(
    columns: Sequence[Column],
    recipients: Sequence[InlineRecipient],
    limit: float,
    *,
    zone: tzinfo,
    at_most: int | None = None,
) -> LoadResult:
    """Check recipients written in the XML and store nothing."""
    named, batches = inline.table(recipients, columns, _address(columns))
    tally = Tally()
    samples: list[Mapping[str, object]] = []
    for rows in good_rows(named, batches, tally, Terms(limit, zone, None, at_most)):
        _sample(named, rows, samples)
    return tally.settle(limit, tuple(samples))


def _address(columns: Sequence[Column]) -> str:
    return next(column.name for column in columns if column.type == FieldType.EMAIL)


def _sample(columns: Sequence[Column], rows: Rows, samples: list[Mapping[str, object]]) -> None:
    for row in rows[: _SAMPLES - len(samples)]:
        cells = zip(columns, row, strict=True)
        samples.append({column.name.lower(): typed(column.type, cell) for column, cell in cells})


def good_rows(columns: Sequence[Column], batches: Iterable[Batch], tally: Tally, terms: Terms) -> Iterator[Rows]:
    """Yield converted rows up to the most that were asked for; `tally` counts."""
    checker = RowChecker(columns, terms.zone)
    reported = 0
    for batch in batches:
        if terms.at_most is not None:
            # Before they are checked: an ignored row is neither good nor bad.
            _cut(batch, max(0, terms.at_most - tally.seen), tally)
        if batch.rows:
            rows = checker.check(batch, tally.add)
            tally.good += len(rows)
            yield rows
        if tally.seen > terms.most_rows:  # the batch may be over by its own size, nothing of which is stored
            raise ClientError("CSV_TOO_MANY_ROWS", most=terms.most_rows)
        if tally.seen - reported >= _PROGRESS:
            reported = tally.seen
            terms.progress(reported)


def _cut(batch: Batch, room: int, tally: Tally) -> None:
    tally.ignored += max(0, len(batch.rows) - room)
    del batch.rows[room:], batch.lines[room:]


def _store(
    database: Database, columns: Sequence[Column], batches: Iterable[Batch], tally: Tally, terms: Terms
) -> LoadResult:
    names = [column.name for column in columns]
    if terms.code is not None:
        names.append(_code_column(database))
    with copying(tables.identifier(database), names) as write, rare_collections():
        for rows in good_rows(columns, batches, tally, terms):
            write(copy_text(rows, terms.code))
    result = tally.settle(terms.limit)
    Database.objects.filter(pk=database.pk).update(last_loaded_at=timezone.now())
    return result


def _code_column(database: Database) -> str:
    name = tables.code_column(database)
    if name is None:
        raise ClientError("NO_CODE_FIELD", database=database.pk)
    return name
