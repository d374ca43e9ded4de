"""Delivery status notifications and feedback reports (RFC 3464, RFC 6533, RFC 5965): groups of fields. Pure."""

import re
from collections.abc import Mapping
from email.message import Message
from typing import Final

from deliveries.tracking.bounces.parts import Part, header
from deliveries.tracking.bounces.report import Failure, Kind, Report, address_in

STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
FEEDBACK_TYPE: Final = "message/feedback-report"
_MOST_GROUPS: Final = 100  # a report of ours has one recipient; nobody sends more than a few
_BEGINS: Final = "final-recipient"
_FOLDED: Final = re.compile(r"\n[ \t]+")
_STATUS: Final = re.compile(r"(?<![\w.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![\w.])")
_CODE: Final = re.compile(r"(?<![\w.])([245][0-9]{2})(?=[ -]|$)")
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")
_KINDS: Final = {"failed": Kind.BOUNCE, "failure": Kind.BOUNCE, "expired": Kind.BOUNCE, "delayed": Kind.DELAY}
# No complaints: not-spam takes one back, auth-failure and dmarc (RFC 6591) are about our domain.
_OTHER_FEEDBACK: Final = frozenset({"not-spam", "auth-failure", "dkim", "dmarc"})
_OPT_OUTS: Final = frozenset({"opt-out", "opt-out-list", "unsubscribe"})
# The subject and the header are Microsoft's (sendersupport.olc.protection.outlook.com, JMRP).
_COMPLAINT: Final = re.compile(r"complaint about message from ", re.IGNORECASE)
_COMPLAINED: Final = re.compile(r"^X-HmXmrOriginalRecipient:(.*)$", re.IGNORECASE | re.MULTILINE)

Group = Mapping[str, str]


def groups(text: str) -> list[Group]:
    """Return the blocks of `Name: value` lines, names in lower case; of a repeated name the first value."""
    found: list[Group] = []
    for block in re.split(r"\n[ \t]*\n", _FOLDED.sub(" ", text.strip("\n")))[:_MOST_GROUPS]:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, colon, value = line.partition(":")
            key = name.strip().lower()
            if key == _BEGINS and key in fields:  # AOL leaves no blank line between its recipients
                found.append(fields)
                fields = {}
            if colon:
                fields.setdefault(key, value.strip()[:2_000])
        if fields:
            found.append(fields)
    return found[:_MOST_GROUPS]


def delivery_status(parts: list[Part]) -> Report | None:
    """Return what the status parts say of their recipients; None where there is none, or none names a recipient."""
    rows: list[tuple[Kind, Failure]] = []
    for part in parts:
        if part.kind in STATUS_TYPES or part.headers.get_content_subtype() == "delivery-status":
            rows += [row for group in groups(part.text) if (row := recipient_of(group)) is not None]
    if not rows:
        return None
    for kind in (Kind.BOUNCE, Kind.DELAY):  # a failure among delays is what counts
        chosen = tuple(failure for found, failure in rows if found == kind)
        if chosen:
            return Report(kind, chosen)
    return Report(Kind.UNKNOWN, tuple(failure for _, failure in rows))


def recipient_of(group: Group) -> tuple[Kind, Failure] | None:
    """Read one recipient; the address that was written to goes before the one that it was forwarded to."""
    original, final = group.get("original-recipient", ""), group.get("final-recipient", "")
    address = address_in(_plain(original)) or address_in(final) or address_in(group.get("x-actual-recipient", ""))
    action = group.get("action", "").split(";")[0].split("(")[0].strip().lower()
    status = _STATUS.search(group.get("status", ""))
    if not action and not (address and status):
        return None
    text = group.get("diagnostic-code", "") or group.get("x-display-name", "")
    words = re.sub(r"^\s*(?:smtp|x-[\w-]+)\s*;", "", text, flags=re.IGNORECASE).strip()
    code = _CODE.search(words)
    found = status[1] if status else ""
    failure = Failure(address, found, words, int(code[1]) if code else 0)
    by_class = {"5": Kind.BOUNCE, "4": Kind.DELAY}.get(found[:1], Kind.UNKNOWN)
    return (_KINDS.get(action, Kind.UNKNOWN) if action else by_class), failure


def _plain(original: str) -> str:
    """Undo xtext (RFC 3461 4), in which some reports leave the original recipient."""
    return _XTEXT.sub(lambda letter: chr(int(letter[1], 16)), original) if "+40" in original else original


def feedback(parts: list[Part]) -> Report | None:
    """Return what a feedback report says; None where there is none."""
    for part in parts:
        if part.kind == FEEDBACK_TYPE:
            found = groups(part.text)
            fields = {name: value for group in reversed(found) for name, value in group.items()}
            kind = wish_of(fields.get("feedback-type", ""))
            to = address_in(fields.get("original-rcpt-to", ""))
            return Report(kind, (Failure(to),), fields.get("original-mail-from", ""))
    return None


def microsofts_complaint(headers: Message, parts: list[Part]) -> Report | None:
    """Return the complaint that Outlook.com's Junk Mail Reporting Program sends without a feedback report."""
    by_hotmail = address_in(header(headers, "From")) == "staff@hotmail.com"
    if not by_hotmail or not _COMPLAINT.match(header(headers, "Subject")):
        return None
    returned = next((part.text for part in parts if part.kind == "message/rfc822"), "")
    to = _COMPLAINED.search(returned)
    return Report(Kind.COMPLAINT, (Failure(address_in(to[1]) if to else ""),))


def wish_of(feedback_type: str) -> Kind:
    """Return what the person who pressed a button wants."""
    named = feedback_type.split(";", maxsplit=1)[0].strip().lower()
    if named in _OPT_OUTS:
        return Kind.UNSUBSCRIBE
    return Kind.UNKNOWN if named in _OTHER_FEEDBACK else Kind.COMPLAINT
