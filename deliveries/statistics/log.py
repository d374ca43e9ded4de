"""The event log: one row an event, at least one a message (reference 6, Event log)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from deliveries.models import Action, Delivery, Event, Message, MessageStatus, Origin
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
# What the outcome of sending is called in the log; it stands in the message itself, not in a row of Event.
_OUTCOME_ACTIONS: Final[Mapping[str, str]] = {
    MessageStatus.DELIVERED: Action.DELIVERED,
    MessageStatus.BOUNCED: Action.BOUNCE,
    MessageStatus.ERROR: Action.ERROR,
    MessageStatus.EXPIRED: Action.ERROR,
    MessageStatus.CANCELLED: Action.INTERRUPTED,
    MessageStatus.BLACKLIST: Action.MATCHED_PERMANENT,
    MessageStatus.TEMPORARY_BLACKLIST: Action.MATCHED_TEMPORARY,
}
_CHUNK: Final = 2_000


def event_rows(deliveries: QuerySet[Delivery]) -> Iterator[Row]:
    """Yield every row of these deliveries, message by message; memory does not grow with their number."""
    for delivery in deliveries.select_related("database").order_by("id"):
        yield from _of_delivery(delivery)


def _of_delivery(delivery: Delivery) -> Iterator[Row]:
    after = 0
    while chunk := list(Message.objects.filter(delivery=delivery, id__gt=after).order_by("id")[:_CHUNK]):
        after = chunk[-1].pk
        people = _names(delivery, chunk)
        events: dict[int, list[Event]] = defaultdict(list)
        for event in Event.objects.filter(message__in=[message.pk for message in chunk]).order_by("at", "id"):
            events[event.message_id or 0].append(event)
        for message in chunk:
            yield from _of_message(delivery, message, people.get(message.recipient_id, ""), events[message.pk])
    for event in Event.objects.filter(delivery=delivery, message=None).order_by("at", "id").iterator(_CHUNK):
        yield _of_nobody(delivery) | _event(event)


def _names(delivery: Delivery, messages: Sequence[Message]) -> dict[int, str]:
    """Return what each row's person is called by the database's key: the id, or a field's value."""
    ids = [message.recipient_id for message in messages]
    key = delivery.database.key.lower()
    if not key:
        return {recipient_id: str(recipient_id) for recipient_id in ids}
    rows = tables.read_values(delivery.database, ids)
    return {i: "" if row.get(key) is None else str(row[key]) for i, row in rows.items()}


def _of_message(delivery: Delivery, message: Message, person: str, events: Sequence[Event]) -> Iterator[Row]:
    base = _base(delivery, message, person)
    action = _OUTCOME_ACTIONS.get(message.status, "")
    if action == Action.BOUNCE and any(event.action == Action.BOUNCE for event in events):
        action = Action.DELIVERED.value  # it was accepted first; the DSN that came later has a row of its own
    if action:
        yield base | _outcome(message, action)
    elif not events:
        yield base
    for event in events:
        yield base | _event(event)
    if seen := deduced_at(message):
        yield base | {"actionDate": _iso(seen), "actionType": "v", "actionOrigin": Origin.DEDUCED.value}


def deduced_at(message: Message) -> datetime | None:
    """Return when a person must have seen what no pixel told of: at the first click or visit of the web version."""
    if message.first_view_at is not None:
        return None
    return min((at for at in (message.first_click_at, message.first_web_at) if at is not None), default=None)


def _base(delivery: Delivery, message: Message, person: str) -> Row:
    shown = MessageStatus.PENDING if message.status == MessageStatus.SENDING else message.status
    return dict.fromkeys(COLUMNS, "") | {
        "recipient": message.address,
        "mailqID": str(message.pk),
        "userID": person,
        "deliveryID": str(delivery.pk),
        "deliveryDate": _iso(delivery.started_at),
        "deliveryStatus": str(_CODES.get(message.status, 0)),
        "messageStatus": str(shown),
    }


def _of_nobody(delivery: Delivery) -> Row:
    """Return what a hit of a shared pixel or a plain link tells: not who."""
    return dict.fromkeys(COLUMNS, "") | {"deliveryID": str(delivery.pk), "deliveryDate": _iso(delivery.started_at)}


def _outcome(message: Message, action: str) -> Row:
    matched = action in {Action.MATCHED_PERMANENT, Action.MATCHED_TEMPORARY}
    return {
        "actionDate": _iso(message.outcome_at),
        "actionType": str(action),
        "actionClassification": str(message.category or 0) if action == Action.BOUNCE else "",
        "actionRefID": str(message.reason or "") if matched else "",
    }


def _event(event: Event) -> Row:
    return {
        "actionDate": _iso(event.at),
        "actionIP": event.ip or "",
        "actionType": event.action,
        "actionClassification": "" if event.classification is None else str(event.classification),
        "actionRefID": event.reference,
        "actionOrigin": event.origin or Origin.PERSON.value,
    }


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
