"""Values of conditions, read by the type of their field (pure; docs/reference.md 3.5)."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from recipients.addresses import normalise
from recipients.errors import ClientError
from recipients.models import FieldType

TEXTS: Final = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.HTML, FieldType.PHONE})
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,100}(?:[.,][0-9]{1,100})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}")
_BIGINT: Final = 2**63
_TRUE: Final = frozenset({"1", "true", "sì", "si", "yes"})
_FALSE: Final = frozenset({"0", "false", "no"})
_LONGEST: Final = 10_000
_DAYS: Final = ("%Y-%m-%d", "%d/%m/%Y")
_TIMES: Final = ("%H:%M", "%H:%M:%S")


Value = str | int | Decimal | date  # a bool is an int, a datetime is a date


class Unreadable(ValueError):
    """A value that its field's type can't hold; the text says what to write."""


def read(kind: FieldType, value: object) -> Value:
    """Return the value as the field holds it: str, int, Decimal, bool, date or datetime; raises Unreadable.

    A day without a time, given for a datetime field, stays a date: it means the whole day.
    """
    if isinstance(value, float):
        value = repr(value)
    if not isinstance(value, str | int):
        raise Unreadable(_("write a text, a number, true or false"))
    text = _text(value)
    if kind == FieldType.EMAIL:
        return _address(text)
    if kind in TEXTS:
        return text
    return _READERS[kind](text.strip())


def plain_text(value: object) -> str:
    """Return a part of a text to look for; raises Unreadable when it is empty or no text."""
    if not isinstance(value, str | int):
        raise Unreadable(_("write a text"))
    return _text(value)


def _text(value: str | int) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value)
    if not text.strip():
        raise Unreadable(_("the value is empty; use is_empty or is_not_empty"))
    if len(text) > _LONGEST:
        raise Unreadable(_("the value is longer than %d characters") % _LONGEST)
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Unreadable(_("the value holds a character that no text can hold"))
    return text


def _address(text: str) -> str:
    try:
        return normalise(text)
    except ClientError as error:
        raise Unreadable(error.message) from error


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not -_BIGINT <= int(text) < _BIGINT:
        raise Unreadable(_("write a whole number in digits"))
    return int(text)


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Unreadable(_("write a number in digits, with one decimal mark at most"))
    return Decimal(text.replace(",", "."))


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise Unreadable(_("write true or false"))
    return text.lower() in _TRUE


def _day(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise Unreadable(_("write a date as yyyy-mm-dd or dd/mm/yyyy"))


def _moment(text: str) -> date | datetime:
    day, _blank, time = text.replace("T", " ").partition(" ")
    if not time:
        return _day(day)
    for form in _TIMES:
        try:
            return datetime.combine(_day(day), datetime.strptime(time, form).time())  # noqa: DTZ007  as loaded: no zone
        except ValueError:
            continue
    raise Unreadable(_("write a date and time as yyyy-mm-dd hh:mm or dd/mm/yyyy hh:mm"))


_READERS: Final[Mapping[FieldType, Callable[[str], Value]]] = {
    FieldType.INTEGER: _whole,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _day,
    FieldType.DATETIME: _moment,
}
