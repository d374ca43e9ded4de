"""The notice that opens of single people need a recorded basis (reference 8); transactional mail needs none."""

from typing import Any, Final

from django.db.models import Q

from deliveries.models import Content, Delivery

MOST: Final = 20
_WITHOUT: Final = Q(kind="marketing", tracking="individual", consent="unknown")


def newsletters_without_basis(newsletters: Any) -> list[Any]:
    """Return those of these newsletters whose deliveries measure single people on no recorded basis."""
    return list(newsletters.filter(_WITHOUT).order_by("name")[:MOST])


def lacks_basis(delivery: Delivery) -> bool:
    """Return whether this delivery does: as it was frozen at its start, before that by its newsletter."""
    newsletter = delivery.newsletter
    if delivery.transactional or newsletter.consent != "unknown":
        return False
    content = Content.objects.filter(delivery=delivery, html_views="parse", consent_field="").exclude(html="")
    tracking = content.values_list("tracking", flat=True).first()
    return tracking is not None and (tracking or newsletter.tracking) == "individual"
