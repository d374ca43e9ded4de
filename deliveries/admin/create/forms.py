"""What each step asks. A draft may be wrong or empty anywhere: only its last step asks that all of it is right."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from deliveries import audience
from deliveries.admin.create.html_editor import HtmlEditor
from deliveries.admin.deliveries.describe import labels_from, labels_text
from deliveries.admin.filters.builder import ConditionsWidget
from deliveries.errors import ClientError
from deliveries.models import Delivery, Newsletter
from recipients.admin.fields import StorableJsonField
from recipients.models import Filter

MOST_HTML: Final = 5 * 1024**2  # bytes, as a part of a bundle may have
MOST_LIST: Final = 30 * 1024**2  # bytes of a list that is loaded while somebody waits
ALL, FILTER, BOTH, NEW, UPLOAD = "all", "filter", "both", "new", "upload"


class NewsletterForm(forms.Form):
    """Where the database, the sender and every default come from."""

    newsletter = forms.ModelChoiceField(
        Newsletter.objects.none(),
        label=lazy("Newsletter"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
        help_text=lazy("Its database, its sender and its message are what you begin with."),
    )

    def __init__(self, *args: Any, newsletters: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["newsletter"].queryset = newsletters  # type: ignore[attr-defined]  # a ModelChoiceField


class RecipientsForm(forms.Form):
    """All users, a filter, two filters together, or a list that is loaded now."""

    who = forms.ChoiceField(
        label=lazy("Who gets it"),
        widget=forms.RadioSelect,
        choices=[
            (ALL, lazy("All users of the database")),
            (FILTER, lazy("A filter")),
            (BOTH, lazy("Two filters together")),
            (NEW, lazy("A filter that I write now")),
            (UPLOAD, lazy("A list that I load now")),
        ],
    )
    filter = forms.ModelChoiceField(
        Filter.objects.none(), label=lazy("Filter"), required=False, widget=UnfoldAdminSelectWidget
    )
    match = forms.ChoiceField(
        label=lazy("Together"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[("all", lazy("who is in both")), ("any", lazy("who is in either"))],
    )
    second = forms.ModelChoiceField(
        Filter.objects.none(), label=lazy("Second filter"), required=False, widget=UnfoldAdminSelectWidget
    )
    new_match = forms.ChoiceField(
        label=lazy("match"), required=False, choices=[("all", lazy("all")), ("any", lazy("any"))]
    )
    conditions = StorableJsonField(
        label=lazy("Conditions"), required=False, widget=ConditionsWidget(match="new_match")
    )
    save_as = forms.CharField(
        label=lazy("Save as"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=lazy("A name for it among the filters; without one it serves this delivery alone."),
    )
    file = forms.FileField(
        label=lazy("CSV or zip"),
        required=False,
        help_text=lazy("Its first row names the fields; at most 30 MB. The rows stay in the database."),
    )
    remove_duplicates = forms.BooleanField(
        label=lazy("One mail an address, however often it is there"), required=False
    )

    def __init__(self, *args: Any, delivery: Delivery, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Filter.objects.filter(database=delivery.database_id, archived_at=None).exclude(use="test")
        plain = offered.filter(automatic=False) | offered.filter(pk=delivery.filter_id or 0)
        for name in ("filter", "second"):
            self.fields[name].queryset = plain.order_by("name")  # type: ignore[attr-defined]  # the same
        self.fields["conditions"].widget.fixed = delivery.database
        self.delivery = delivery

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_LIST:
            raise ValidationError(_("This list is over 30 MB: import it into the database, then choose a filter."))
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs."""
        cleaned = super().clean() or {}
        who = cleaned.get("who")
        if who in {FILTER, BOTH} and not cleaned.get("filter"):
            self.add_error("filter", _("Choose a filter."))
        if who == BOTH and (not cleaned.get("second") or cleaned.get("second") == cleaned.get("filter")):
            self.add_error("second", _("Choose another filter to go with the first."))
        if who == NEW:
            self._clean_new(cleaned)
        if who == UPLOAD and not cleaned.get("file") and "file" not in self.errors:
            self.add_error("file", _("Choose a file."))
        return cleaned

    def _clean_new(self, cleaned: dict[str, Any]) -> None:
        """Say which condition is wrong, or that there is none."""
        if not cleaned.get("conditions"):
            self.add_error("conditions", _("Write a condition."))
            return
        try:
            audience.check_filter(self.delivery.database, cleaned.get("new_match") or "all", cleaned["conditions"])
        except ClientError as error:
            self.add_error("conditions", error.message)


class MessageForm(forms.Form):
    """Title, headers, HTML and text; markers unfilled."""

    title = forms.CharField(
        label=lazy("Title"), max_length=500, help_text=lazy("For your lists; readers don't see it.")
    )
    subject = forms.CharField(label=lazy("Subject"), max_length=500, required=False)
    from_name = forms.CharField(label=lazy("Sender's name"), max_length=200, required=False)
    from_address = forms.CharField(label=lazy("Sender's address"), max_length=320, required=False)
    reply_to = forms.CharField(label=lazy("Reply to"), max_length=500, required=False)
    html = forms.CharField(
        label="HTML",
        required=False,
        max_length=MOST_HTML,
        strip=False,
        widget=HtmlEditor,
    )
    text = forms.CharField(
        label=lazy("Text"),
        required=False,
        max_length=MOST_HTML,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
    )
    labels = forms.CharField(
        label=lazy("Labels"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=lazy("One a line: name = value."),
    )
    publish_on_web = forms.BooleanField(
        label=lazy("Also a public page, which ${web_version}$ leads to"), required=False
    )

    def clean_labels(self) -> list[tuple[str, str]]:
        """Return name and value of each line."""
        return labels_from(self.cleaned_data["labels"])

    @staticmethod
    def initial_from(delivery: Delivery) -> dict[str, Any]:
        """Return what the form holds of a delivery."""
        content = delivery.content
        own = {name: getattr(delivery, name) for name in ("title", "subject", "publish_on_web")}
        names = ("from_name", "from_address", "reply_to", "html", "text")
        return {**own, **{name: getattr(content, name) for name in names}, "labels": labels_text(delivery)}
