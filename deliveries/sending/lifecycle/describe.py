"""Title and labels of a delivery, written also after it was sent; never over another's edit (reference 5.1)."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from deliveries import audit, conf
from deliveries.errors import ClientError, StateConflict
from deliveries.models import Delivery, Label
from recipients.models import User


def describe(row: Delivery, title: str, labels: Sequence[tuple[str, str]], *, version: int, actor: User) -> None:
    """Write title and labels (name, value). Raises StateConflict when somebody changed it since `version`."""
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=row.pk, version=version)
        if not mine.update(title=title, version=F("version") + 1):
            raise StateConflict("VERSION")
        write_labels(row, labels)
        audit.record(row.account_id, actor, audit.Verb.EDITED, row)


def set_label(row: Delivery, name: str, value: str, *, actor: User) -> None:
    """Give a delivery one label, written over an earlier one of that name. Raises ClientError above the most."""
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=row.pk)
        others = locked.labels.exclude(name=name).count()
        if others >= conf.MAX_LABELS:
            raise ClientError(
                "TOO_MANY_LABELS", _("a delivery has at most %s labels: take one away first") % conf.MAX_LABELS
            )
        Label.objects.update_or_create(delivery=locked, name=name, defaults={"value": value})
        Delivery.objects.filter(pk=locked.pk).update(version=F("version") + 1)
        audit.record(locked.account_id, actor, audit.Verb.EDITED, locked)


def in_one_line(value: str) -> str:
    """Return a label's value as the form shows it."""
    return " ".join(value.split())


def write_labels(row: Delivery, wanted: Sequence[tuple[str, str]]) -> None:
    """Write what differs: a value of several lines that was left alone keeps its lines."""
    kept = {label.name: label for label in row.labels.all()}
    row.labels.exclude(name__in=[name for name, _value in wanted]).delete()
    for name, value in wanted:
        if name not in kept:
            Label.objects.create(delivery=row, name=name, value=value)
        elif in_one_line(kept[name].value) != value:
            Label.objects.filter(pk=kept[name].pk).update(value=value)
