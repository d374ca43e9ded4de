"""Sender domains with what their DNS says (reference 8)."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from deliveries.admin.newsletters import records
from recipients.admin.domains import DomainPages
from recipients.models import SenderDomain


@admin.register(SenderDomain)
class SenderDomainAdmin(DomainPages):
    """The domains of an account."""

    change_form_outer_before_template = "campaign/domain_acts.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.dns)
        return [path("<path:object_id>/dns/", view, name="recipients_senderdomain_dns"), *super().get_urls()]

    def dns(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for SPF, DKIM and DMARC now, and say what to publish."""
        row: SenderDomain = self.row_or_404(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "below_row": True,
            "title": _("SPF, DKIM and DMARC of %(domain)s") % {"domain": row.domain},
            "findings": records.of_domain(row.account_id, row.domain),
            "back": self.address_of(row),
        }
        return TemplateResponse(request, "campaign/dns.html", context)
