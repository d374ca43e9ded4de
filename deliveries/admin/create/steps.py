"""Each of the five steps: the form it shows, what it saves, what it shows beside."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _

from deliveries import audience
from deliveries.admin.create import saving
from deliveries.admin.create.forms import MessageForm, NewsletterForm, RecipientsForm
from deliveries.admin.create.html_file import html_of
from deliveries.admin.create.link_marks import links_in
from deliveries.admin.create.step import Step
from deliveries.admin.reports.categories import category_in_words
from deliveries.errors import ClientError
from deliveries.intake.remote_content.fetch import FetchError, fetch_all
from deliveries.models import Delivery, DeliveryStatus, Newsletter
from deliveries.sending.lifecycle import drafts, editing
from deliveries.sending.lifecycle.preflight import Level, preflight
from recipients import tables
from recipients.ids import id_in

_EARLIER: Final = 100  # deliveries to choose from: nobody reads through a longer select


class NewsletterStep(Step):
    key = "newsletter"

    def make_form(self) -> Form:
        rows = admin.site.get_model_admin(Newsletter).get_queryset(self.request)
        offered = rows.filter(account=self.row.account_id).order_by("name")
        return NewsletterForm(self.given, newsletters=offered, initial={"newsletter": self.row.newsletter_id})

    def save(self) -> tuple[str, str]:
        chosen = self.form.cleaned_data["newsletter"]
        if chosen.pk != self.row.newsletter_id:
            self.version = drafts.change_newsletter(self.row.pk, chosen, version=self.version)
        return "", ""


class RecipientsStep(Step):
    key = "recipients"

    def make_form(self) -> Form:
        initial = saving.source_of_recipients(self.row)
        return RecipientsForm(self.given, self.request.FILES or None, delivery=self.row, initial=initial)

    def save(self) -> tuple[str, str]:
        self.version, said = saving.recipients(
            self.row, self.form.cleaned_data, version=self.version, actor=self.request.user  # type: ignore[arg-type]  # signed in
        )  # fmt: skip
        return said, ""

    def facts(self) -> Mapping[str, Any]:
        try:
            return {"expected": audience.expected(self.row)}
        except ClientError as error:
            return {"uncounted": error.message}


class MessageStep(Step):
    key = "message"

    def make_form(self) -> Form:
        return MessageForm(self.given, initial=MessageForm.initial_from(self.row))

    def save(self) -> tuple[str, str]:
        data = dict(self.form.cleaned_data)
        if self.pressed == "text":
            data["text"] = saving.text_of(data["html"])
        if self.pressed == "upload":
            data["html"] = html_of(self.request.FILES.get("html_file"))
        self.version = saving.message(self.row, data, version=self.version, actor=self.request.user)  # type: ignore[arg-type]  # signed in
        if self.pressed == "copy":
            source = self._earlier().filter(pk=id_in(self.request.POST.get("earlier", "")) or 0).first()
            if source is None:
                raise ClientError("NO_DELIVERY", _("Choose the delivery whose message you want."))
            self.version = drafts.copy_message(self.row.pk, source, version=self.version)
            return _("The message of «%(title)s» was taken over.") % {"title": source.title}, ""
        return "", ""

    def _earlier(self) -> Any:
        rows = Delivery.objects.filter(account=self.row.account_id, content__isnull=False, type="normal")
        return rows.exclude(pk=self.row.pk).select_related("content").order_by("-id")

    def facts(self) -> Mapping[str, Any]:
        return {
            "earlier": self._earlier()[:_EARLIER],
            "fields": [column.name for column in tables.columns(self.row.database)],
        }


class LinksStep(Step):
    key = "links"

    def save(self) -> tuple[str, str]:
        self.version = saving.links(
            self.row, self._tracked(), self._categories(), on=self.request.POST.get("on") == "1",
            version=self.version, actor=self.request.user,  # type: ignore[arg-type]  # signed in
        )  # fmt: skip
        return "", ""

    def _tracked(self) -> set[int]:
        return {id_in(number) or 0 for number in self.request.POST.getlist("tracked")}

    def _categories(self) -> dict[str, int]:
        """Return what was chosen for each address; where one occurs more than once, for its first link."""
        found: dict[str, int] = {}
        for link in links_in(self.row.content.html):
            written = self.request.POST.get(f"category-{link.number}")
            if written is not None:
                found.setdefault(link.address, _category(written.strip()))
        return found

    def facts(self) -> Mapping[str, Any]:
        """Show the draft's links, or what was asked of them and not saved."""
        names, links = self.row.newsletter.link_categories, links_in(self.row.content.html)
        posted = self.request.method == "POST"
        chosen = {**self.row.content.link_categories, **(self._categories() if posted else {})}
        tracked = self._tracked() if posted else {link.number for link in links if link.tracked}
        seen: set[str] = set()
        lines = []
        for link in links:
            lines.append((link, link.number in tracked, chosen.get(link.address, 0), link.address in seen))
            seen.add(link.address)
        return {
            "links": lines,
            "on": self.request.POST.get("on") == "1" if posted else self.row.content.html_links == "parse",
            "categories": [(number, category_in_words(names, number)) for number in sorted({0, *names.values()})]
            if names
            else [],
        }


class SummaryStep(Step):
    key = "summary"

    def save(self) -> tuple[str, str]:
        """Make it ready; then the page of the delivery, or the question of the button that was pressed."""
        if self.row.status == DeliveryStatus.NEW:
            try:
                editing.finish(self.row.pk, version=self.version, actor=self.request.user, fetch=fetch_all)  # type: ignore[arg-type]  # signed in
            except FetchError as error:
                raise ClientError(error.fault) from error
        page = {"schedule": "schedule", "start": "start"}.get(self.pressed, "change")
        said = _("«%(title)s» is ready and waits for you.") % {"title": self.row.title} if page == "change" else ""
        return said, reverse(f"admin:deliveries_delivery_{page}", args=[self.row.pk])

    def facts(self) -> Mapping[str, Any]:
        report = preflight(self.row)
        return {
            "report": report,
            "stops": bool(report.at(Level.STOP)),
            "draft": self.row.status == DeliveryStatus.NEW,
        }


STEPS: Final[Mapping[str, type[Step]]] = {
    step.key: step for step in (NewsletterStep, RecipientsStep, MessageStep, LinksStep, SummaryStep)
}


def _category(text: str) -> int:
    """Return the number that was typed, -1 (which no newsletter has) for anything else."""
    number = id_in(text)
    return -1 if number is None else number
