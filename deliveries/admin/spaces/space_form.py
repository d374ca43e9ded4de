"""The form of a space: it takes secrets and never shows them (reference 4, Spaces)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from deliveries import vault
from deliveries.configuring import validate_space
from deliveries.models import SftpSpace
from deliveries.models.spaces import REPORTS
from recipients.admin.access import OneAccountForm
from recipients.admin.fields import lines_field

CSV_ENCODINGS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-15")
_SEALED = (("new_password", "password"), ("new_private_key", "private_key"))


class SpaceForm(OneAccountForm):
    """Takes new secrets; what is kept is never shown, an empty field keeps it."""

    sentences = {"one_space_of_a_name": ("name", _("There is a space of this name already: choose another."))}

    reports = forms.MultipleChoiceField(
        label=_("reports"),
        required=False,
        choices=REPORTS,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    csv_encoding = forms.ChoiceField(
        label=_("CSV encoding"),
        required=False,
        choices=[("", _("found by itself")), *((name, name) for name in CSV_ENCODINGS)],
        widget=UnfoldAdminSelectWidget,
    )
    # A tab can be chosen, not typed; and a field of text would strip it.
    separator = forms.ChoiceField(
        label=_("separator"),
        choices=[(",", ","), (";", ";"), ("\t", _("tabulator")), ("|", "|")],
        widget=UnfoldAdminSelectWidget,
    )
    notify = lines_field(_("summary to"), _("An e-mail address a line."))
    authorized_keys = lines_field(
        _("authorized keys"), _("For the bundled server: public keys that may log in, one a line.")
    )

    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty keeps the present one."),
    )
    new_private_key = forms.CharField(
        label=_("New private key"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=_("In OpenSSH's or PEM format, without a passphrase. Empty keeps the present one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("separator", "csv_encoding"):
            kept = getattr(self.instance, name)
            field: Any = self.fields.get(name)
            if field is not None and kept not in dict(field.choices):
                field.choices = [*field.choices, (kept, kept)]

    def clean(self) -> dict[str, Any]:
        """Check what needs a database as provisioning does."""
        cleaned = super().clean()
        account = cleaned.get("account", getattr(self.instance, "account", None))
        space = SftpSpace(pk=self.instance.pk, account=account, embedded=self.instance.embedded)
        result = validate_space(cleaned, space)
        self.take(result.kept, result.faults)
        return self.cleaned_data

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  ModelForm's own signature
        """Seal what was typed."""
        for typed, column in _SEALED:
            if self.cleaned_data.get(typed):
                setattr(self.instance, column, vault.seal(self.cleaned_data[typed]))
        return super().save(commit)
