"""Whose mail came back: by the token in the address it came to, else by what it quotes (reference 7.1).

Only a token of ours names a message. An address in a report proves nothing, as anybody can write one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Mail
from typing import Final

from deliveries import tokens
from deliveries.models import Message
from deliveries.tokens import COPY_ID, Purpose

# A return path may come back rewritten (SRS0=…=token@, prvs=…=token@, token+tag@): the token is found within.
_TOKEN: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])", re.IGNORECASE)
_MOST_TRIED: Final = 50  # things that look like a token; each costs a decryption
_ENVELOPE: Final = ("Delivered-To", "X-Original-To", "To")


@dataclass(frozen=True, slots=True)
class Named:
    """The message that a token named: `message` is None for a copy, and where the row is gone."""

    purpose: Purpose
    message: Message | None


def by_recipient(headers: Mail, recipient: str | None) -> Named | None:
    """Return what the token in the envelope's recipient names: `recipient`, else what the headers say it was."""
    given = [recipient] if recipient else [str(headers.get(name, "")) for name in _ENVELOPE]
    return _first(given, (Purpose.RETURN_PATH, Purpose.UNSUBSCRIBE))


def by_quotation(quoted: str) -> Named | None:
    """Return what a token in the returned message names: its return path or its Message-ID."""
    return _first([quoted], (Purpose.RETURN_PATH, Purpose.MESSAGE_ID))


def _first(texts: list[str], purposes: tuple[Purpose, ...]) -> Named | None:
    for token in _tokens(texts):
        for purpose in purposes:
            message_id = tokens.read_local_part(purpose, token)
            if message_id is not None:
                return Named(purpose, _message(message_id))
    return None


def _tokens(texts: list[str]) -> Iterator[str]:
    tried: set[str] = set()
    for text in texts:
        for match in _TOKEN.finditer(text):
            if match[0] not in tried and len(tried) < _MOST_TRIED:
                tried.add(match[0])
                yield match[0]


def _message(message_id: int) -> Message | None:
    if message_id == COPY_ID:
        return None
    related = Message.objects.select_related("delivery__newsletter", "delivery__account")
    return related.filter(pk=message_id).first()
