"""A newsletter's settings (reference 8): what is kept here, sending takes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from deliveries.charsets import canonical
from deliveries.configuring import addresses, numbers
from deliveries.configuring.validation import Check, ValidationResult
from deliveries.content import ContentError, Source, compile_source
from deliveries.content.mime.headers import one_line
from deliveries.errors import ClientError
from recipients import tables
from recipients.models import Database

_LABEL: Final = re.compile(r"<\{([^{}<>\r\n]{0,200})\}>")
_MARKERS: Final = ("${", "<{")
# A message with nothing wrong: whatever is then refused is what was written.
_FINE: Final = Source(
    subject="-", text="-", from_address="a@shop.example", reply_to="a@shop.example", fields={}, labels={}
)
_HEADERS: Final = ("from_name", "from_address", "reply_to")


def validate_newsletter(values: Mapping[str, Any], database: Database | None) -> ValidationResult:
    """Check those settings that are among `values`, by their model's names; without a database not its fields."""
    result = ValidationResult()
    result.take(values, _PLAIN)
    result.take(values, dict.fromkeys(_HEADERS, _line))
    result.take(values, {"from_address": _sender})
    if database is not None:
        columns = tables.columns(database)
        fields = {column.name.lower(): column for column in columns}
        result.take(values, {name: _header(name, fields) for name in _HEADERS})
        result.take(values, {"consent_field": _field_of(fields)})
    return result


def _encoding(text: str) -> str:
    known = canonical(text)
    if known is None:
        raise ClientError("ENCODING", _("Write utf-8, iso-8859-1, iso-8859-15, windows-1252 or shift_jis."))
    return known


_PLAIN: Final[Mapping[str, Check]] = {
    "encoding": _encoding,
    "bounce_domain": addresses.domain,
    "public_url": addresses.web_address,
    "seeds": addresses.few_mailboxes,
    "rates": numbers.rates,
    "dkim_domain": addresses.domain,
    "dkim_selector": addresses.selector,
    "dkim_second_selector": addresses.selector,
    "link_categories": numbers.categories,
}


def _line(text: str) -> str:
    if one_line(text) != text.strip():
        raise ClientError("LINE", _("Take out line breaks and control characters."))
    return text.strip()


def _sender(text: str) -> str:
    """Return an address; with markers in it, it is checked as a header is."""
    return text.strip() if any(mark in text for mark in _MARKERS) else addresses.mailbox(text)


def _header(name: str, fields: Mapping[str, tables.Column]) -> Check:
    def check(text: str) -> str:
        """Write a message with it: markers name the database's fields, notes come with each bundle."""
        kinds = {key: column.type for key, column in fields.items()}
        notes = dict.fromkeys(_LABEL.findall(text), "x")
        try:
            compile_source(replace(_FINE, fields=kinds, labels=notes, **{name: text}))  # type: ignore[arg-type]  # a text each
        except ContentError as error:
            raise ClientError(error.code, _why(text, error)) from error
        return text.strip()

    return check


def _why(text: str, error: ContentError) -> str:
    if error.code == "REPLY_TO":
        return _("Write an address, or a name and an <address>.")
    if error.code == "FROM_ADDRESS":
        return addresses.no_mailbox(text)
    return _("It can't be filled in: %(why)s") % {"why": error.message}


def _field_of(fields: Mapping[str, tables.Column]) -> Check:
    def check(text: str) -> str:
        """Return the field's name as it is declared."""
        found = fields.get(text.strip().lower())
        if found is None:
            known = ", ".join(column.name for column in fields.values())
            raise ClientError(
                "FIELD", _("The database has no field of that name; it has %(known)s.") % {"known": known}
            )
        return found.name

    return check
