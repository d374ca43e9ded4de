"""The dialog for title and labels of a delivery, which stays editable after it was sent (reference 5.1)."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from deliveries import conf
from deliveries.models import Delivery
from deliveries.sending.lifecycle.describe import describe, in_one_line
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

# Characters of a label, as a bundle's notes have (reference 2.4).
MOST_NAME: Final = 100
MOST_VALUE: Final = 10_000


class DescriptionForm(forms.Form):
    """The title, and the labels a line each; the version that was shown comes back with them."""

    title = forms.CharField(label=lazy("Title"), max_length=500)
    labels = forms.CharField(
        label=lazy("Labels"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=lazy("One a line: name = value."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_labels(self) -> list[tuple[str, str]]:
        """Return name and value of each line; says which line is wrong."""
        return labels_from(self.cleaned_data["labels"])


def labels_from(text: str) -> list[tuple[str, str]]:
    """Return name and value of each line. Raises ValidationError, which says which line is wrong."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, _equals, value = (part.strip() for part in line.partition("="))
        if not name and not value:
            continue
        if not name or len(name) > MOST_NAME or len(value) > MOST_VALUE or name in found:
            raise forms.ValidationError(
                _("Line %(n)s: write a name of its own (at most 100 characters), =, and a value.") % {"n": number}
            )
        found[name] = value
    if len(found) > conf.MAX_LABELS:
        raise forms.ValidationError(_("A delivery has at most %(n)s labels.") % {"n": conf.MAX_LABELS})
    return list(found.items())


def labels_text(row: Delivery) -> str:
    """Return the labels a line each; a value of several lines is joined to one."""
    return "\n".join(f"{label.name} = {in_one_line(label.value)}" for label in row.labels.all())


def initial_of(row: Delivery, _user: User) -> dict[str, Any]:
    """Return what the form holds at first."""
    return {"title": row.title, "labels": labels_text(row), "version": row.version}


def _describe(row: Delivery, user: User, data: dict[str, Any]) -> str:
    describe(row, data["title"], data["labels"], version=data["version"], actor=user)
    return _("«%(title)s» is changed.") % {"title": data["title"]}


DIALOG: Final = Dialog(
    "describe",
    lazy("Edit title and labels"),
    "edit",
    lambda row: Question(_("Title and labels of «%(title)s»") % {"title": row.title}),
    _describe,
    form=DescriptionForm,
    initial=initial_of,
)
