"""What Amazon SES tells of a message in JSON, as its notification service (SNS) writes it into a mail. Pure.

docs.aws.amazon.com/ses/latest/dg/notification-contents.html and event-publishing-retrieving-sns-contents.html. The
envelope's sender (`mail.source`) holds the token of our message; whatever else the mail says proves nothing.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from deliveries.tracking.bounces import fields
from deliveries.tracking.bounces.parts import Part
from deliveries.tracking.bounces.report import Failure, Kind, Report, address_in

_TYPES: Final = frozenset({"text/plain", "application/json"})
_MOST_RECIPIENTS: Final = 50
# A bounce without a status and a server's words goes by what SES calls it.
_BY_SUBTYPE: Final = {
    ("Permanent", "General"): "5.1.1",
    ("Permanent", "NoEmail"): "5.1.1",
    ("Permanent", "Suppressed"): "5.1.1",
    ("Permanent", "OnAccountSuppressionList"): "5.1.1",
    ("Transient", "MailboxFull"): "4.2.2",
    ("Transient", "MessageTooLarge"): "5.3.4",
    ("Transient", "ContentRejected"): "5.6.0",
    ("Transient", "AttachmentRejected"): "5.6.0",
}

Json = Mapping[str, Any]


def notification(parts: list[Part]) -> Report | None:
    """Return what SES says of its recipients; None where no part is its JSON, or it speaks of something else."""
    for part in parts:
        if part.kind in _TYPES and part.text.lstrip()[:1] == "{":
            event = _object(part.text)
            report = _report(_object(event["Message"]) if isinstance(event.get("Message"), str) else event)
            if report is not None:
                return Report(report.kind, report.failures, quoted=part.text)
    return None


def _object(text: str) -> Json:
    """Return the object that a text begins with. What comes after it is how to leave the topic."""
    try:
        # A line break inside of JSON means nothing, and mail servers put one into lines that are too long.
        found, _end = json.JSONDecoder().raw_decode(text.replace("\n", "").lstrip())
    except (ValueError, RecursionError):  # a stranger's: nested as deep as 64 KB go
        return {}
    return found if isinstance(found, dict) else {}


def _report(event: Json) -> Report | None:
    match _text(event, "notificationType") or _text(event, "eventType"):
        case "Bounce":
            bounce = _part(event, "bounce")
            named = (_text(bounce, "bounceType"), _text(bounce, "bounceSubType"))
            return _failed(Kind.BOUNCE, _rows(bounce, "bouncedRecipients"), named)
        case "DeliveryDelay":
            return _failed(Kind.DELAY, _rows(_part(event, "deliveryDelay"), "delayedRecipients"), ("", ""))
        case "Complaint":
            complaint = _part(event, "complaint")
            rows = _rows(complaint, "complainedRecipients")
            kind = fields.wish_of(_text(complaint, "complaintFeedbackType"))
            complained = tuple(Failure(address_in(_text(row, "emailAddress"))) for row in rows)
            return Report(kind, complained) if rows else None
    return None


def _failed(kind: Kind, rows: list[Json], named: tuple[str, str]) -> Report | None:
    failures = tuple(_failure(row, named) for row in rows)
    return Report(kind, failures) if failures else None


def _failure(row: Json, named: tuple[str, str]) -> Failure:
    """Read a row as the group of fields of a delivery status, whose values it repeats."""
    words = _text(row, "diagnosticCode")
    group = {
        "final-recipient": _text(row, "emailAddress"),
        "action": "failed",
        "status": _text(row, "status") or ("" if words else _BY_SUBTYPE.get(named, "")),
        "diagnostic-code": words or " ".join(named),
    }
    found = fields.recipient_of(group)
    return found[1] if found else Failure("")


def _text(of: Json, name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


def _part(of: Json, name: str) -> Json:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _rows(of: Json, name: str) -> list[Json]:
    value = of.get(name)
    return [row for row in value[:_MOST_RECIPIENTS] if isinstance(row, dict)] if isinstance(value, list) else []
