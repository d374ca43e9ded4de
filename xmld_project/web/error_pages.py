"""What is shown in place of a page: 400, 403, 404 and 500, and a form whose protection against forgery failed.

None of them reads the request's body: Django's own do, and fail again on what made the first attempt fail.
"""

from http import HTTPStatus
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from deliveries.api.problems import our_fault
from recipients.admin.access import chosen_account, may_choose_from
from recipients.models import Account, Membership, Role

_NAMED: Final = 5


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's name
    """400: what came is not a request that a browser makes."""
    return _page(
        request,
        HTTPStatus.BAD_REQUEST,
        _("This request can't be read"),
        _("Go back, load the page again and try once more."),
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's name
    """403: the person is known, and has no right to it."""
    names = _administrators(request)
    sentence = (
        _("Your role does not include this. Ask an administrator of your account: %(names)s.") % {"names": names}
        if names
        else _("Your role does not include this. Ask whoever runs this platform.")
    )
    return _page(request, HTTPStatus.FORBIDDEN, _("You may not do this"), sentence)


def form_is_stale(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's contract
    """403: a form came without its token (CSRF)."""
    sentence = _(
        "The form was open too long, or you have logged in again meanwhile. Go back, load it again and send it."
    )
    return _page(request, HTTPStatus.FORBIDDEN, _("This form is out of date"), sentence)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django's name
    """404, the same for what is not there and for what is another's."""
    sentence = _("This address leads nowhere, or to something that is not yours.")
    return _page(request, HTTPStatus.NOT_FOUND, _("There is nothing here"), sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: ours to mend; the log has the rest. A program that reads the API gets it as every other problem."""
    if request.path.startswith(reverse("api:api-root")):
        return our_fault()
    sentence = _("The fault is ours and has been noted in the log. Try again, and tell whoever runs this platform.")
    return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong"), sentence)


def _page(request: HttpRequest, status: HTTPStatus, title: str, sentence: str) -> HttpResponse:
    of_the_area = request.path.startswith("/admin/")  # a recipient with a link of a mail has no Home here
    page = render_to_string("error.html", {"title": title, "sentence": sentence, "of_the_area": of_the_area})
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def _administrators(request: HttpRequest) -> str:
    """Return the names of those who give rights in the account that the person works in, or nothing."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return ""
    try:
        accounts: list[Account | int | None] = [chosen_account(request)]
        if accounts == [None]:
            accounts = list(may_choose_from(request).order_by("pk")[:1])
        others = Membership.objects.filter(account__in=accounts, role=Role.ACCOUNT_ADMIN, user__is_active=True)
        return ", ".join(others.exclude(user=request.user).order_by("name").values_list("name", flat=True)[:_NAMED])
    except DatabaseError:  # what the person may not do is said all the same
        return ""
