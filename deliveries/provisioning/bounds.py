"""What the values of a provisioning file may be beyond their types; each raises with one sentence."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deliveries.errors import ClientError
from deliveries.provisioning.faults import Table, fault
from recipients.loading.dialect import declared_encoding

_NUMBERS: Final[Mapping[str, tuple[float, float, str]]] = {
    "port": (1, 65_535, "between 1 and 65535"),
    "poll_seconds": (5, 86_400, "5 or more, and at most 86400 (a day)"),
    "duplicate_window_minutes": (0, 30 * 24 * 60, "between 0 (off) and 43200 (30 days)"),
    "bad_rows_limit": (0, 1, "a share between 0 and 1, as 0.1 for 10 %"),
    "rate_per_hour": (0, 2**31 - 1, "0 (no limit) or more"),
}
_OF_TABLES: Final = frozenset({"fields", "conditions"})
_MARKS: Final = ("separator", "quote", "escape")
_MOST_NAME: Final = 200


def check(table: Table, where: str) -> None:
    """Judge the lengths, numbers and lists of one table."""
    if len(table.get("name", "")) > _MOST_NAME:
        raise fault(f"{where}: name is longer than {_MOST_NAME} characters")
    for key, value in table.items():
        if key in _NUMBERS and not _NUMBERS[key][0] <= value <= _NUMBERS[key][1]:
            raise fault(f"{where}: {key} must be {_NUMBERS[key][2]}")
        if isinstance(value, str) and "\0" in value:
            raise fault(f"{where}: {key} holds a NUL character: take it out")
        if isinstance(value, list) and key not in _OF_TABLES and not all(isinstance(each, str) for each in value):
            raise fault(f"{where}: {key} must be a list of str, not {value!r:.60}")
    for domain, rate in table.get("rates", {}).items():
        if not isinstance(rate, int) or isinstance(rate, bool) or rate < 0:
            raise fault(f"{where}: rates.{domain} must be messages an hour, not {rate!r:.60}")


def account(table: Table, where: str) -> None:
    """Judge zone and language."""
    try:
        ZoneInfo(table.get("time_zone", "Europe/Rome"))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zone = table["time_zone"]
        raise fault(f"{where}: time_zone = {zone!r:.60} is no zone; write one like Europe/Rome") from error
    if table.get("language", "it") not in {"it", "en"}:
        raise fault(f"{where}: language = {table['language']!r:.60} is none of it, en")


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
