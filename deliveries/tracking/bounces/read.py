"""What a mail that came back says: feedback report, delivery status, notice in words, automatic answer. Pure."""

import re
from dataclasses import replace
from email.message import Message
from typing import Final

from deliveries.refusals import HARD, Category, Refusal, classify, find_enhanced, says_something
from deliveries.tracking.bounces import amazon, auto_replies, fields, notices
from deliveries.tracking.bounces.parts import Part, beginning_of, head_of, parts_of
from deliveries.tracking.bounces.report import Failure, Kind, Report

_QUOTED_TYPES: Final = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"}
)
_LEADING: Final = re.compile(r"[^a-zA-Z]{0,12}[245][0-9]{2}[ -]#?([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![\w.])")
_MOST_QUOTED: Final = 64 * 1024  # characters in which tokens are looked for


def read(data: bytes) -> Report:
    """Return what the first megabyte of a mail says; never raises."""
    headers, body = head_of(beginning_of(data))
    parts = parts_of(headers, body)
    report = (
        fields.feedback(parts)
        or fields.microsofts_complaint(headers, parts)
        or fields.delivery_status(parts)
        or amazon.notification(parts)
    )
    if report is not None:
        several = len(report.failures) > 1
        failures = tuple(_completed(each, headers, parts, several=several) for each in report.failures)
        report = replace(report, failures=failures)
    else:
        report = _in_words(headers, parts)
    return replace(report, quoted=f"{report.quoted}\n{_quoted(headers, parts)}")


def category_of(failure: Failure, return_path: str = "") -> Category:
    """Return the category of a failure. The remote server's own code decides, then the status, then the words.

    A status of class 4 is never hard: the server gave up waiting, it did not say that nobody is there.
    """
    codes = (leading_code(failure.text), failure.status, find_enhanced(failure.text, failure.code))
    enhanced = next((code for code in codes if says_something(code)), failure.status)
    category = classify(Refusal(failure.text, failure.code, enhanced, "", return_path, failure.address))
    return Category.TEMPORARY if enhanced.startswith("4") and category in HARD else category


def leading_code(text: str) -> str:
    """Return the enhanced code with which a server's reply begins: "550 5.7.1 …"; a relay's status may differ."""
    found = _LEADING.match(text)
    return found[1] if found else ""


def _in_words(headers: Message, parts: list[Part]) -> Report:
    if auto_replies.says_so(headers) and "X-Failed-Recipients" not in headers:
        return Report(Kind.AUTO_REPLY)
    if notices.is_notice(headers, parts):
        report = notices.read_notice(headers, parts)
        return report if any(failure.address for failure in report.failures) else _wrapped(parts) or report
    return Report(Kind.AUTO_REPLY if auto_replies.is_automatic(headers) else Kind.UNKNOWN)


def _wrapped(parts: list[Part]) -> Report | None:
    """Return the report that a gateway's notice without an address carries as its attachment."""
    for part in parts:
        if part.kind == "message/rfc822":
            return fields.delivery_status(parts_of(*head_of(part.body)))
    return None


def _completed(failure: Failure, headers: Message, parts: list[Part], *, several: bool) -> Failure:
    """Fill from the words of a report what its fields leave out: an address, and why it failed."""
    address = failure.address or notices.first_named(headers, parts)
    if failure.text:
        return replace(failure, address=address)
    words = notices.reason_of(address, headers, parts) if several else notices.text_of(parts)
    return replace(failure, address=address, text=" ".join(words.split())[:2_000])


def _quoted(headers: Message, parts: list[Part]) -> str:
    """Return where tokens of the returned message may be: its headers, what quotes or answers it."""
    named = [str(headers.get(name, "")) for name in ("In-Reply-To", "References")]
    returned = [part.text for part in parts if part.kind in _QUOTED_TYPES]
    words = [part.text for part in parts if part.kind in {"text/plain", "text/html"}]
    return "\n".join([*named, *returned, *words])[:_MOST_QUOTED]
