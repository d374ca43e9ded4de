"""Points about whom it reaches: how many against the usual, whose fields are empty, who had a mail yesterday."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from statistics import median
from typing import Any, Final

from django.db import connection
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from deliveries import audience
from deliveries.models import Delivery
from deliveries.sending.lifecycle.preflight.findings import Finding, Level
from recipients import tables
from recipients.filtering import ROW

_LAST: Final = 3  # deliveries of the newsletter, whose median is its usual size
_TIMES: Final = 3  # as many more or fewer than usual are worth a look
_LATELY: Final = timedelta(hours=24)
_EMPTY: Final = "SELECT {counts} FROM {people} AS {row} WHERE {selected}"
_REPEATED: Final = (
    "SELECT count({row}.{address}) - count(DISTINCT lower({row}.{address})) FROM {people} AS {row} WHERE {selected}"
)
_WRITTEN_TO: Final = """
SELECT count(*) FROM (
    SELECT DISTINCT lower({row}.{address}) AS key FROM {people} AS {row} WHERE {selected}
) AS chosen WHERE EXISTS (
    SELECT FROM deliveries_message AS m
     WHERE m.delivery_id = ANY(%s) AND m.status = 'delivered' AND lower(m.address) = chosen.key)
"""


def findings(delivery: Delivery, expected: audience.Expected) -> Iterator[Finding]:
    """Yield the points about numbers of people."""
    n = _grouped(expected.reached)
    if not expected.reached:
        yield Finding(
            Level.STOP, "NOBODY", _("Nobody would get it: choose other recipients, or load them."), "recipients"
        )
        return
    usual = _usual(delivery)
    if usual and not usual / _TIMES <= expected.reached <= usual * _TIMES:
        said = ngettext(
            "It goes to %(n)s person; the last ones of this newsletter went to about %(usual)s.",
            "It goes to %(n)s people; the last ones of this newsletter went to about %(usual)s.",
            expected.reached,
        )
        yield Finding(Level.LOOK, "UNUSUAL", said % {"n": n, "usual": _grouped(usual)}, "recipients")
    else:
        said = ngettext("It goes to %(n)s person.", "It goes to %(n)s people.", expected.reached)
        yield Finding(Level.FINE, "PEOPLE", said % {"n": n}, "recipients")
    if expected.repeated == 0 and not delivery.remove_duplicates:
        repeated = _repeated(delivery)
        if repeated:
            said = ngettext(
                "%(n)s address is there more than once: each of its rows gets one.",
                "%(n)s addresses are there more than once: each of their rows gets one.",
                repeated,
            )
            yield Finding(Level.LOOK, "REPEATED", said % {"n": _grouped(repeated)}, "recipients")
    lately = _written_to_lately(delivery)
    if lately:
        said = ngettext(
            "%(n)s of them had a mail from you in the last 24 hours.",
            "%(n)s of them had a mail from you in the last 24 hours.",
            lately,
        )
        yield Finding(Level.LOOK, "LATELY", said % {"n": _grouped(lately)}, "recipients")


def unfilled(delivery: Delivery, used: Collection[str]) -> Iterator[Finding]:
    """Yield a point for each field that the message shows and that is empty for some of them."""
    columns = [column for column in tables.columns(delivery.database) if column.name.lower() in used]
    if not columns:
        return
    counts = sql.SQL(", ").join(
        sql.SQL("count(*) FILTER (WHERE nullif({}::text, '') IS NULL)").format(sql.Identifier(ROW, column.name))
        for column in columns
    )
    found = _ask(delivery, _EMPTY, counts)
    for column, count in zip(columns, found, strict=True):
        if count:
            said = _("“%(field)s” is empty for %(n)s of them.")
            yield Finding(Level.LOOK, "EMPTY", said % {"field": column.name, "n": _grouped(count)})


def _usual(delivery: Delivery) -> int:
    past = Delivery.objects.filter(newsletter=delivery.newsletter_id, type="normal", started_at__isnull=False)
    sizes = list(past.order_by("-started_at").values_list("size", flat=True)[:_LAST])
    return int(median([size for size in sizes if size] or [0])) if len(sizes) == _LAST else 0


def _repeated(delivery: Delivery) -> int:
    return _ask(delivery, _REPEATED)[0]


def _written_to_lately(delivery: Delivery) -> int:
    since = timezone.now() - _LATELY
    past = Delivery.objects.filter(account=delivery.account_id, type="normal", started_at__gt=since)
    ids = list(past.exclude(pk=delivery.pk).values_list("pk", flat=True))
    return _ask(delivery, _WRITTEN_TO, None, ids)[0] if ids else 0


def _ask(delivery: Delivery, shape: str, counts: sql.Composable | None = None, *more: Any) -> tuple[int, ...]:
    """Ask a question over the rows that the filters select. Raises ClientError when one can't be used."""
    selected = audience.predicate(delivery)
    query = sql.SQL(shape).format(
        row=sql.Identifier(ROW),
        address=sql.Identifier(tables.address_column(delivery.database)),
        people=tables.identifier(delivery.database),
        selected=selected.sql,
        counts=counts or sql.SQL(""),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, (*selected.parameters, *more))
        return tuple(cursor.fetchone())


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
