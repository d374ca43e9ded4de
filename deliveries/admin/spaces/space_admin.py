"""Spaces: where bundles are dropped. Secrets go in and never come out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from deliveries import conf
from deliveries.admin.shell.badges import space_state
from deliveries.admin.spaces.actions import DIALOGS
from deliveries.admin.spaces.connection_test import ConnectionTestPage
from deliveries.admin.spaces.space_form import SpaceForm
from deliveries.intake.sftp.connect import key_fingerprint
from deliveries.models import SftpSpace
from recipients.admin.access import ACCOUNT_ADMINS, is_platform
from recipients.admin.dialogs import DialogsMixin


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
        "served_at",
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
                    "served_at",
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
        return space_state(row)

    @admin.display(description=_("last error"))
    def wrong_now(self, row: SftpSpace) -> str:
        return row.last_error or "—"

    @admin.display(description=_("last error"))
    def shown_error(self, row: SftpSpace) -> str:
        """Return what is wrong now, nothing once it is mended: a good poll clears it."""
        return row.last_error[:160] or "—"

    @admin.display(description=_("host"), ordering="host")
    def shown_host(self, row: SftpSpace) -> str:
        return _text("bundled server") if row.embedded else f"{row.host}:{row.port}"

    @admin.display(description=_("server"))
    def served_at(self, row: SftpSpace) -> str:
        """Return the bundled server with how clients reach it."""
        return f"{_text('bundled server')}: sftp -P {conf.sftp_port()} {row.username}@127.0.0.1"

    @admin.display(description=_("host key"))
    def pinned(self, row: SftpSpace) -> str:
        """Return the pinned key's fingerprint, or how it comes to be pinned."""
        if row.embedded:
            return _text("the bundled server's own")
        if not row.host_key:
            return _text("none yet: test the connection, and pin the key that is shown")
        return ", ".join(key_fingerprint(line) for line in row.host_key.splitlines() if line.strip())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Hosts are the platform's to set (reference 9): a host chosen by anybody would be asked by our server."""
        return is_platform(request)

    def get_readonly_fields(self, request: HttpRequest, obj: SftpSpace | None = None) -> Any:
        """Keep a space in its account, and where it goes with the platform."""
        fixed = super().get_readonly_fields(request, obj)
        if obj is None:
            return fixed
        # A space of the bundled server stays there: its folder and its user name do not go elsewhere with it.
        where = () if is_platform(request) and not obj.embedded else ("embedded", "host", "port")
        return ("account", *where, *fixed)

    def get_fieldsets(self, request: HttpRequest, obj: SftpSpace | None = None) -> Any:
        """Show where the bundled server answers in place of the host and port that its spaces don't have."""
        bundled = obj is not None and obj.embedded
        unused = {"host", "port"} if bundled else {"served_at"}
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in unused]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_urls(self) -> list[URLPattern]:
        return ConnectionTestPage(self).urls() + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        row = self.row_or_404(request, object_id)
        extra = {**(extra_context or {}), "links": self.dialog_links(request, row), "state": space_state(row)}
        return super().change_view(request, object_id, form_url, extra)
