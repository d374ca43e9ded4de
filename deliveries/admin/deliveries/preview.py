"""The message as one person would get it; a client's HTML is shown only inside a sandbox."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
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
from recipients.ids import id_in
from recipients.models import FieldType

# In place of the values of those types that the name of a field can not replace.
_NEUTRAL: Final[dict[str, object]] = {
    FieldType.EMAIL: "reader@mail.example",
    FieldType.INTEGER: 123,
    FieldType.DECIMAL: Decimal("12.50"),
    FieldType.BOOLEAN: True,
    FieldType.DATE: date(2026, 12, 1),
    FieldType.DATETIME: datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
}
AROUND: Final = 50  # people to step through: a preview is a sample, and each is composed anew


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


def preview_of(delivery: Delivery, wanted: str, address: str = "") -> Shown:
    """Return the message for the wanted row id or address, else for the first person whom it would reach."""
    if address:
        found = tables.find_people(delivery.database, address.strip(), limit=1)
        if not found:
            return Shown(None, _("Nobody in the database has an address that begins so."), (), None, "", None, None)
        wanted = str(found[0])
    try:
        people = audience.sample(delivery, AROUND)
        asked = id_in(wanted)
        recipient = next(iter(people), None) if asked is None else asked
        shown = _written(delivery, _values(delivery, recipient))
    except (ClientError, Content.DoesNotExist) as error:
        return Shown(None, getattr(error, "message", ""), (), None, "", None, None)
    place = people.index(recipient) if recipient in people else 0
    before = people[place - 1] if place > 0 else None
    after = people[place + 1] if place + 1 < len(people) else None
    return replace(shown, recipient=recipient, before=before, after=after)


def neutral(delivery: Delivery) -> Shown:
    """Return the message with the names of the fields in place of values, for who may see nobody's."""
    values = {
        column.key: _NEUTRAL.get(column.type, f"[{column.name}]") for column in tables.columns(delivery.database)
    }
    try:
        return _written(delivery, values)
    except (ClientError, Content.DoesNotExist) as error:
        return Shown(None, getattr(error, "message", ""), (), None, "", None, None)


def _written(delivery: Delivery, values: dict[str, object]) -> Shown:
    """Return the message for these values. Raises ClientError, Content.DoesNotExist where there is none."""
    compiled = compile_source(source_of(delivery))
    address = str(values.get(tables.address_column(delivery.database).lower(), ""))
    envelope = preview_envelope(address, delivery.pk, timezone.now(), public_url_of(delivery))
    message = compiled.preview(values, envelope)
    seen = review(compiled, values, preview_envelope(address, delivery.pk, timezone.now(), OWN_PAGES))
    remarks = tuple(sentence_of(remark) for remark in seen.remarks)
    notes = tuple(warning.say() for warning in compiled.warnings)
    return Shown(message, "", notes, None, address, None, None, seen.size, remarks)


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


def html_page(delivery: Delivery, wanted: str | None, *, images: bool) -> HttpResponse:
    """Return the HTML part alone, or why there is none, under a policy that runs nothing and asks nobody.

    It is written for the person of this row id, where `wanted` is None for nobody.
    """
    shown = neutral(delivery) if wanted is None else preview_of(delivery, wanted)
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
