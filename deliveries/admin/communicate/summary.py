"""What the + of a row shows in place: the facts that the columns have no room for."""

from typing import Any

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from deliveries.admin.communicate import people
from deliveries.admin.deliveries import preview
from deliveries.models import Delivery
from recipients.admin.badges import grouped


def summary(row: Delivery) -> list[tuple[StrOrPromise, Any]]:
    """Return name and value of each fact."""
    count = row.size if row.size is not None else people.counts([row]).get(row.pk)
    whom = str(row.filter.name if row.filter else _("all users"))
    size = preview.bytes_of(row)
    return [
        (_("Title"), row.title),
        (_("Subject"), row.subject or "—"),
        (_("Newsletter"), row.newsletter.name),
        (_("Database"), row.database.name),
        (_("Recipients"), f"{whom} · {grouped(count)}" if count is not None else whom),
        (_("Options"), ", ".join(options(row)) or _("none")),
        (_("Labels"), ", ".join(f"{label.name} = {label.value[:80]}" for label in row.labels.all()) or _("none")),
        (_("Type"), row.get_type_display()),
        (_("Message"), _("about %(n)s kB") % {"n": grouped(max(1, round(size / 1000)))} if size else "—"),
    ]


def options(row: Delivery) -> list[str]:
    """Return in words what was chosen for it."""
    chosen = (
        (row.remove_duplicates, _("repetitions removed")),
        (row.transactional, _("transactional")),
        (row.publish_on_web, _("on the web")),
        (row.most_recipients is not None, _("at most %(n)s people") % {"n": grouped(row.most_recipients or 0)}),
    )
    return [str(words) for holds, words in chosen if holds]
