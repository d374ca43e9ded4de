"""Title and labels of a delivery: editable also after it was sent, never over another's edit (reference 5.1)."""

from typing import Any, Final

from django import forms
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from deliveries import conf
from deliveries.errors import StateConflict
from deliveries.models import Activity, Delivery, Label
from recipients.admin.dialogs import Dialog, Question
from recipients.models import User

_NAME: Final = 100
_VALUE: Final = 10_000


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
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["labels"].splitlines(), 1):
            name, _equals, value = (part.strip() for part in line.partition("="))
            if not name and not value:
                continue
            if not name or len(name) > _NAME or len(value) > _VALUE or name in found:
                raise forms.ValidationError(
                    _("Line %(n)s: write a name of its own (at most 100 characters), =, and a value.")
                    % {"n": number}
                )
            found[name] = value
        if len(found) > conf.MAX_LABELS:
            raise forms.ValidationError(_("A delivery has at most %(n)s labels.") % {"n": conf.MAX_LABELS})
        return list(found.items())


def shown(row: Delivery) -> dict[str, Any]:
    """Return what the form holds at first; a value of several lines is joined to one."""
    lines = (f"{label.name} = {' '.join(label.value.split())}" for label in row.labels.all())
    return {"title": row.title, "labels": "\n".join(lines), "version": row.version}


def describe(row: Delivery, user: User, data: dict[str, Any]) -> str:
    """Write title and labels. Raises StateConflict when somebody changed the delivery meanwhile."""
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=row.pk, version=data["version"])
        if not mine.update(title=data["title"], version=F("version") + 1):
            raise StateConflict("VERSION", _("Somebody changed it meanwhile: look again, then edit."))
        _write_labels(row, data["labels"])
        Activity.objects.create(account_id=row.account_id, actor=user, verb="edited", delivery=row)
    return _("«%(title)s» is changed.") % {"title": data["title"]}


def _write_labels(row: Delivery, wanted: list[tuple[str, str]]) -> None:
    """Write what differs: a value of several lines that was left alone keeps its lines."""
    kept = {label.name: label for label in row.labels.all()}
    row.labels.exclude(name__in=[name for name, _value in wanted]).delete()
    for name, value in wanted:
        if name not in kept:
            Label.objects.create(delivery=row, name=name, value=value)
        elif " ".join(kept[name].value.split()) != value:
            Label.objects.filter(pk=kept[name].pk).update(value=value)


DIALOG: Final = Dialog(
    "describe",
    lazy("Edit title and labels"),
    "edit",
    lambda row: Question(_("Title and labels of «%(title)s»") % {"title": row.title}),
    describe,
    form=DescriptionForm,
    initial=shown,
)
