"""What a filter is written with: fields and their operators, in words, and the things that behaviour refers to."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

from deliveries.models import Delivery, DeliveryStatus, Newsletter
from recipients import tables
from recipients.field_types import FIELD_TYPES
from recipients.filtering import operator_in_words
from recipients.models import Database, FieldType, Filter

_SAME: Final = ("equals", "different")
_LISTS: Final = ("in", "not_in", "is_empty", "is_not_empty")
_BY_FAMILY: Final[dict[str, tuple[str, ...]]] = {
    "text": (*_SAME, "contains", "not_contains", "starts_with", *_LISTS),
    "number": (*_SAME, "greater", "greater_or_equal", "less", "less_or_equal", *_LISTS),
    "day": (*_SAME, "greater", "greater_or_equal", "less", "less_or_equal", *_LISTS),
    "yes_no": ("equals", "is_empty", "is_not_empty"),
}
KIND_WORDS: Final[dict[str, tuple[StrOrPromise, StrOrPromise, str]]] = {
    # kind: (did, did not, the list that its id comes from)
    "subscribed": (lazy("subscribed to newsletter"), lazy("did not subscribe to newsletter"), "newsletters"),
    "received": (lazy("received delivery"), lazy("did not receive delivery"), "deliveries"),
    "opened": (lazy("opened delivery"), lazy("did not open delivery"), "deliveries"),
    "clicked": (lazy("clicked in delivery"), lazy("did not click in delivery"), "deliveries"),
    "in_filter": (lazy("is in filter"), lazy("is not in filter"), "filters"),
}
# The newest of what a person chooses from; an older one that a filter names stays as it is.
MOST_OFFERED: Final = 200


def operators_of(kind: str) -> tuple[str, ...]:
    """Return the operators that a field of this type has (reference 3.5)."""
    return _BY_FAMILY[FIELD_TYPES[FieldType(kind)].family]


def operator_words(kind: str, operator: str) -> str:
    """Return the operator as a sentence has it."""
    return operator_in_words(FieldType(kind), operator).say()


def vocabulary(database: Database, *, own: int | None = None) -> dict[str, Any]:
    """Return all that the builder offers for a database; `own` is the filter that is being changed."""
    fields = [
        {
            "name": column.name,
            "type": str(column.type),
            "operators": [{"op": op, "words": operator_words(column.type, op)} for op in operators_of(column.type)],
        }
        for column in tables.columns(database)
    ]
    kinds = [
        {"kind": kind, "is": str(did), "is_not": str(did_not), "choices": choices}
        for kind, (did, did_not, choices) in KIND_WORDS.items()
    ]
    return {
        "fields": fields,
        "kinds": kinds,
        "choices": {
            "newsletters": _named(Newsletter.objects.filter(account=database.account_id).order_by("name"), "name"),
            "deliveries": _named(_went_out(database), "title"),
            "filters": _named(_other_filters(database, own), "name"),
        },
        "words": _words(),
    }


def _went_out(database: Database) -> Any:
    started = (DeliveryStatus.SENDING, DeliveryStatus.PAUSED, DeliveryStatus.SENT, DeliveryStatus.STOPPED)
    return Delivery.objects.filter(account=database.account_id, type="normal", status__in=started).order_by("-id")


def _other_filters(database: Database, own: int | None) -> Any:
    return (
        Filter.objects.filter(database=database, automatic=False, archived_at=None)
        .exclude(pk=own or 0)
        .order_by("name")
    )


def _named(rows: Any, name: str) -> list[dict[str, Any]]:
    return [{"id": pk, "name": text[:120]} for pk, text in rows.values_list("pk", name)[:MOST_OFFERED]]


def _words() -> dict[str, str]:
    return {
        "all": _("all of these hold"),
        "any": _("at least one of these holds"),
        "what": _("What is looked at"),
        "how": _("How it is compared"),
        "value": _("Value"),
        "several": _("several, with commas between"),
        "yes": _("yes"),
        "no": _("no"),
        "fields": _("Fields"),
        "behaviour": _("What people did"),
        "add": _("Add a condition"),
        "group": _("Add a group"),
        "remove": _("Remove"),
        "gone": _("number %(id)s"),
    }
