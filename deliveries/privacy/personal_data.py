"""Everything that an account holds about a person, as one document (reference 7.3; GDPR, articles 15 and 20)."""

from typing import Any

from django.db.models.functions import Lower

from deliveries.models import Event, Message, Subscription
from recipients import suppressions, tables
from recipients.models import Account, BlacklistEntry, Database

_MOST_ROWS = 10_000


def personal_data_of(account: Account, key: str) -> dict[str, Any]:
    """Return what is held about a normalised address, JSON-ready: rows, blacklist, subscriptions, messages."""
    return {
        "address": key,
        "account": account.name,
        "rows": [row for database in Database.objects.filter(account=account) for row in _rows(database, key)],
        "blacklist": _entry(account, key),
        "subscriptions": _subscriptions(account, key),
        "messages": _messages(account, key),
    }


def _rows(database: Database, key: str) -> list[dict[str, Any]]:
    ids = tables.find_people(database, key, limit=_MOST_ROWS, whole=True)
    values = tables.read_values(database, ids)
    names = [column.name for column in tables.columns(database)]
    return [
        {"database": database.name, "id": row, "values": {name: _plain(fields.get(name.lower())) for name in names}}
        for row, fields in sorted(values.items())
    ]


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _entry(account: Account, key: str) -> dict[str, Any] | None:
    entry = BlacklistEntry.objects.filter(account=account, fingerprint=suppressions.fingerprint(key)).first()
    if entry is None:
        return None
    return {
        "permanent": entry.permanent,
        "reason": entry.reason,
        "until": entry.until.isoformat() if entry.until else None,
        "since": entry.created_at.isoformat(),
        "bounces_in_a_row": entry.count,
        "delivery": entry.delivery,
        "note": entry.note,
    }


def _subscriptions(account: Account, key: str) -> list[dict[str, Any]]:
    rows = Subscription.objects.filter(newsletter__account=account, fingerprint=suppressions.fingerprint(key))
    return [
        {
            "newsletter": row.newsletter.name,
            "state": row.state,
            "source": row.source,
            "changed": row.changed_at.isoformat(),
        }
        for row in rows.select_related("newsletter").order_by("newsletter_id")
    ]


def _messages(account: Account, key: str) -> list[dict[str, Any]]:
    mine = Message.objects.filter(delivery__account=account).annotate(lower=Lower("address")).filter(lower=key)
    messages = list(mine.select_related("delivery").order_by("pk"))
    happened: dict[int, list[dict[str, Any]]] = {message.pk: [] for message in messages}
    for event in Event.objects.filter(message__in=happened).order_by("at", "pk"):
        if event.message_id is not None:
            happened[event.message_id].append(
                {
                    "at": event.at.isoformat(),
                    "action": event.get_action_display(),
                    "ip": event.ip,
                    "user_agent": event.user_agent,
                }
            )
    return [
        {
            "delivery": message.delivery_id,
            "title": message.delivery.title,
            "address": message.address,
            "status": message.status,
            "at": message.outcome_at.isoformat() if message.outcome_at else None,
            "events": happened[message.pk],
        }
        for message in messages
    ]
