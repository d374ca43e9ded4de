"""Where a delivery's links lead, kept per process: a click is answered while the database is away, too."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from deliveries.models import Link

MOST_DELIVERIES: Final = 100  # of 1,000 links at most

_known: OrderedDict[int, dict[int, str]] = OrderedDict()
_lock: Final = Lock()


def target_of(delivery_id: int, number: int) -> str | None:
    """Return where a link leads, None where there is no such link. Raises django.db.Error where it must ask."""
    with _lock:
        links = _known.get(delivery_id)
        if links is not None:
            _known.move_to_end(delivery_id)
    if links is None or number not in links:
        links = dict(Link.objects.filter(delivery=delivery_id).values_list("number", "url"))
        with _lock:
            _known[delivery_id] = links
            if len(_known) > MOST_DELIVERIES:
                _known.popitem(last=False)
    return links.get(number)


def forget() -> None:
    """Forget all links: the same ids are another database's."""
    with _lock:
        _known.clear()
