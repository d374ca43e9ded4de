"""What the values of a provisioning file may be beyond their types; each raises with one sentence."""

from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Model

from deliveries.errors import ClientError
from deliveries.provisioning.faults import Table, fault
from recipients.loading.encodings import declared_encoding
from recipients.models.storable import unstorable

_OF_TABLES: Final = frozenset({"fields", "conditions"})
_MARKS: Final = ("separator", "quote", "escape")
_MOST_NAME: Final = 200


def check(table: Table, where: str) -> None:
    """Judge the lengths and lists of one table, and that each value is one that can be kept."""
    if len(table.get("name", "")) > _MOST_NAME:
        raise fault(f"{where}: name is longer than {_MOST_NAME} characters")
    for key, value in table.items():
        if isinstance(value, str) and "\0" in value:
            raise fault(f"{where}: {key} holds a NUL character: take it out")
        if isinstance(value, list) and key not in _OF_TABLES and not all(isinstance(each, str) for each in value):
            raise fault(f"{where}: {key} must be a list of str, not {value!r:.60}")
        if reason := unstorable(value):
            raise fault(f"{where}: {key}: {reason}")


def account(table: Table, where: str) -> None:
    """Judge zone and language."""
    try:
        ZoneInfo(table.get("time_zone", "Europe/Rome"))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zone = table["time_zone"]
        raise fault(f"{where}: time_zone = {zone!r:.60} is no zone; write one like Europe/Rome") from error
    for name in ("language", "report_language"):
        if table.get(name, "it") not in {"it", "en"}:
            raise fault(f"{where}: {name} = {table[name]!r:.60} is none of it, en")


def space(table: Table, where: str) -> None:
    """Judge what a space needs, and how its lists are written."""
    if not table.get("embedded") and not table.get("host"):
        raise fault(f"{where} needs host (or embedded = true for the bundled SFTP server)")
    for key in _MARKS:
        mark = table.get(key, "")
        if len(mark) > 1 or mark in {"\n", "\r"}:
            raise fault(f"{where}: {key} must be one character")
    marks = (table.get("separator") or ",", table.get("quote") or '"', table.get("escape", ""))
    if len(set(marks)) < len(marks):
        raise fault(f"{where}: separator, quote and escape must differ")
    if table.get("csv_encoding"):
        try:
            declared_encoding(table["csv_encoding"])
        except ClientError as error:
            raise fault(f"{where}: csv_encoding = {table['csv_encoding']!r:.60} is not known") from error
    unknown = set(table.get("reports", [])) - {"xml", "email"}
    if unknown:
        raise fault(f"{where}: reports = {min(unknown)!r:.60} is none of xml, email")


def fits(model: type[Model], values: Table, where: str) -> None:
    """Judge texts, and those of lists, by the length of their columns."""
    for key, value in values.items():
        field: Any = model._meta.get_field(key)  # noqa: SLF001  Django's documented _meta
        most = getattr(field, "base_field", field).max_length
        texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        if most is not None and any(len(text) > most for text in texts):
            raise fault(f"{where}: {key} is longer than {most} characters: shorten it")
