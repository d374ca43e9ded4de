"""Who needs a second factor in the campaign area, and how the area is closed until it was shown (reference 9)."""

from collections.abc import Callable
from typing import Final

import django_otp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from recipients.models import Membership, Role, User

_AREA: Final = "/admin/"


def must_have(user: User) -> bool:
    """Return whether the area stays closed to the user without one: administrators, where the setting says so."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return user.is_superuser or Membership.objects.filter(user=user, role=Role.ACCOUNT_ADMIN).exists()


def is_closed(request: HttpRequest) -> bool:
    """Return whether this session has yet to show a second factor, or its user has yet to set one up."""
    user = request.user
    if not isinstance(user, User) or user.is_verified():  # type: ignore[attr-defined]  # of django-otp
        return False
    return django_otp.user_has_device(user) or must_have(user)


class SecondFactorMiddleware:
    """Leads who has yet to show a second factor to the page that asks for it, whatever page was asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Check the area's pages only: the public ones read no session."""
        if request.path.startswith(_AREA) and not self._is_open(request) and is_closed(request):
            query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return HttpResponseRedirect(f"{reverse('second_factor')}{'?' if query else ''}{query}")
        return self.get_response(request)

    def _is_open(self, request: HttpRequest) -> bool:
        """Return whether the page is one on the way in or out."""
        return request.path in {reverse("admin:login"), reverse("admin:logout")} or request.path.startswith(
            (reverse("second_factor"), f"{_AREA}invitation/", f"{_AREA}password-reset/")
        )
