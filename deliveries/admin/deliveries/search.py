"""What a search for deliveries looks into (reference 5.1)."""

from typing import Final

from django.db.models import Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

from deliveries.models import Delivery, Label

FIELDS: Final = ("title", "subject", "newsletter__name", "filter__name", "run__file")


def search(rows: QuerySet[Delivery], asked: str) -> QuerySet[Delivery]:
    """Return the rows that hold each word, or "quoted words", in one of the fields, in a label, or as their id.

    Labels are looked for apart: joined, each delivery came once a label, and 100,000 had to be told apart.
    """
    for bit in smart_split(asked):
        quoted = bit[0] == bit[-1] and bit[0] in "\"'" and len(bit) > 1
        rows = rows.filter(_holds(unescape_string_literal(bit) if quoted else bit))
    return rows


def _holds(word: str) -> Q:
    labels = Label.objects.filter(Q(name__icontains=word) | Q(value__icontains=word))
    wanted = Q(pk__in=labels.values("delivery_id"))
    for field in FIELDS:
        wanted |= Q(**{f"{field}__icontains": word})
    return wanted | Q(pk__contains=word) if word.isdecimal() else wanted
