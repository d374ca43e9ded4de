"""What a mail to a return path does: bounce, complaint, unsubscription (reference 7.1). Idempotent."""

from dataclasses import asdict, dataclass
from email.message import Message as Mail
from typing import Any

from deliveries.messages import bounce_effects, moves
from deliveries.models import Message
from deliveries.refusals import HARD, Category, clean
from deliveries.tokens import Purpose
from deliveries.tracking.bounces import complaints, identify
from deliveries.tracking.bounces.parts import beginning_of, head_of, header
from deliveries.tracking.bounces.read import category_of, read
from deliveries.tracking.bounces.report import Failure, Kind, address_in
from deliveries.tracking.unsubscribing.opting_out import NOBODY_KNOWN, Way, opt_out
from recipients import suppressions


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of `receive_bounce`: whose (`delivery`, `message` are null for what is not ours), what, and how bad.

    `changed` tells whether this mail changed anything: a repeat, a forged and a foreign one do not.
    """

    kind: str
    address: str | None
    hard: bool
    category: int | None
    delivery: int | None
    message: int | None
    changed: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as the command prints it."""
        return asdict(self)


def receive(data: bytes, recipient: str | None = None) -> list[Outcome]:
    """Take in one mail; `recipient` is its envelope's. Raises django.db.Error, and then nothing was changed."""
    headers, _ = head_of(beginning_of(data))
    report = read(data)
    named = identify.by_recipient(headers, recipient)
    # What is quoted counts in a report alone: in a person's mail anybody may quote anything.
    if named is None and report.kind != Kind.UNKNOWN:
        named = identify.by_quotation(report.quoted)
    message = named.message if named else None
    match report.kind:
        case Kind.BOUNCE | Kind.DELAY:
            return _failed(report.kind, report.failures, message, recipient or "")
        case Kind.COMPLAINT:
            changed = message is not None and complaints.complain(message)
            return [_line(Kind.COMPLAINT, message, report.failures[0].address, changed=changed)]
    author = address_in(str(headers.get("From", "")))
    if report.kind == Kind.UNSUBSCRIBE or _asks_to_leave(report.kind, named, headers):
        changed = message is not None and opt_out(message, Way.BY_MAIL, NOBODY_KNOWN)
        return [_line(Kind.UNSUBSCRIBE, message, author, changed=changed)]
    if report.failures:  # of those that were delivered after all
        author = report.failures[0].address or author
    return [_line(report.kind, message, author, changed=message is not None and _came_through(message, author))]


def _asks_to_leave(kind: Kind, named: identify.Named | None, headers: Mail) -> bool:
    """Return whether it is a mail to the address in List-Unsubscribe.

    Apple Mail marks the one that its button sends as `Auto-Submitted: auto-replied`; its subject tells it from an
    absence.
    """
    if named is None or named.purpose != Purpose.UNSUBSCRIBE:
        return False
    return kind == Kind.UNKNOWN or (
        kind == Kind.AUTO_REPLY and header(headers, "Subject").strip().lower() == "unsubscribe"
    )


def _failed(kind: Kind, failures: tuple[Failure, ...], message: Message | None, recipient: str) -> list[Outcome]:
    """Take in a bounce or a delay of one or several recipients: at most one of them is the message's."""
    own = _own(failures, message)
    lines = []
    for failure in failures:
        theirs = message if failure is own else None
        category = category_of(failure, recipient)
        changed = theirs is not None and _act(kind, theirs, failure, category)
        lines.append(_line(kind, theirs, failure.address, category=category, changed=changed))
    return lines


def _own(failures: tuple[Failure, ...], message: Message | None) -> Failure | None:
    """Return the failure that is about the message: of its address, else the only one (it was forwarded)."""
    if message is None:
        return None
    # A report on a mail that was forwarded names the address that it went on to.
    alike = (failure for failure in failures if failure.address == message.address.lower())
    return next(alike, failures[0] if len(failures) == 1 else None)


def _act(kind: Kind, message: Message, failure: Failure, category: Category) -> bool:
    if kind == Kind.DELAY:
        return bool(moves.prove_sent([message.pk]))
    said = moves.Refused(failure.code or None, failure.status[:12], clean(failure.text), int(category))
    return bounce_effects.bounce(message, said)


def _came_through(message: Message, author: str) -> bool:
    """Take an answer for the proof of arrival that it is; one that the person wrote also ends a row of bounces."""
    proved = bool(moves.prove_sent([message.pk]))
    address = message.address.lower()
    cleared = author == address and suppressions.clear_count(message.delivery.account, address)
    return proved or cleared


def _line(
    kind: Kind, message: Message | None, address: str, *, category: Category | None = None, changed: bool = False
) -> Outcome:
    return Outcome(
        kind=kind.value,
        address=(message.recipient if message else address) or None,
        hard=kind == Kind.BOUNCE and category in HARD,
        category=None if category is None else int(category),
        delivery=message.delivery_id if message else None,
        message=message.pk if message else None,
        changed=changed,
    )
