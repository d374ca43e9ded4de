"""Who belongs to several accounts chooses one: lists, forms and clocks then follow it (reference 9)."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from recipients.admin.access import CHOSEN, chosen_account, may_choose_from
from recipients.ids import id_in
from recipients.models import Account

_ADMIN: Final = "/admin/"


class AccountMiddleware:
    """Shows the area's dates in the account's zone, and the area in the person's own language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Public pages are left alone: they read no session."""
        if not request.path.startswith(_ADMIN) or not request.user.is_authenticated:
            return self.get_response(request)
        if request.user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(request.user.language)
        zone = zone_of(request)
        with timezone.override(zone):
            response = self.get_response(request)
            if isinstance(response, TemplateResponse) and not response.is_rendered:
                response.render()
            if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
                response.streaming_content = _for_the_reader(response, zone)
        return response


def _for_the_reader(response: StreamingHttpResponse, zone: ZoneInfo | None) -> Iterator[bytes]:
    """Return what is streamed, made in the reader's zone and language: it is made after the request is over."""
    language, pieces, end = translation.get_language(), iter(response), object()

    def made() -> Any:
        with timezone.override(zone), translation.override(language):
            return next(pieces, end)

    return iter(made, end)


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """Return the zone of the chosen account, else that of the person's first one."""
    accounts = may_choose_from(request).order_by("id")
    wanted = chosen_account(request)
    account = accounts.filter(pk=wanted).first() if wanted else accounts.first()
    return account.zone if account else None


class ChoosingPage:
    """Choose an account, or all of one's own."""

    def __init__(self, accounts: Any) -> None:
        self.accounts = accounts

    def urls(self) -> list[URLPattern]:
        return [path("choose/", self.accounts.admin_site.admin_view(self.view), name="recipients_account_choose")]

    def view(self, request: HttpRequest) -> HttpResponse:
        """Show the accounts that may be chosen; POST keeps the choice for the session."""
        offered = may_choose_from(request)
        if request.method == "POST":
            return _choose(request, offered.filter(pk=id_in(request.POST.get("account", "")) or 0).first())
        context = {
            **self.accounts.admin_site.each_context(request),
            "opts": self.accounts.opts,
            "title": _("Choose an account"),
            "offered": offered.order_by("name")[:500],
            "chosen": chosen_account(request),
        }
        return TemplateResponse(request, "campaign/choose_account.html", context)


def _choose(request: HttpRequest, account: Account | None) -> HttpResponse:
    if account is None:
        request.session.pop(CHOSEN, None)
        messages.success(request, _("All your accounts are shown."))
    else:
        request.session[CHOSEN] = account.pk
        messages.success(request, _("Only «%(name)s» is shown.") % {"name": account.name})
    return HttpResponseRedirect(reverse("admin:index"))
