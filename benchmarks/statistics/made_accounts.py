"""An account as it looks after years, made by SQL: so many rows in each list, so many messages behind the page."""

from typing import Any, Final

from django.db import connection, models
from psycopg import sql

from benchmarks.statistics import made_deliveries
from deliveries.models import Activity, Content, Delivery, KeptFigures, Label, Message, ProcessingRun, SftpSpace
from deliveries.models.activity import Verb
from recipients import suppressions, tables
from recipients.models import BlacklistEntry, Filter, Reason

ON_A_PAGE: Final = 25
GOING_OUT: Final = 4
# Most have ended; the rest is spread over the other states, as it is where bundles come every day.
_STATE: Final = sql.SQL(
    "CASE WHEN n % 1000 < 985 THEN 'sent' WHEN n % 1000 < 992 THEN 'stopped' WHEN n % 1000 < 995 THEN 'failed'"
    " WHEN n % 1000 < 997 THEN 'ready' WHEN n % 1000 < 999 THEN 'scheduled' ELSE 'new' END"
)
_NUMBERED: Final = sql.SQL("'Offers ' || n")
_EARLIER: Final = sql.SQL("now() - n * interval '5 minutes'")


def account(name: str, rows: int, messages: int) -> Delivery:
    """Make it and return a delivery that has ended, with a quarter of the messages.

    The 25 newest deliveries share the messages; four that go out share as many again.
    """
    first = made_deliveries.delivery("Offers", ON_A_PAGE, account=name)
    _deliveries(first, rows)
    _other_lists(first, rows)
    for number in range(GOING_OUT):
        set_going(made_deliveries.delivery(f"Now {number}", messages // GOING_OUT, account=name))
    large = made_deliveries.delivery("Large", messages // GOING_OUT, account=name)
    for number in range(ON_A_PAGE):
        made_deliveries.delivery(f"Lately {number}", messages // ON_A_PAGE, account=name)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return large


def _deliveries(first: Delivery, rows: int) -> None:
    """Repeat the first with its label and the figures that are kept."""
    everybody = Filter.objects.create(
        database=first.database, name="Everybody", conditions=[{"field": "email", "op": "is_not_empty"}]
    )
    Delivery.objects.filter(pk=first.pk).update(filter=everybody, subject="For ${email}$")
    count = sql.SQL("generate_series(1, {}) AS n").format(sql.Literal(rows))
    _repeat(first, count, title=_NUMBERED, status=_STATE, created_at=_EARLIER, ended_at=_EARLIER)
    label = Label.objects.create(delivery=first, name="season", value="winter")
    others = sql.SQL("(SELECT id FROM deliveries_delivery WHERE account_id = {} AND id <> {}) AS d").format(
        sql.Literal(first.account_id), sql.Literal(first.pk)
    )
    for part in (Content.objects.get(delivery=first), KeptFigures.objects.get(delivery=first), label):
        _repeat(part, others, delivery_id=sql.SQL("d.id"))


def _other_lists(first: Delivery, rows: int) -> None:
    """Fill the lists of runs, of the blacklist, of the history, and the database with people."""
    count = sql.SQL("generate_series(1, {}) AS n").format(sql.Literal(rows))
    numbered = sql.SQL("n || '@shop.example'")
    space = SftpSpace.objects.create(account=first.account, name="Space", username=f"u{first.account_id}")
    run = ProcessingRun.objects.create(
        account=first.account, space=space, semaphore="x.ok", file="x.xml", status="SUCCESS", semaphore_gone=True,
        delivery=first,
    )  # fmt: skip
    _repeat(run, count, file=sql.SQL("n || '.xml'"), started_at=_EARLIER)
    suppressions.suppress(first.account, "0@shop.example", Reason.BY_HAND)
    entry = BlacklistEntry.objects.get(account=first.account)
    _repeat(entry, count, address=numbered, fingerprint=sql.SQL("sha256((n || '')::bytea)"))
    act = Activity.objects.create(account=first.account, verb=Verb.STARTED, delivery=first, target=first.title)
    _repeat(act, count, at=_EARLIER)
    people = sql.SQL("INSERT INTO {} (email) SELECT {} FROM {}")
    with connection.cursor() as cursor:
        cursor.execute(people.format(tables.identifier(first.database), numbered, count))


def _repeat(row: Any, of_each: sql.Composable, **values: sql.Composable) -> None:
    """Add a row like this one for each of those; `values` say what differs, by column."""
    kept = [each for each in row._meta.concrete_fields if not isinstance(each, models.AutoField)]  # noqa: SLF001
    chosen = [values.get(each.column, sql.Identifier("t", each.column)) for each in kept]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {chosen} FROM {table} AS t, {each} WHERE t.{key} = {pk}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(
                table=sql.Identifier(row._meta.db_table),  # noqa: SLF001  Django's documented _meta
                columns=sql.SQL(", ").join(sql.Identifier(each.column) for each in kept),
                chosen=sql.SQL(", ").join(chosen),
                each=of_each,
                key=sql.Identifier(row._meta.pk.column),  # noqa: SLF001
                pk=sql.Literal(row.pk),
            )
        )


def set_going(row: Delivery) -> None:
    """Let a delivery be on its way: half of its messages wait."""
    KeptFigures.objects.filter(delivery=row).delete()  # else each message would mark it stale
    Message.objects.filter(delivery=row, recipient_id__gt=(row.size or 0) // 2).update(status="pending", attempt=0)
    Delivery.objects.filter(pk=row.pk).update(status="sending", ended_at=None)
