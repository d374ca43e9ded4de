"""The columns of the list of deliveries: narrow enough to fit side by side into a window of 1280."""

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as lazy

from deliveries.admin.deliveries.progress import about_to_start
from deliveries.admin.shell.badges import delivery_state, starting_state
from deliveries.models import Delivery, DeliveryStatus
from recipients.admin.badges import grouped, moment, name


class DeliveryColumns:
    """What a row shows; the list sets `progress`, `links` and `labels_shown` on it, once a page."""

    @admin.display(description="+")
    def opened(self, row: Delivery) -> Any:
        """Return the button that opens the row's summary in place."""
        return render_to_string("campaign/row_open.html", {"row": row})

    @admin.display(description=lazy("status"), ordering="status")
    def shown_state(self, row: Delivery) -> Any:
        """Return icon and word, and the type where it is a test."""
        return render_to_string("campaign/row_state.html", {"row": row, "state": state_of(row)})

    @admin.display(description=lazy("id"), ordering="id")
    def number(self, row: Delivery) -> Any:
        """Return the id, which has no thousands mark, and where it comes from, the run if there is one."""
        came = row.get_source_display()
        if row.run_id is None:
            return format_html("{}<br><small>{}</small>", str(row.pk), came)
        run = reverse("admin:deliveries_processingrun_change", args=[row.run_id])
        return format_html('{}<br><small><a class="xd-link" href="{}">{}</a></small>', str(row.pk), run, came)

    @admin.display(description=lazy("title"), ordering="title")
    def named(self, row: Delivery) -> Any:
        """Return title and subject, long ones whole but wrapped, and labels; of a failed one why it failed."""
        return render_to_string(
            "campaign/row_title.html", {"row": row, "failed": row.status == DeliveryStatus.FAILED}
        )

    @admin.display(description=lazy("newsletter, recipients"), ordering="newsletter__name")
    def recipients(self, row: Delivery) -> Any:
        """Return the newsletter, the filter or all users, and how many: the size, else what is counted now."""
        whom = name(str(row.filter.name if row.filter else lazy("all users")))
        count = "" if row.size is None else grouped(row.size)
        people = format_html('<small id="people-{}" data-part>{}</small>', str(row.pk), count)
        return format_html('{}<small class="xd-whom">{}</small>{}', name(row.newsletter.name), whom, people)

    @admin.display(description=lazy("created"), ordering="created_at")
    def created(self, row: Delivery) -> Any:
        return moment(row.created_at)

    @admin.display(description=lazy("scheduled for, progress"), ordering="start_at")
    def progress(self, row: Delivery) -> Any:
        """Return when it goes out, once it has started the bar and how many of how many."""
        return render_to_string("campaign/row_progress.html", {"row": row})

    @admin.display(description=lazy("actions"))
    def acts(self, row: Delivery) -> Any:
        """Return the likeliest action of the row's state, and the others behind it."""
        links = row.links  # type: ignore[attr-defined]  # set by the list
        return render_to_string("campaign/row_acts.html", {"row": row, "first": links[:1], "more": links[1:]})


def state_of(row: Delivery) -> Any:
    """Return the label of the state, for one that is due the word that it starts."""
    return starting_state() if about_to_start(row) else delivery_state(row.status)
