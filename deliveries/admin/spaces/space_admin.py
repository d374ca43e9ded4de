"""Spaces: where bundles are dropped. Secrets go in and never come out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from deliveries import vault
from deliveries.admin.shell.badges import space_state
from deliveries.admin.spaces.actions import DIALOGS
from deliveries.admin.spaces.connection_test import TrialPage
from deliveries.configuring import validate_space
from deliveries.intake.sftp.connect import fingerprint
from deliveries.models import SftpSpace
from deliveries.models.spaces import REPORTS
from recipients.admin.access import ACCOUNT_ADMINS, OneAccountForm, is_platform
from recipients.admin.dialogs import DialogsMixin
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


@admin.register(SftpSpace)
class SpaceAdmin(DialogsMixin):
    """One polling configuration a row."""

    changers = ACCOUNT_ADMINS
    form = SpaceForm
    list_display = (
        "name",
        "account",
        "shown_state",
        "username",
        "shown_host",
        "last_poll_at",
        "shown_error",
    )
    nothing = _("No space yet: the platform administrator adds the SFTP directory that is looked at for bundles.")
    list_filter = ("embedded",)
    list_select_related = ("account",)
    search_fields = ("name", "host", "username")
    ordering = ("name",)
    dialogs = DIALOGS
    readonly_fields = (
        "pinned",
        "paused_at",
        "last_poll_at",
        "last_ok_at",
        "failing_since",
        "wrong_now",
    )
    fieldsets = (
        (None, {"fields": ("account", "name", "embedded", "directory", "poll_seconds")}),
        (
            _("Access"),
            {
                "fields": (
                    "host",
                    "port",
                    "username",
                    "new_password",
                    "new_private_key",
                    "authorized_keys",
                    "pinned",
                ),
            },
        ),
        (_("Files"), {"fields": ("separator", "quote", "escape", "csv_encoding", "bad_rows_limit", "after_run")}),
        (
            _("Repeats and reports"),
            {"fields": ("duplicate_window_minutes", "hold_filter_only", "reports", "notify")},
        ),
        (
            _("State"),
            {"fields": ("paused_at", "last_poll_at", "last_ok_at", "failing_since", "wrong_now")},
        ),
    )

    change_form_outer_before_template = "campaign/space_acts.html"

    @admin.display(description=_("status"))
    def shown_state(self, row: SftpSpace) -> Any:
        """Return icon and word."""
        return space_state(row)

    @admin.display(description=_("last error"))
    def wrong_now(self, row: SftpSpace) -> str:
        """Return the whole sentence."""
        return row.last_error or "—"

    @admin.display(description=_("last error"))
    def shown_error(self, row: SftpSpace) -> str:
        """Return what is wrong now, nothing once it is mended: a good poll clears it."""
        return row.last_error[:160] or "—"

    @admin.display(description=_("host"), ordering="host")
    def shown_host(self, row: SftpSpace) -> str:
        """Return where it lies."""
        return _text("bundled server") if row.embedded else f"{row.host}:{row.port}"

    @admin.display(description=_("host key"))
    def pinned(self, row: SftpSpace) -> str:
        """Return the pinned key's fingerprint, or how it comes to be pinned."""
        if row.embedded:
            return _text("the bundled server's own")
        if not row.host_key:
            return _text("none yet: test the connection, and pin the key that is shown")
        return ", ".join(fingerprint(line) for line in row.host_key.splitlines() if line.strip())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Hosts are the platform's to set (reference 9): a host chosen by anybody would be asked by our server."""
        return is_platform(request)

    def get_readonly_fields(self, request: HttpRequest, obj: SftpSpace | None = None) -> Any:
        """Keep a space in its account, and where it goes with the platform."""
        fixed = super().get_readonly_fields(request, obj)
        if obj is None:
            return fixed
        where = () if is_platform(request) else ("embedded", "host", "port")
        return ("account", *where, *fixed)

    def get_urls(self) -> list[URLPattern]:
        """Add the test of the connection."""
        return TrialPage(self).urls() + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Put the buttons of the row's state above its form."""
        row = self.row_or_404(request, object_id)
        extra = {**(extra_context or {}), "links": self.dialog_links(request, row), "state": space_state(row)}
        return super().change_view(request, object_id, form_url, extra)
