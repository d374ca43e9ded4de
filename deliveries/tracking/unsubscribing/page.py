"""`/u/<token>`: looking changes nothing, a POST unsubscribes (reference 7; RFC 8058)."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from deliveries.models import Message
from deliveries.tokens import Purpose
from deliveries.tracking.pages import guarded, is_copy, message_of, nothing_here, or_later, render_page
from deliveries.tracking.unsubscribing import opting_out
from deliveries.tracking.unsubscribing.opting_out import Way

# The form has one short field; a mailbox provider's POST is smaller still.
MAX_BODY: Final = 16 * 1024
PAGE: Final = "public/unsubscribe.html"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@or_later
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page, or unsubscribe; a scanner that follows links never posts."""
    if is_copy(Purpose.UNSUBSCRIBE, token):
        return guarded(render_page(request, "public/copy.html", "it", {}))
    message = message_of(Purpose.UNSUBSCRIBE, token)
    if message is None:
        return nothing_here(request)
    if request.method != "POST":
        return _page(request, message)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        return guarded(HttpResponse("The form is too large.\n", status=413, content_type="text/plain"))
    if request.POST.get("back") == "1":
        return _page(request, message, back=opting_out.opt_in(message, _visitor(request)))
    opting_out.opt_out(message, _way(request), _visitor(request))
    return _page(request, message)


def _way(request: HttpRequest) -> Way:
    """Return whether it is the provider's one-click POST, not one of the page's two buttons."""
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return Way.ONE_CLICK
    return Way.ALL_MAIL if request.POST.get("all") == "1" else Way.PAGE


def _visitor(request: HttpRequest) -> opting_out.Visitor:
    return opting_out.Visitor(request.META.get("REMOTE_ADDR") or None, request.headers.get("User-Agent", ""))


def _page(request: HttpRequest, message: Message, *, back: bool = False) -> HttpResponse:
    """Show how the address stands now, so that a second visit finds what the first one did."""
    account, newsletter = message.delivery.account, message.delivery.newsletter
    standing = opting_out.standing_of(message)
    context = {
        "company": account.name,
        "newsletter": newsletter.name,
        "masked": _masked(message.address),
        "unsubscribed": standing.unsubscribed,
        "all_mail": standing.from_all,
        "can_return": standing.can_return,
        "back": back,
    }
    return render_page(request, PAGE, account.language, context)


def _masked(address: str) -> str:
    """Return an address as its owner knows it again, and nobody else: who was forwarded the mail sees this too."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}" if local and " " not in local else ""
