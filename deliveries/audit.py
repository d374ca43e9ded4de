"""The audit log: one line for each act of a person, or of the product by itself (reference 9)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import structlog
from django.db import connection, transaction
from django.db.models import Model

from deliveries.models import Activity, Delivery, ProcessingRun, SftpSpace
from deliveries.models.activity import Verb as Verb
from recipients.audit import Verb as ListVerb
from recipients.models import User


def record(
    account_id: int | None,
    actor: User | None,
    verb: Verb | ListVerb,
    target: Model | None = None,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Write one line, in the caller's transaction; `actor` None is the product, `params` hold JSON's types."""
    entry = entry_of(account_id, actor, verb, target, params)
    entry.save()
    transaction.on_commit(partial(_log, entry))


def _log(entry: Activity) -> None:
    """Write one line of numbers: the names and values are for those who may read the audit log."""
    ids = {"delivery": entry.delivery_id, "run": entry.run_id, "space": entry.space_id}
    structlog.get_logger(__name__).info(
        str(entry.verb), account=entry.account_id, person=entry.actor_id, target=entry.target_type,
        target_id=entry.target_id, **{name: number for name, number in ids.items() if number},
    )  # fmt: skip


def label_of(verb: str) -> str:
    """Return what was done in the reader's language; a verb of an older release is returned as it was written."""
    for verbs in (Verb, ListVerb):
        if verb in verbs.values:
            return str(verbs(verb).label)
    return verb


def entry_of(
    account_id: int | None,
    actor: User | None,
    verb: Verb | ListVerb,
    target: Model | None = None,
    params: Mapping[str, Any] | None = None,
) -> Activity:
    """Return the line unsaved, for those who write many at once."""
    entry = Activity(account_id=account_id, actor=actor, verb=verb, params=dict(params or {}))
    if target is not None:
        entry.target_type = target._meta.model_name or ""  # noqa: SLF001  Django's documented name
        entry.target_id = target.pk
        entry.target = str(target)[:500]
    match target:
        case Delivery():
            entry.delivery = target
        case ProcessingRun():
            entry.run, entry.space_id = target, target.space_id
        case SftpSpace():
            entry.space = target
    return entry


@contextmanager
def opened_for(purpose: Literal["prune", "erase"]) -> Iterator[None]:
    """Let lines be deleted or changed in this transaction; at any other time the database refuses it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('xmld.audit_opened_for', %s, true)", [purpose])
        yield
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('xmld.audit_opened_for', '', true)")
