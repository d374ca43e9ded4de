"""The event log: one row an event, at least one a message (reference 6, Event log)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from deliveries.models import Action, Delivery, Event, Link, Message, MessageStatus, Origin
from recipients import tables

COLUMNS: Final = (
    "recipient", "mailqID", "userID", "deliveryID", "deliveryDate", "actionDate", "actionIP", "deliveryStatus",
    "actionType", "actionClassification", "actionRefID", "messageStatus", "actionOrigin",
)  # fmt: skip
Row = dict[str, str]

_CODES: Final[Mapping[str, int]] = {
    MessageStatus.DELIVERED: 1,
    MessageStatus.BOUNCED: -1,
    MessageStatus.ERROR: -2,
    MessageStatus.EXPIRED: -2,
    MessageStatus.BLACKLIST: -3,
    MessageStatus.CANCELLED: -4,
    MessageStatus.TEMPORARY_BLACKLIST: -5,
}
# What the outcome of sending is called in the log; it is kept in the message itself, not in a row of Event.
_OUTCOME_ACTIONS: Final[Mapping[str, str]] = {
    MessageStatus.DELIVERED: Action.DELIVERED,
    MessageStatus.BOUNCED: Action.BOUNCE,
    MessageStatus.ERROR: Action.ERROR,
    MessageStatus.EXPIRED: Action.ERROR,
    MessageStatus.CANCELLED: Action.INTERRUPTED,
    MessageStatus.BLACKLIST: Action.MATCHED_PERMANENT,
    MessageStatus.TEMPORARY_BLACKLIST: Action.MATCHED_TEMPORARY,
}
_CHUNK: Final = 2_000  # messages with all their events in memory
Span = tuple[datetime, datetime]


def event_rows(deliveries: QuerySet[Delivery], span: Span | None = None) -> Iterator[Row]:
    """Yield every row of these deliveries, or those whose action falls into a span of time (its end left out).

    Message by message; memory does not grow with their number.
    """
    for delivery in (deliveries if span is None else _touched(deliveries, span)).order_by("id"):
        yield from (row for row in _of_delivery(delivery) if span is None or _within(row["actionDate"], span))


def page(delivery: Delivery, after: int, messages: int) -> tuple[list[Row], int | None]:
    """Return the rows of the next messages after this id, and the id to go on after; None: these were the last.

    The last page has the hits of nobody as well.
    """
    chunk = list(Message.objects.filter(delivery=delivery, id__gt=after).order_by("id")[:messages])
    rows = list(_of_messages(delivery, chunk, _categories(delivery)))
    if len(chunk) == messages:
        return rows, chunk[-1].pk
    return rows + list(_anonymous(delivery)), None


def _touched(deliveries: QuerySet[Delivery], span: Span) -> QuerySet[Delivery]:
    """Leave out what can have no row in a span: not started then, ended before, and nothing happened in it.

    A message that moved late has had the kept figures counted again.
    """
    begin, end = span
    happened = Event.objects.filter(at__gte=begin, at__lt=end, account=OuterRef("account"), delivery=OuterRef("pk"))
    late = Q(ended_at=None) | Q(ended_at__gte=begin) | Q(kept_figures__counted_at__gte=begin)
    return deliveries.filter(Q(started_at__lt=end) & (late | Q(Exists(happened))))


def _within(moment: str, span: Span) -> bool:
    return bool(moment) and span[0] <= datetime.fromisoformat(moment) < span[1]


def _of_delivery(delivery: Delivery) -> Iterator[Row]:
    after, categories = 0, _categories(delivery)
    while chunk := list(Message.objects.filter(delivery=delivery, id__gt=after).order_by("id")[:_CHUNK]):
        after = chunk[-1].pk
        yield from _of_messages(delivery, chunk, categories)
    yield from _anonymous(delivery)


def _categories(delivery: Delivery) -> dict[str, str]:
    """Return the category of each link as it is now: it can be edited after sending."""
    links = Link.objects.filter(delivery=delivery).values_list("number", "category")
    return {str(number): str(category) for number, category in links}


def _of_messages(delivery: Delivery, messages: Sequence[Message], links: Mapping[str, str]) -> Iterator[Row]:
    names = tables.read_names(delivery.database, [message.recipient_id for message in messages])
    happened = Event.objects.filter(message__in=[message.pk for message in messages])
    late = set(happened.filter(action=Action.BOUNCE).values_list("message_id", flat=True))
    by_message = groupby(happened.order_by("message_id", "at", "id"), key=lambda event: event.message_id)
    current = next(by_message, None)
    for message in sorted(messages, key=lambda message: message.pk):
        mine: Iterable[Event] = ()
        if current is not None and current[0] == message.pk:
            mine = current[1]
        base = _base(delivery, message, names.get(message.recipient_id, ""))
        action = _OUTCOME_ACTIONS.get(message.status, "")
        if action == Action.BOUNCE and message.pk in late:
            action = Action.DELIVERED.value  # it was accepted first; the DSN that came later has a row of its own
        yield from _of_message(base, message, action, (base | _event(event, links) for event in mine))
        if current is not None and current[0] == message.pk:
            current = next(by_message, None)


def _anonymous(delivery: Delivery) -> Iterator[Row]:
    """Yield the hits of shared pixels and plain links, which are nobody's."""
    links = _categories(delivery)
    base = dict.fromkeys(COLUMNS, "")
    base |= {"deliveryID": str(delivery.pk), "deliveryDate": _iso(delivery.started_at)}
    hits = Event.objects.filter(delivery=delivery, message=None).order_by("at", "id")
    chunk = list(hits[:_CHUNK])
    while chunk:
        yield from (base | _event(event, links) for event in chunk)
        last = chunk[-1]
        chunk = list(hits.filter(Q(at__gt=last.at) | Q(at=last.at, id__gt=last.pk))[:_CHUNK])


