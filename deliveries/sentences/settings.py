"""What operators choose: filters of deliveries and newsletters (reference 3.5, 5.2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    "NEWSLETTER_UNKNOWN": Sentence(_("newsletter %(id)s is not in this account; choose another")),
    "DELIVERY_UNKNOWN": Sentence(_("delivery %(id)s is not in this account; choose another")),
    "FILTER_USED": Sentence(_("filter “%(filter)s” is used by %(users)s; choose another there")),
    "FILTER_DATABASE": Sentence(
        _("filter %(filter)s belongs to another database than delivery %(delivery)s; choose one of its own")
    ),
    "LOCKED_BY_DELIVERY": Sentence(
        _("database “%(database)s” is locked by delivery %(delivery)s; wait until it is sent, or stop it")
    ),
}
