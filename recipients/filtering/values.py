"""Values of conditions, read by the type of their field as a list's cells are (pure; reference 3.2, 3.5)."""

from datetime import UTC, date
from decimal import Decimal
from typing import Final

from recipients.addresses import normalise
from recipients.errors import ClientError
from recipients.faults import Fault
from recipients.field_types import FIELD_TYPES, ValueFault, converters, has_offset, typed
from recipients.models import FieldType

_LONGEST: Final = 10_000  # characters
_CONVERT: Final = converters(UTC)

Value = str | int | Decimal | date  # a bool is an int, a datetime is a date


class Unreadable(ValueError):
    """A value that its field's type can't hold; the fault says what to write."""

    def __init__(self, what: str | Fault, /, **params: object) -> None:
        self.fault = what if isinstance(what, Fault) else Fault.of(what, **params)
        super().__init__(self.fault.key)


def read(kind: FieldType, value: object) -> Value:
    """Return the value as the field holds it: str, int, Decimal, bool, date or datetime; raises Unreadable.

    A day without a time, given for a datetime field, stays a date: it means the whole day.
    """
    if isinstance(value, float):
        value = repr(value)
    if not isinstance(value, str | int):
        raise Unreadable("value.kind")
    text = _text(value)
    if kind == FieldType.EMAIL:
        return _address(text)
    if FIELD_TYPES[kind].family == "text":
        return text
    whole_day = kind == FieldType.DATETIME and len(text.split()) == 1 and "T" not in text
    return _typed(FieldType.DATE if whole_day else kind, text)


def plain_text(value: object) -> str:
    """Return a part of a text to look for; raises Unreadable when it is empty or no text."""
    if not isinstance(value, str | int):
        raise Unreadable("value.text")
    return _text(value)


def _text(value: str | int) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value)
    if not text.strip():
        raise Unreadable("value.empty")
    if len(text) > _LONGEST:
        raise Unreadable("value.long", most=_LONGEST)
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Unreadable("value.character")
    return text


def _address(text: str) -> str:
    try:
        return normalise(text)
    except ClientError as error:
        raise Unreadable(error.fault) from error


def _typed(kind: FieldType, text: str) -> Value:
    if kind == FieldType.DATETIME and has_offset(text):
        raise Unreadable(f"value.{kind}")
    try:
        found = typed(kind, _CONVERT[kind](text))
    except ValueFault as error:
        raise Unreadable(f"value.{kind}") from error
    if not isinstance(found, int | Decimal | date):
        raise Unreadable(f"value.{kind}")
    return found
