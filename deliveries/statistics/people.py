"""The people behind a figure of a delivery, streamed: pages and files ask here (reference 6)."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from deliveries.errors import ClientError
from deliveries.models import Action, Delivery, Event, LinkVisit, Message, Origin
from deliveries.models.messages import CLICKED, OPENED
from deliveries.statistics.figures import OUTCOMES
from recipients import tables

COLUMNS: Final = ("recipient", "userID", "messageStatus", "outcomeDate", "bounceCategory", "reply")
LINK: Final = "link:"  # with a link's number, or the key of an address in people's own pages
_CHUNK: Final = 5_000

_VIEWED: Final = Q(first_view_at__isnull=False)
_VISITED: Final = Q(first_web_at__isnull=False)


def _has(action: Action, origin: Origin | None = None) -> Q:
    # The delivery too: a figure that few have is then found from their events, whatever other deliveries had.
    found = Event.objects.filter(delivery=OuterRef("delivery"), message=OuterRef("pk"), action=action)
    return Q(Exists(found if origin is None else found.filter(origin=origin)))


_BEHIND: Final[Mapping[str, Q]] = {
    "size": Q(),
    **{
        figure: Q(status__in=[status for status, name in OUTCOMES.items() if name == figure])
        for figure in dict.fromkeys(OUTCOMES.values())
    },
    "views": _VIEWED,
    "unique_views": OPENED,
    "hidden_views": OPENED & ~_VIEWED,
    "web_views": _VISITED,
    "clicks": CLICKED,
    "unique_clicks": CLICKED,
    "machine_views": _has(Action.VIEW, Origin.MACHINE),
    "machine_clicks": _has(Action.CLICK, Origin.MACHINE),
    "blacklisted": _has(Action.ENTERED_PERMANENT),
    "temporary_blacklisted": _has(Action.ENTERED_TEMPORARY),
    "unsubscribed": _has(Action.OPT_OUT),
    "list_unsubscribed": _has(Action.LIST_UNSUBSCRIBE),
    "complaints": _has(Action.FEEDBACK_LOOP),
}


def messages_behind(delivery: Delivery, figure: str) -> QuerySet[Message]:
    """Return the messages that a figure counts, or whose person clicked a link ("link:3").

    Raises ClientError for a name that is not a figure.
    """
    mine = Message.objects.filter(delivery=delivery)
    if figure.startswith(LINK):
        visits = LinkVisit.objects.filter(
            delivery=OuterRef("delivery"), message_id=OuterRef("pk"), key=figure.removeprefix(LINK)
        )
        return mine.filter(Exists(visits))
    if figure not in _BEHIND:
        raise ClientError("NO_FIGURE", _("“%s” is not a figure; choose one of the report's") % figure[:40])
    return mine.filter(_BEHIND[figure])


def some_of(messages: QuerySet[Message], after: int | None, most: int) -> tuple[list[Message], int | None]:
    """Return the next of a delivery's messages behind the person `after`, and who is last of them if more follow.

    By person, as the index of a delivery has them: by id, PostgreSQL reads the messages of all older ones.
    """
    further = messages if after is None else messages.filter(recipient_id__gt=after)
    found = list(further.order_by("recipient_id")[: most + 1])
    return found[:most], found[most - 1].recipient_id if len(found) > most else None


def people_behind(delivery: Delivery, figure: str) -> Iterator[dict[str, str]]:
    """Yield a row of COLUMNS for each person, in little memory. Raises ClientError at once."""
    return _rows(delivery, messages_behind(delivery, figure))


def _rows(delivery: Delivery, messages: QuerySet[Message]) -> Iterator[dict[str, str]]:
    ids = Message.objects.filter(delivery=delivery)
    last = ids.order_by("-id").values_list("id", flat=True).first() or 0
    after = 0
    while chunk := list(messages.filter(id__gt=after, id__lte=last).order_by("id")[:_CHUNK]):
        after = chunk[-1].pk
        names = tables.read_names(delivery.database, [message.recipient_id for message in chunk])
        for message in chunk:
            yield {
                "recipient": message.recipient,
                "userID": message.recipient if message.is_erased else names.get(message.recipient_id, ""),
                "messageStatus": message.status,
                "outcomeDate": message.outcome_at.isoformat() if message.outcome_at else "",
                "bounceCategory": "" if message.category is None else str(message.category),
                "reply": message.reply,
            }
