"""Recipients chosen by hand: two filters together, or a list that is loaded for one delivery (reference 5.4)."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries.audience.filters import check_filter, delete_filter
from deliveries.audience.importing import locked
from deliveries.errors import ClientError
from deliveries.models import Delivery
from recipients import tables
from recipients.conf import CODE_FIELD
from recipients.loading import Dialect, LoadResult, load_csv
from recipients.models import Database, Filter

_BAD_ROWS: Final = 0.1  # as a space allows where it says nothing else


def combine(database: Database, first: Filter, second: Filter, match: str) -> Filter:
    """Return the filter of those who are in both ("all") or in either ("any"): the same two always have the same.

    Raises ClientError.
    """
    conditions = [{"kind": "in_filter", "id": first.pk}, {"kind": "in_filter", "id": second.pk}]
    check_filter(database, match, conditions)
    same = Filter.objects.filter(database=database, match=match, conditions=conditions, automatic=True)
    there = same.filter(archived_at=None).first()
    if there is not None:
        return there
    joined = _("%(a)s and %(b)s") if match == "all" else _("%(a)s or %(b)s")
    name = joined % {"a": first.name[:80], "b": second.name[:80]}
    return Filter.objects.create(
        database=database,
        name=f"{name} {timezone.localtime(timezone.now(), database.account.zone):%Y-%m-%d %H:%M:%S}",
        match=match,
        conditions=conditions,
        automatic=True,
    )


def new_filter(database: Database, name: str, match: str, conditions: list[Any], *, unnamed: str) -> Filter:
    """Return a filter of these conditions, kept under its name; without one it serves one delivery alone.

    `unnamed` says then whom it picks; others may be called the same.

    Raises ClientError for a condition that can't be, and for a name that is taken.
    """
    check_filter(database, match, conditions)
    if name and Filter.objects.filter(database=database, name=name).exists():
        raise ClientError("FILTER_NAME", _("The database has a filter of this name already: choose another."))
    return Filter.objects.create(
        database=database, name=name or unnamed[:300], match=match, conditions=conditions, automatic=not name
    )


def forget_unused(left: Filter) -> None:
    """Delete a filter made for a draft that nothing uses any more; a list's goes on naming its rows."""
    fields = {str(each.get("field", "")).lower() for each in left.conditions if isinstance(each, dict)}
    if left.automatic and CODE_FIELD.lower() not in fields:
        with suppress(ClientError):
            delete_filter(left)


def load_list(delivery: Delivery, path: Path, name: str) -> tuple[Filter, LoadResult]:
    """Load a list into the delivery's database under its lock, and return the filter of its rows.

    As a bundle's CSV. Raises ClientError (BadRowsError where too many rows are bad), LockedError.
    """
    database = delivery.database
    if database.read_only:
        raise ClientError("READ_ONLY", _("The database is read-only: nothing can be loaded into it."))
    if tables.code_column(database) is None:
        said = _("The database has no field %s, which tells the rows of a list: add it, or choose a filter.")
        raise ClientError("NO_CODE_FIELD", said % CODE_FIELD)
    now = timezone.localtime(timezone.now(), database.account.zone)
    code = f"HAND-{delivery.pk}-{now:%Y%m%d%H%M%S%f}"
    made: list[Filter] = []

    def within(_result: LoadResult) -> None:
        made.append(
            Filter.objects.create(
                database=database,
                name=f"{name[:200]} {now:%Y-%m-%d %H:%M:%S}",
                conditions=[{"field": CODE_FIELD, "op": "equals", "value": code}],
                automatic=True,
            )
        )

    with locked(database.pk), transaction.atomic():
        result = load_csv(database, path, Dialect(), code=code, limit=_BAD_ROWS, within=within)
    return made[0], result