def _of_message(base: Row, message: Message, action: str, events: Iterable[Row]) -> Iterator[Row]:
    """Yield the outcome, what happened in its order, and the view that a click or visit proves."""
    shown = bool(action)
    if action:
        yield base | _outcome(message, action)
    for event in events:
        shown = True
        yield event
    if seen := deduced_at(message):
        yield base | {"actionDate": _iso(seen), "actionType": "v", "actionOrigin": Origin.DEDUCED.value}
    elif not shown:
        yield base


def deduced_at(message: Message) -> datetime | None:
    """Return when a person must have seen what no pixel told of: at the first click or visit of the web version."""
    if message.first_view_at is not None:
        return None
    return min((at for at in (message.first_click_at, message.first_web_at) if at is not None), default=None)


def _base(delivery: Delivery, message: Message, person: str) -> Row:
    shown = MessageStatus.PENDING if message.status == MessageStatus.SENDING else message.status
    return dict.fromkeys(COLUMNS, "") | {
        "recipient": message.recipient,
        "mailqID": str(message.pk),
        "userID": message.recipient if message.is_erased else person,
        "deliveryID": str(delivery.pk),
        "deliveryDate": _iso(delivery.started_at),
        "deliveryStatus": str(_CODES.get(message.status, 0)),
        "messageStatus": str(shown),
    }


def _outcome(message: Message, action: str) -> Row:
    matched = action in {Action.MATCHED_PERMANENT, Action.MATCHED_TEMPORARY}
    return {
        "actionDate": _iso(message.outcome_at),
        "actionType": str(action),
        "actionClassification": str(message.category or 0) if action == Action.BOUNCE else "",
        "actionRefID": str(message.reason or "") if matched else "",
    }


def _event(event: Event, links: Mapping[str, str]) -> Row:
    category = links.get(event.reference, "0") if event.action == Action.CLICK else None
    told = "" if event.classification is None else str(event.classification)
    return {
        "actionDate": _iso(event.at),
        "actionIP": event.ip or "",
        "actionType": event.action,
        "actionClassification": told if category is None else category,
        "actionRefID": event.reference,
        "actionOrigin": event.origin or Origin.PERSON.value,
    }


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
