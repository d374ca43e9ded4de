"""One cell: from the text that a list gives to the text that PostgreSQL reads for its type (reference 3.2)."""

import re
from datetime import date, datetime, time, tzinfo
from typing import Final

from recipients import addresses, conf
from recipients.errors import ClientError
from recipients.faults import Fault
from recipients.models import FieldType

_DIGITS: Final = 130  # characters: to read a number takes quadratic time
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


def checked_text(value: str, longest: int) -> str:
    """Return a text as it is; raises ValueFault CSV_NUL, CSV_ENCODING, CSV_CHAR or CSV_FIELD_TOO_LONG."""
    if "\0" in value:
        raise ValueFault(Fault.of("CSV_NUL"))
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        found = ord(value[error.start])
        if 0xDC80 <= found <= 0xDCFF:  # noqa: PLR2004  where encodings.py puts a byte that the encoding lacks
            raise ValueFault(Fault.of("CSV_ENCODING", byte=f"{found & 0xFF:02X}")) from error
        raise ValueFault(Fault.of("CSV_CHAR")) from error
    if size > longest:
        raise ValueFault(Fault.of("CSV_FIELD_TOO_LONG", size=size, most=longest))
    return value


def string(value: str) -> str:
    """Return a text as it is. Raises ValueFault."""
    return checked_text(value, conf.MAX_VALUE_BYTES)


def page(value: str) -> str:
    """Return a text of HTML as it is. Raises ValueFault."""
    return checked_text(value, conf.MAX_HTML_BYTES)


def _sign_first(plain: str) -> str:
    """Return a number with its minus before it: SAP and mainframes write it behind."""
    return f"-{plain[:-1].rstrip()}" if plain.endswith("-") and plain[:1].isdigit() else plain


def integer(value: str) -> str:
    """Return a whole number in digits, its sign first; "" for an empty cell. Raises ValueFault CSV_TYPE."""
    plain = _sign_first(value.strip())
    if not plain:
        return ""
    if not _INTEGER.fullmatch(plain) or len(plain) > _DIGITS or int(plain) not in _BIGINT:
        raise _wrong_type(FieldType.INTEGER)
    return str(int(plain))


def decimal(value: str) -> str:
    """Return a number with a point as its only mark; "" for an empty cell. Raises ValueFault CSV_TYPE."""
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


def boolean(value: str) -> str:
    """Return t or f; "" for an empty cell. Raises ValueFault CSV_TYPE."""
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


def day(value: str) -> str:
    """Return a day as yyyy-mm-dd; "" for an empty cell and MySQL's zeros. Raises ValueFault CSV_TYPE."""
    written, _, clock = value.strip().replace("T", " ", 1).partition(" ")
    if written in {"", "0000-00-00"}:
        return ""
    if clock and not _MIDNIGHT.fullmatch(clock):
        raise _wrong_type(FieldType.DATE)
    try:
        return _day(written).isoformat()
    except ValueError as error:
        raise _wrong_type(FieldType.DATE) from error


def _clock(plain: str) -> time:
    if plain and not _TIME.fullmatch(plain):
        raise ValueError(plain)
    return time.fromisoformat(plain or "00:00")


def has_offset(text: str) -> bool:
    """Return whether a time says how far it is from UTC."""
    return _OFFSET.search(text.strip()) is not None


def moment(value: str, zone: tzinfo) -> str:
    """Return a date and time as ISO, in the clock of `zone` if it gives its offset. Raises ValueFault CSV_TYPE."""
    plain = value.strip()
    written, _, clock = plain.replace("T", " ", 1).partition(" ")
    if written in {"", "0000-00-00"}:
        return ""
    try:
        found = datetime.combine(_day(written), _clock(clock))
        if found.tzinfo:
            found = found.astimezone(zone).replace(tzinfo=None)
        return found.isoformat(" ")
    except (ValueError, OverflowError) as error:
        raise _wrong_type(FieldType.DATETIME) from error


def email(value: str) -> str:
    """Return an address as it is stored. Raises ValueFault ADDR_…."""
    if not value.strip():
        raise ValueFault(Fault.of("ADDR_EMPTY.row"))
    checked_text(value, conf.MAX_VALUE_BYTES)
    try:
        return addresses.parse(value.strip()).text
    except ClientError as error:
        raise ValueFault(error.fault) from error
