"""Points about the message as written: what readers, their filters and their devices stumble over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliveries import audience
from deliveries.composition import source_of
from deliveries.content import CompiledMessage, ComposeError, Envelope, compile_source
from deliveries.errors import ClientError
from deliveries.models import Content, Delivery
from deliveries.sending.lifecycle.preflight.findings import Finding, Level
from recipients import tables

CLIPPED: Final = 102 * 1024  # of HTML: what Gmail shows before it cuts
_SHOUTS: Final = 0.7
_LETTERS: Final = 8


class _Markup(HTMLParser):
    """Counts images without an alternative text and links that are not encrypted."""

    def __init__(self) -> None:
        super().__init__()
        self.images_without_alt = 0
        self.plain_links = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img" and "alt" not in given and given.get("width") != "1":
            self.images_without_alt += 1
        if tag in {"a", "area"} and (given.get("href") or "").strip().lower().startswith("http://"):
            self.plain_links += 1


def findings(delivery: Delivery, content: Content) -> tuple[CompiledMessage | None, list[Finding]]:
    """Return the compiled message, None where it can't be compiled, and the points about it."""
    try:
        compiled = compile_source(source_of(delivery))
    except ClientError as error:
        return None, [Finding(Level.STOP, error.code, error.message)]
    found = [
        *_headers(delivery, content),
        *_parts(delivery, content, compiled),
        *_markup(content.html),
        *_size(delivery, compiled),
    ]
    return compiled, found


def _headers(delivery: Delivery, content: Content) -> Iterator[Finding]:
    if not delivery.subject.strip():
        yield Finding(Level.STOP, "SUBJECT_MISSING", _("It has no subject: write one."))
    letters = [letter for letter in delivery.subject if letter.isalpha()]
    shouts = len(letters) >= _LETTERS and sum(map(str.isupper, letters)) > _SHOUTS * len(letters)
    if shouts or "!!" in delivery.subject or "$$" in delivery.subject:
        yield Finding(Level.LOOK, "SPAMMY", _("The subject shouts (capitals, !!, $$): filters mind."))
    if not content.from_name.strip():
        yield Finding(Level.LOOK, "FROM_NAME", _("The sender has no name: readers see the bare address."))
    if not content.reply_to.strip():
        yield Finding(Level.STOP, "REPLY_TO_MISSING", _("It has no address to reply to: write one."))


def _parts(delivery: Delivery, content: Content, compiled: CompiledMessage) -> Iterator[Finding]:
    if not content.html.strip() and not content.text.strip():
        yield Finding(Level.STOP, "CONTENT_NONE", _("It has neither HTML nor text: write one of them."))
    elif not content.text.strip():
        yield Finding(Level.LOOK, "NO_TEXT", _("It has no text part: some readers see nothing, and filters mind."))
    if not delivery.transactional and not content.footer and not compiled.prints("unsubscribe_url"):
        yield Finding(Level.LOOK, "NO_UNSUBSCRIBE", _("Nothing in it leads out: show ${unsubscribe_url}$."))
    for warning in compiled.warnings:
        yield Finding(Level.LOOK, "CONTENT", warning)


def _markup(html: str) -> Iterator[Finding]:
    seen = _Markup()
    seen.feed(html)
    if seen.images_without_alt:
        said = ngettext(
            "%(n)s image has no alternative text.",
            "%(n)s images have no alternative text.",
            seen.images_without_alt,
        )
        yield Finding(Level.LOOK, "NO_ALT", said % {"n": seen.images_without_alt})
    if seen.plain_links:
        said = ngettext(
            "%(n)s link goes to http, which is not encrypted.",
            "%(n)s links go to http, which is not encrypted.",
            seen.plain_links,
        )
        yield Finding(Level.LOOK, "HTTP_LINK", said % {"n": seen.plain_links})


def _size(delivery: Delivery, compiled: CompiledMessage) -> Iterator[Finding]:
    person = next(iter(audience.sample(delivery, 1)), None)
    values = tables.read_values(delivery.database, [person]).get(person, {}) if person else {}
    envelope = Envelope(
        to="nobody@example.invalid",
        message_id="<preflight@example.invalid>",
        date=datetime(2026, 1, 1, tzinfo=UTC),
        delivery_id=delivery.pk,
    )
    try:
        size = len(compiled.preview(values, envelope).html.encode())
    except ComposeError as error:
        yield Finding(Level.LOOK, error.code, _("For the first person it can't be made: %s") % error.message)
        return
    if size > CLIPPED:
        said = _("The HTML has %(n)s kB: Gmail cuts what is over 102.")
        yield Finding(Level.LOOK, "CLIPPED", said % {"n": round(size / 1024)})
