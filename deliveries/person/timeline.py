"""What was sent to an address and what it did with it, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models.functions import Lower

from deliveries.models import Action, Event, Link, Message, Origin
from deliveries.person.standing import Person, Standing

# What a page can show and a person can read; the export holds all.
MESSAGES: Final = 200
EVENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Moment:
    """One line: `kind` is message (its outcome; `at` None while it waits), event, subscription or blacklist.

    `what` is the message's status, the event's action, the subscription's state or the entry's reason; `detail`
    what a server, a browser or an operator left with it.
    """

    at: datetime | None
    kind: str
    what: str
    detail: str = ""
    message: Message | None = None
    machine: bool = False
    about: str = ""


def timeline(person: Person, standing: Standing) -> list[Moment]:
    """Return the lines of the newest messages; what has not happened yet comes first."""
    moments = [*_messages(person), *_statements(standing)]
    waiting = [moment for moment in moments if moment.at is None]
    past = ((moment.at, moment) for moment in moments if moment.at is not None)
    return waiting + [moment for _at, moment in sorted(past, key=lambda pair: pair[0], reverse=True)]


def _messages(person: Person) -> Iterator[Moment]:
    mine = Message.objects.filter(delivery__account=person.account).annotate(lower=Lower("address"))
    found = {
        message.pk: message
        for message in mine.filter(lower=person.address).select_related("delivery").order_by("-pk")[:MESSAGES]
    }
    for message in found.values():
        yield Moment(message.outcome_at, "message", message.status, message.reply, message)
    events = list(Event.objects.filter(message__in=found).order_by("-at", "-pk")[:EVENTS])
    links = _links(found, events)
    for event in events:
        message = found[event.message_id or 0]
        link = links.get((message.delivery_id, event.reference)) if event.action == Action.CLICK else None
        is_machine = event.origin == Origin.MACHINE
        yield Moment(event.at, "event", event.action, event.user_agent, message, is_machine, str(link or ""))


def _links(found: Mapping[int, Message], events: Sequence[Event]) -> dict[tuple[int, str], Link]:
    numbers = {
        int(event.reference)
        for event in events
        if event.action == Action.CLICK and event.reference.isascii() and event.reference.isdigit()
    }
    deliveries = {message.delivery_id for message in found.values()}
    rows = Link.objects.filter(delivery__in=deliveries, number__in=numbers)
    return {(row.delivery_id, str(row.number)): row for row in rows}


def _statements(standing: Standing) -> Iterator[Moment]:
    for newsletter, said in standing.subscriptions:
        if said is not None and said.state:
            yield Moment(said.changed_at, "subscription", str(said.state), said.source, about=newsletter.name)
    if (entry := standing.entry) is not None:
        yield Moment(entry.updated_at, "blacklist", str(entry.reason or ""), entry.note)
