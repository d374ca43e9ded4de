"""The message as one person would get it; a client's HTML is shown only inside a sandbox."""

import re
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from deliveries import audience, conf
from deliveries.admin.shell.sandbox import framed
from deliveries.composition import preview_envelope, public_url_of, source_of
from deliveries.content import Preview, compile_source
from deliveries.content.review import review
from deliveries.errors import ClientError
from deliveries.models import Content, Delivery
from deliveries.sending.lifecycle.preflight.message import OWN_PAGES, sentence_of
from recipients import tables

AROUND: Final = 50
_ID: Final = re.compile(r"[0-9]{1,18}")  # what a bigint holds in any case


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview, or the sentence that says why there is none; ids of the people before and after."""

    message: Preview | None
    problem: str
    warnings: tuple[str, ...]
    recipient: int | None
    address: str
    before: int | None
    after: int | None
    size: int = 0
    remarks: tuple[str, ...] = ()


def of(delivery: Delivery, wanted: str, address: str = "") -> Shown:
    """Return the message for the wanted row id or address, else for the first person whom it would reach."""
    if address:
        found = tables.find_people(delivery.database, address.strip(), limit=1)
        if not found:
            return Shown(None, _("Nobody in the database has an address that begins so."), (), None, "", None, None)
        wanted = str(found[0])
    try:
        people = audience.sample(delivery, AROUND)
        recipient = int(wanted) if _ID.fullmatch(wanted) else next(iter(people), None)
        values = _values(delivery, recipient)
        compiled = compile_source(source_of(delivery))
        address = str(values.get(tables.address_column(delivery.database).lower(), ""))
        envelope = preview_envelope(address, delivery.pk, timezone.now(), public_url_of(delivery))
        message = compiled.preview(values, envelope)
        seen = review(compiled, values, preview_envelope(address, delivery.pk, timezone.now(), OWN_PAGES))
    except (ClientError, Content.DoesNotExist) as error:
        return Shown(None, getattr(error, "message", ""), (), None, "", None, None)
    place = people.index(recipient) if recipient in people else 0
    before = people[place - 1] if place > 0 else None
    after = people[place + 1] if place + 1 < len(people) else None
    remarks = tuple(sentence_of(remark) for remark in seen.remarks)
    notes = tuple(warning.say() for warning in compiled.warnings)
    return Shown(message, "", notes, recipient, address, before, after, seen.size, remarks)


def bytes_of(delivery: Delivery) -> int:
    """Return how large the message of the first person is on its way, 0 where it can't be made."""
    try:
        recipient = next(iter(audience.sample(delivery, 1)), None)
        values = _values(delivery, recipient)
        address = str(values.get(tables.address_column(delivery.database).lower(), ""))
        return len(
            compile_source(source_of(delivery)).compose(
                values, preview_envelope(address, delivery.pk, timezone.now(), public_url_of(delivery))
            )
        )
    except (ClientError, Content.DoesNotExist):
        return 0


def html_page(delivery: Delivery, wanted: str, *, images: bool) -> HttpResponse:
    """Return the HTML part alone, or why there is none, under a policy that runs nothing and asks nobody."""
    shown = of(delivery, wanted)
    html = shown.message.html if shown.message else ""
    if not html:
        why = shown.problem or _("There is no HTML yet.")
        html = render_to_string("campaign/no_preview.html", {"why": why})
    # Images only on request, as they may tell somebody that we looked.
    return framed(html, f"{conf.clients_html_policy(images=images)}; frame-ancestors 'self'")


def _values(delivery: Delivery, recipient: int | None) -> dict[str, object]:
    if recipient is None:
        return {}
    return tables.read_values(delivery.database, [recipient]).get(recipient, {})
