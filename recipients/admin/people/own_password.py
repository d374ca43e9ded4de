"""One's own password: guessing the old one from a session left open is slowed as a log-in is."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from unfold.forms import AdminOwnPasswordChangeForm

from recipients.admin.logging_in import throttling


class OwnPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]  # Unfold ships no types
    """Counts wrong old passwords with the person's failed log-ins."""

    def __init__(self, *given: Any, request: HttpRequest, **more: Any) -> None:
        super().__init__(*given, **more)
        self._request = request

    def clean_old_password(self) -> str:
        """Look at it unless the person has to wait."""
        who = f"person {self.user.pk}"
        if seconds := throttling.take(self._request, who):
            sentence = _("Too many log-ins failed: wait %(minutes)s min, then try again.")
            raise ValidationError(sentence % {"minutes": -(-seconds // 60)}, code="throttled")
        try:
            old: str = super().clean_old_password()
        except ValidationError:
            throttling.taken_failed(self._request, who)
            raise
        throttling.succeeded(self._request, who)
        return old


class OwnPasswordView(PasswordChangeView):
    """The page below the person's name."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")
    template_name = "registration/password_change_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the request on: a wait belongs to a person at an address."""
        return super().get_form_kwargs() | {"request": self.request}

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """Add what every page of the area shows."""
        return (
            super().get_context_data(**given)
            | admin.site.each_context(self.request)
            | {"title": _("Password change")}
        )


def own_password(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or change the password."""
    request.current_app = admin.site.name
    return OwnPasswordView.as_view()(request)
