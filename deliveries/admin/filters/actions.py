"""What can be done with a filter, and whom it picks."""

from copy import copy
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from deliveries import audience
from deliveries.audience.behaviour import kinds
from recipients import audit, filtering, tables
from recipients.admin.dialogs import Dialog, Question
from recipients.errors import ClientError
from recipients.models import Filter, User

SHOWN: Final = 50


def _archived(row: Filter) -> bool:
    return row.archived_at is not None


def _archive(row: Filter, user: User, _data: dict[str, Any]) -> str:
    with transaction.atomic():
        if audience.archive_filter(row):
            audit.record(row.database.account_id, user, audit.Verb.FILTER_ARCHIVED, row)
    return _("«%(name)s» is archived.") % {"name": row.name}


def _restore(row: Filter, user: User, _data: dict[str, Any]) -> str:
    with transaction.atomic():
        if filtering.restore(row):
            audit.record(row.database.account_id, user, audit.Verb.FILTER_RESTORED, row)
    return _("«%(name)s» is back.") % {"name": row.name}


def _delete(row: Filter, user: User, _data: dict[str, Any]) -> str:
    with transaction.atomic():
        kept = copy(row)  # a deleted row has no id any more
        gone = audience.delete_filter(row)
        verb = audit.Verb.FILTER_DELETED if gone else audit.Verb.FILTER_ARCHIVED
        audit.record(row.database.account_id, user, verb, kept)
    if gone:
        return _("«%(name)s» is deleted.") % {"name": row.name}
    return _("«%(name)s» is archived: deliveries that went out with it still name it.") % {"name": row.name}


def picked(row: Filter, *, people: bool) -> dict[str, Any]:
    """Return count, column names, the first rows' values (for those who may see people) and the users."""
    database = row.database
    names = [column.name for column in tables.columns(database)]
    try:
        predicate = filtering.predicate_of(row, further=kinds(database))
        count = filtering.count(database, predicate)
        first = filtering.sample(database, predicate, SHOWN) if people else []
    except ClientError as error:
        return {"problem": error.message, "used_by": audience.filter_used_by(row)}
    values = tables.read_values(database, first)
    lines = [[values[key].get(name.lower()) for name in names] for key in first if key in values]
    return {
        "count": count,
        "names": names,
        "lines": lines,
        "people": people,
        "used_by": audience.filter_used_by(row),
    }


DIALOGS: Final = (
    Dialog(
        "archive",
        pgettext_lazy("verb", "Archive"),
        "archive",
        lambda row: Question(
            _("Archive «%(name)s»?") % {"name": row.name},
            [_("No new delivery can use it. One that a waiting delivery uses stays.")],
        ),
        _archive,
        offered=lambda row: not _archived(row),
    ),
    Dialog(
        "restore",
        lazy("Restore"),
        "unarchive",
        lambda row: Question(_("Bring «%(name)s» back?") % {"name": row.name}),
        _restore,
        offered=_archived,
    ),
    Dialog(
        "delete",
        lazy("Delete"),
        "delete",
        lambda row: Question(
            _("Delete «%(name)s»?") % {"name": row.name},
            [_("One that something uses stays; one of past deliveries is archived.")],
        ),
        _delete,
        offered=lambda row: not row.automatic,
        variant="danger",
        leaves=True,
    ),
)
