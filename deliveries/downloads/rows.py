"""What each kind of export holds, row by row, the head first; in little memory however large it is."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from deliveries.errors import ClientError
from deliveries.models import Delivery, Download
from deliveries.models.downloads import DownloadKind
from deliveries.statistics import log, people
from recipients import tables
from recipients.models import Database

_AT_ONCE: Final = 2_000  # rows in memory

Row = Sequence[Any]


def people_rows(database: Database, asked: str) -> Iterator[Row]:
    """Yield everybody of a database, ascending, or those whom the search found."""
    columns = tables.columns(database)
    yield [column.name for column in columns]
    after = 0
    while ids := tables.next_people(database, after, _AT_ONCE, asked):
        values = tables.read_values(database, ids)
        for key in ids:
            cells = [values.get(key, {}).get(column.key) for column in columns]
            yield ["" if cell is None else str(cell) for cell in cells]
        after = ids[-1]


def event_rows(delivery: Delivery) -> Iterator[Row]:
    """Yield the event log of a delivery."""
    rows = log.event_rows(Delivery.objects.filter(pk=delivery.pk).select_related("database"))
    return chain([log.COLUMNS], ([row[column] for column in log.COLUMNS] for row in rows))


def behind_rows(delivery: Delivery, figure: str) -> Iterator[Row]:
    """Yield the people behind a figure. Raises ClientError at once for a name that is not a figure."""
    rows = people.people_behind(delivery, figure)
    return chain([people.COLUMNS], ([row[column] for column in people.COLUMNS] for row in rows))


def rows_of(download: Download) -> Iterator[Row]:
    """Yield the rows of an export that was asked for. Raises ClientError DOWNLOAD_GONE where its subject went."""
    asked, mine = download.params, download.account_id
    if download.kind == DownloadKind.PEOPLE:
        database = Database.objects.filter(account=mine, pk=asked["database"]).first()
        if database is not None:
            return people_rows(database, asked["asked"])
    else:
        delivery = Delivery.objects.filter(account=mine, pk=asked["delivery"]).first()
        if delivery is not None:
            is_log = download.kind == DownloadKind.EVENTS
            return event_rows(delivery) if is_log else behind_rows(delivery, asked["figure"])
    raise ClientError("DOWNLOAD_GONE", f"what download {download.pk} is of has been deleted")
