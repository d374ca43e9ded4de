"""A message and an envelope for tests, each value changed by keyword."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from deliveries.content import ContentError, Envelope, Source, compile_source

FIELDS = {
    "nome": "string",
    "nota": "text",
    "pagina": "html",
    "ordine": "integer",
    "prezzo": "decimal",
    "socio": "boolean",
    "nato": "date",
    "visto": "datetime",
    "email": "email",
}


def source(**changes: Any) -> Source:
    given: dict[str, Any] = {
        "subject": "Winter",
        "from_name": "Demo Shop",
        "from_address": "news@demo.example",
        "reply_to": "help@demo.example",
        "fields": FIELDS,
        "labels": {"place": "Via <Brera> 1"},
        "title": "The title",
    }
    if "html" not in changes and "text" not in changes:
        given["text"] = "Hello"
    return Source(**{**given, **changes})


def envelope(**changes: Any) -> Envelope:
    given: dict[str, Any] = {
        "to": "ida@mail.example",
        "message_id": "m1@demo.example",
        "date": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        "delivery_id": 41,
        "list_id": "1.demo.example",
        "feedback_id": "41:1:marketing:xmld",
        "unsubscribe_url": "https://u.example/u/token",
        "unsubscribe_mailto": "u+token@u.example",
        "web_url": "https://u.example/w/token",
    }
    return Envelope(**{**given, **changes})


def written(values: dict[str, object] | None = None, **changes: Any) -> bytes:
    return compile_source(source(**changes)).compose(values or {}, envelope())


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(data: bytes, kind: str) -> str:
    part = parsed(data).get_body((kind,))
    assert part is not None
    return part.get_payload(decode=True).decode(part.get_content_charset()).replace("\r\n", "\n")


def html(values: dict[str, object] | None = None, **changes: Any) -> str:
    return body(written(values, **changes), "html")


def text(values: dict[str, object] | None = None, **changes: Any) -> str:
    return body(written(values, **changes), "plain")


def mistake(**changes):
    with pytest.raises(ContentError) as caught:
        compile_source(source(**changes))
    return caught.value.problems
