"""One cell: from the text that a list gives to the text that PostgreSQL reads for its type (reference 3.2)."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import partial
from typing import Final

from recipients import addresses, conf
from recipients.errors import ClientError
from recipients.faults import Fault
from recipients.models import FieldType

Convert = Callable[[str], str]

_DIGITS: Final = 130
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(
    r"[+-]?(?:"
    r"[0-9]+|[0-9]*[.,][0-9]+|"  # one mark is the decimal mark
    r"[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:,[0-9]{3}){2,}|"  # one kind twice: thousands
    r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+)"  # both kinds: the last is decimal
)
_ITALIAN_DATE: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_OFFSET: Final = re.compile(r"[0-9](?:Z|[+-][0-9]{2}:?[0-9]{2})$")
_MIDNIGHT: Final = re.compile(r"0?0:00(:00([.,]0+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_TRUE: Final = frozenset({"1", "true", "sì", "si", "si\u0300", "yes", "vero"})
_FALSE: Final = frozenset({"0", "false", "no", "falso"})
_BIGINT: Final = range(-(2**63), 2**63)


class ValueFault(Exception):
    """A cell that its column can't hold: what is wrong and to be done."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.key)
        self.fault = fault


def _wrong_type(kind: FieldType) -> ValueFault:
    return ValueFault(Fault.of(f"CSV_TYPE.{kind}"))


def text(value: str, longest: int) -> str:
    """Return a text as it is; raises ValueFault CSV_NUL, CSV_ENCODING, CSV_CHAR or CSV_FIELD_TOO_LONG."""
    if "\0" in value:
        raise ValueFault(Fault.of("CSV_NUL"))
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        found = ord(value[error.start])
        if 0xDC80 <= found <= 0xDCFF:  # noqa: PLR2004  where dialect.py puts a byte that the encoding lacks
            raise ValueFault(Fault.of("CSV_ENCODING", byte=f"{found & 0xFF:02X}")) from error
        raise ValueFault(Fault.of("CSV_CHAR")) from error
    if size > longest:
        raise ValueFault(Fault.of("CSV_FIELD_TOO_LONG", size=size, most=longest))
    return value


def _string(value: str) -> str:
    return text(value, conf.MAX_VALUE_BYTES)


def _html(value: str) -> str:
    return text(value, conf.MAX_HTML_BYTES)


def _sign_first(plain: str) -> str:
    """Return a number with its minus before it: SAP and mainframes write it behind."""
    return f"-{plain[:-1].rstrip()}" if plain.endswith("-") and plain[:1].isdigit() else plain


def _integer(value: str) -> str:
    plain = _sign_first(value.strip())
    if not plain:
        return ""
    if not _INTEGER.fullmatch(plain) or len(plain) > _DIGITS or int(plain) not in _BIGINT:
        raise _wrong_type(FieldType.INTEGER)
    return str(int(plain))


def _decimal(value: str) -> str:
    plain = _sign_first(value.strip())
    if not plain:
        return ""
    if len(plain) > _DIGITS or not _DECIMAL.fullmatch(plain):
        raise _wrong_type(FieldType.DECIMAL)
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        mark = max(",.", key=plain.rfind)
        return plain.replace("," if mark == "." else ".", "").replace(",", ".")
    return plain.replace(",", ".") if commas + points < 2 else plain.replace(",", "").replace(".", "")  # noqa: PLR2004


def _boolean(value: str) -> str:
    word = value.strip().lower()
    if word in _TRUE:
        return "t"
    if word in _FALSE:
        return "f"
    if word:
        raise _wrong_type(FieldType.BOOLEAN)
    return ""


def _day(plain: str) -> date:
    if found := _ITALIAN_DATE.fullmatch(plain):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if not _ISO_DATE.fullmatch(plain):
        raise ValueError(plain)
    return date.fromisoformat(plain)


def _date(value: str) -> str:
    day, _, clock = value.strip().replace("T", " ", 1).partition(" ")
    if day in {"", "0000-00-00"}:
        return ""
    if clock and not _MIDNIGHT.fullmatch(clock):
        raise _wrong_type(FieldType.DATE)
    try:
        return _day(day).isoformat()
    except ValueError as error:
        raise _wrong_type(FieldType.DATE) from error


def _clock(plain: str) -> time:
    if plain and not _TIME.fullmatch(plain):
        raise ValueError(plain)
    return time.fromisoformat(plain or "00:00")


def has_offset(text: str) -> bool:
    """Return whether a time says how far it is from UTC."""
    return _OFFSET.search(text.strip()) is not None


def _datetime(value: str, zone: tzinfo) -> str:
    plain = value.strip()
    day, _, clock = plain.replace("T", " ", 1).partition(" ")
    if day in {"", "0000-00-00"}:
        return ""
    try:
        moment = datetime.combine(_day(day), _clock(clock))
        if moment.tzinfo:
            moment = moment.astimezone(zone).replace(tzinfo=None)
        return moment.isoformat(" ")
    except (ValueError, OverflowError) as error:
        raise _wrong_type(FieldType.DATETIME) from error


def _email(value: str) -> str:
    if not value.strip():
        raise ValueFault(Fault.of("ADDR_EMPTY.row"))
    text(value, conf.MAX_VALUE_BYTES)
    try:
        return addresses.judge(value.strip()).text
    except ClientError as error:
        raise ValueFault(error.fault) from error


_CONVERT: Final[Mapping[FieldType, Convert]] = {
    FieldType.STRING: _string,
    FieldType.TEXT: _string,
    FieldType.HTML: _html,
    FieldType.PHONE: _string,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.EMAIL: _email,
}


def converters(zone: tzinfo) -> Mapping[FieldType, Convert]:
    """Return how a cell of each type is read; a time that gives its offset becomes the clock of `zone`."""
    return {**_CONVERT, FieldType.DATETIME: partial(_datetime, zone=zone)}


_PYTHON: Final[Mapping[FieldType, Callable[[str], object]]] = {
    FieldType.INTEGER: int,
    FieldType.DECIMAL: Decimal,
    FieldType.BOOLEAN: lambda word: word == "t",
    FieldType.DATE: date.fromisoformat,
    FieldType.DATETIME: datetime.fromisoformat,
}


def typed(kind: FieldType, converted: str) -> object:
    """Return the Python value of what a converter gave; None where it is empty."""
    return _PYTHON.get(kind, str)(converted) if converted else None
