"""What each step does with what was typed: one service, whose refusal is shown beside what stays typed."""

import tempfile
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from deliveries import audience
from deliveries.admin.create import forms
from deliveries.admin.create.link_marks import with_marks
from deliveries.content.plain_text import text_from_html
from deliveries.models import Delivery
from deliveries.sending.lifecycle import editing
from deliveries.sending.lifecycle.link_categories import check_category
from recipients import audit
from recipients.admin.badges import grouped
from recipients.loading.modes import Mode
from recipients.models import User

_OWN_BREAKS = "\n"


def recipients(row: Delivery, data: dict[str, Any], *, version: int, actor: User) -> tuple[int, str]:
    """Choose who gets it; return the new version, and what was loaded in words. Raises ClientError."""
    chosen, said = row.filter, ""
    match data["who"]:
        case forms.ALL:
            chosen = None
        case forms.FILTER:
            chosen = data["filter"]
        case forms.BOTH:
            chosen = audience.combine(row.database, data["filter"], data["second"], data["match"] or "all")
        case forms.NEW:
            chosen = audience.new_filter(
                row.database, data["save_as"], data["new_match"] or "all", data["conditions"],
                unnamed=_("Written for «%(title)s»") % {"title": row.title[:250]},
            )  # fmt: skip
        case forms.UPLOAD:
            chosen, said = _loaded(row, data["file"], actor)
    changes = {"filter": chosen, "remove_duplicates": data["remove_duplicates"]}
    changed = editing.edit(row.pk, changes, version=version, actor=actor)
    if row.filter is not None and row.filter != chosen:
        audience.forget_unused(row.filter)
    return changed, said


def _loaded(row: Delivery, upload: Any, actor: User) -> tuple[Any, str]:
    with tempfile.TemporaryDirectory(prefix="list-") as folder:
        place = Path(folder) / "list"
        with place.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        chosen, result = audience.load_list(row, place, upload.name)
    facts = {
        "file": upload.name[:200],
        "mode": Mode.INSERT.value,
        "inserted": result.good,
        "updated": 0,
        "deleted": 0,
    }
    audit.record(row.account_id, actor, audit.Verb.PEOPLE_IMPORTED, row.database, **facts)
    if not result.bad:
        return chosen, _("%(good)s people were loaded.") % {"good": grouped(result.good)}
    numbers = {"good": grouped(result.good), "bad": grouped(result.bad)}
    return chosen, _("%(good)s people were loaded; %(bad)s rows were bad and left out.") % numbers


def message(row: Delivery, data: dict[str, Any], *, version: int, actor: User) -> int:
    """Write the message as typed; return the new version. Raises ClientError."""
    labels = data.pop("labels")
    unchanged = {name for name in ("html", "text") if _same(getattr(row.content, name), data[name])}
    changes = {name: value for name, value in data.items() if name not in unchanged}
    return editing.edit(row.pk, changes, version=version, actor=actor, labels=labels)


def _same(kept: str, typed: str) -> bool:
    """Return whether a part differs in its line ends alone, which a form rewrites."""
    return kept.replace("\r\n", _OWN_BREAKS) == typed.replace("\r\n", _OWN_BREAKS)


def text_of(html: str) -> str:
    """Return a text part made from the HTML."""
    return text_from_html(html)


def links(
    row: Delivery, tracked: set[int], categories: dict[str, int], *, on: bool, version: int, actor: User
) -> int:
    """Mark the links to be tracked, and keep their categories by address; return the new version.

    Raises ClientError for a category that the newsletter has not.
    """
    for number in categories.values():
        check_category(row, number)
    changes = {
        "html": with_marks(row.content.html, tracked),
        "html_links": "parse" if on else "off",
        "link_categories": {**row.content.link_categories, **categories},
    }
    return editing.edit(row.pk, changes, version=version, actor=actor)


def source_of_recipients(row: Delivery) -> dict[str, Any]:
    """Return what the step of the recipients shows of a draft."""
    who = forms.FILTER if row.filter_id else forms.ALL
    return {"who": who, "filter": row.filter_id, "remove_duplicates": row.remove_duplicates}
