"""Points about the message: what stops it, and what readers, their filters and their devices stumble over."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliveries import audience
from deliveries.composition import preview_envelope, source_of
from deliveries.content import CompiledMessage, ComposeError, ContentError, compile_source
from deliveries.content.review import Remark, RemarkCode, review
from deliveries.errors import ClientError
from deliveries.models import Content, Delivery
from deliveries.sending.lifecycle.preflight.findings import Finding, Level
from recipients import tables

# Our own pages are not checked: how they are reached is the platform's business.
OWN_PAGES: Final = "https://own.invalid"
_SHOUTS: Final = 0.7  # of the letters of a subject are capitals
_LETTERS: Final = 8  # fewer are an abbreviation
# Of one person these say little: how many lack a field is counted over all of them.
_PASSED_OVER: Final = frozenset({RemarkCode.EMPTY_FIELDS, RemarkCode.NO_HTML})


def findings(delivery: Delivery, content: Content) -> tuple[CompiledMessage | None, list[Finding]]:
    """Return the compiled message, None where it can't be compiled, and the points about it."""
    headers = list(_headers(delivery, content))
    try:
        compiled = compile_source(source_of(delivery))
    except ContentError as error:
        mistakes = [ClientError(problem.in_the_form) for problem in error.problems]
        return None, [*(Finding(Level.STOP, each.code, each.message) for each in mistakes), *headers]
    except ClientError as error:
        return None, [Finding(Level.STOP, error.code, error.message), *headers]
    return compiled, [*headers, *_parts(content, compiled), *_of_first(delivery, compiled)]


def _headers(delivery: Delivery, content: Content) -> Iterator[Finding]:
    letters = [letter for letter in delivery.subject if letter.isalpha()]
    shouts = len(letters) >= _LETTERS and sum(map(str.isupper, letters)) > _SHOUTS * len(letters)
    if shouts or "!!" in delivery.subject or "$$" in delivery.subject:
        yield Finding(Level.LOOK, "SPAMMY", _("The subject shouts (capitals, !!, $$): filters mind."))
    if not content.from_name.strip():
        yield Finding(Level.LOOK, "FROM_NAME", _("The sender has no name: readers see the bare address."))


def _parts(content: Content, compiled: CompiledMessage) -> Iterator[Finding]:
    if not content.html.strip() and not content.text.strip():
        yield Finding(Level.STOP, "CONTENT_NONE", _("It has neither HTML nor text: write one of them."))
    for warning in compiled.warnings:
        yield Finding(Level.LOOK, "CONTENT", warning.say())


def _of_first(delivery: Delivery, compiled: CompiledMessage) -> Iterator[Finding]:
    person = next(iter(audience.sample(delivery, 1)), None)
    values = tables.read_values(delivery.database, [person]).get(person, {}) if person else {}
    address = str(values.get(tables.address_column(delivery.database).lower(), ""))
    envelope = preview_envelope(address, delivery.pk, datetime(2026, 1, 1, tzinfo=UTC), OWN_PAGES)
    try:
        remarks = review(compiled, values, envelope).remarks
    except ComposeError as error:
        yield Finding(Level.LOOK, error.code, _("For the first person it can't be made: %s") % error.message)
        return
    for remark in remarks:
        if remark.code not in _PASSED_OVER and not (
            remark.code is RemarkCode.NO_WAY_OUT and delivery.transactional
        ):
            yield Finding(Level.LOOK, remark.code.value, sentence_of(remark))


def sentence_of(remark: Remark) -> str:
    """Return a remark about a message in the reader's language."""
    params: Mapping[str, int | str] = remark.params
    count = int(params.get("count", 0))
    match remark.code:
        case RemarkCode.NO_TEXT:
            return _("It has no text part: some readers see nothing, and filters mind.")
        case RemarkCode.NO_HTML:
            return _("It has no HTML part.")
        case RemarkCode.NO_WAY_OUT:
            return _("Nothing in its %(part)s part leads out: show ${unsubscribe_url}$.") % params
        case RemarkCode.IMAGE_WITHOUT_ALT:
            said = ngettext(
                "%(count)s image has no alternative text.", "%(count)s images have no alternative text.", count
            )
        case RemarkCode.HTTP_LINK:
            said = ngettext(
                "%(count)s link goes to http, which is not encrypted.",
                "%(count)s links go to http, which is not encrypted.",
                count,
            )
        case RemarkCode.LONG_HTML:
            kilobytes = {"n": round(int(params["bytes"]) / 1024)}
            return _("The HTML has %(n)s kB: Gmail cuts what is over 102.") % kilobytes
        case RemarkCode.EMPTY_FIELDS:
            said = _("Empty for this person: %(names)s.")
    return said % params
