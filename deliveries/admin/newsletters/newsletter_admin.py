from typing import Any

from django.contrib import admin, messages
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from deliveries.admin.newsletters import records
from deliveries.admin.newsletters.keys import MAKE_KEYS
from deliveries.configuring import validate_newsletter
from deliveries.domains.sender_domains import sender_domains
from deliveries.intake.rehearsal.sample_bundle import SUID, sample_bundle
from deliveries.models import Newsletter
from recipients.admin.access import ACCOUNT_ADMINS, OneAccountForm, ScopedRelatedFilter
from recipients.admin.dialogs import DialogsMixin
from recipients.admin.fields import NumberedLinesField, lines_field


class NewsletterForm(OneAccountForm):
    """Takes what sending takes, and a base filter of the newsletter's own database."""

    sentences = {
        "one_newsletter_of_a_name": ("name", _("There is a newsletter of this name already: choose another."))
    }

    rates = NumberedLinesField(
        label=_("messages an hour by domain"), required=False, help_text=_("One a line: gmail.example = 3600.")
    )
    link_categories = NumberedLinesField(
        label=_("link categories"),
        required=False,
        help_text=_("One a line: name = number from 1 to 9999. They can be changed also after sending."),
    )
    seeds = lines_field(_("seed addresses"), _("An e-mail address a line, at most 30."))

    def clean(self) -> dict[str, Any]:
        """Compare what was chosen together, and check the rest as provisioning does."""
        cleaned = super().clean()
        database, chosen = cleaned.get("database"), cleaned.get("base_filter")
        if database and chosen and chosen.database_id != database.pk:
            self.add_error("base_filter", _("This filter belongs to another database."))
        result = validate_newsletter(cleaned, database)
        self.take(result.kept, result.faults)
        return self.cleaned_data


@admin.register(Newsletter)
class NewsletterAdmin(DialogsMixin):
    """Where the defaults of a message come from (reference 8)."""

    adders = ACCOUNT_ADMINS
    changers = ACCOUNT_ADMINS
    form = NewsletterForm
    list_display = ("name", "account", "kind", "sender", "database", "created_at")
    nothing = _(
        "No newsletter yet: it says who writes, and to which database. Whoever administers the account adds it."
    )
    list_filter = ("kind", ("database", ScopedRelatedFilter))
    list_select_related = ("account", "database")
    search_fields = ("name", "from_address")
    ordering = ("name",)
    change_form_outer_before_template = "campaign/newsletter_acts.html"
    readonly_fields = ("created_at",)
    dialogs = (MAKE_KEYS,)
    fieldsets = (
        (None, {"fields": ("account", "name", "kind", "database", "base_filter")}),
        (_("Sender"), {"fields": ("from_name", "from_address", "reply_to"), "classes": ["tab"]}),
        (
            _("Message"),
            {
                "fields": ("subject", "encoding", "preferred_content", "html", "text", "unsubscribe"),
                "classes": ["tab"],
            },
        ),
        (
            _("Sending"),
            {"fields": ("rate_per_hour", "rates", "in_doubt", "seeds", "bounce_domain"), "classes": ["tab"]},
        ),
        (
            _("Tracking"),
            {
                "fields": ("tracking", "consent", "consent_field", "link_categories", "sector", "public_url"),
                "classes": ["tab"],
            },
        ),
    )

    @admin.display(description=_("sender"), ordering="from_address")
    def sender(self, row: Newsletter) -> str:
        return f"{row.from_name} <{row.from_address}>" if row.from_name else row.from_address

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer no filter of a load: it picks one load's rows, and there are as many as loads."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "base_filter":
            field.queryset = field.queryset.filter(automatic=False)
        return field

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        mine = [
            path("<path:object_id>/sample.zip", wrap(self.sample), name="deliveries_newsletter_sample"),
            path("<path:object_id>/dns/", wrap(self.dns), name="deliveries_newsletter_dns"),
        ]
        return mine + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Tell the preview of the sender line from which domains the account may send."""
        row = self.row_or_404(request, object_id)
        extra = {**(extra_context or {}), "domains": " ".join(sorted(sender_domains(row.account)))}
        return super().change_view(request, object_id, form_url, extra)

    def dns(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for SPF, DKIM and DMARC now, and say what to publish."""
        row: Newsletter = self.row_or_404(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "below_row": True,
            "title": _("SPF, DKIM and DMARC of %(domain)s") % {"domain": row.name},
            "findings": records.of_newsletter(row),
            "back": self.address_of(row),
        }
        return TemplateResponse(request, "campaign/dns.html", context)

    def save_model(self, request: HttpRequest, obj: Newsletter, form: Any, change: Any) -> None:
        """Say at once that nothing can be sent from a domain that is not the account's."""
        super().save_model(request, obj, form, change)
        domain = records.domain_sent_from(obj)
        if domain and domain not in sender_domains(obj.account):
            said = _("Nothing can be sent from %(domain)s yet: declare and prove it under Sender domains.")
            messages.warning(request, said % {"domain": domain})

    def sample(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return a bundle of this newsletter that is accepted as it stands, but for the user's key."""
        row = self.row_or_404(request, object_id)
        bundle = sample_bundle(row, suid=getattr(request.user, "suid", None) or SUID)
        response = HttpResponse(bundle, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="sample-{row.pk}.zip"'
        return response

    def get_readonly_fields(self, _request: HttpRequest, obj: Newsletter | None = None) -> tuple[str, ...]:
        """Keep a newsletter in its account."""
        return ("account", "created_at") if obj else ("created_at",)
