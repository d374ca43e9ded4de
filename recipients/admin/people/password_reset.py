"""A new password by mail: the same answer for every address, so that nobody learns who works here."""

from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse_lazy
from django.utils import translation
from django.utils.translation import get_language
from django_q.tasks import async_task
from unfold.widgets import BASE_INPUT_CLASSES

from recipients import audit, conf
from recipients.admin.logging_in import throttling
from recipients.models import Membership, User

SEND: Final = "recipients.admin.people.password_reset.send"


class _Dressed:
    """The look of the log-in page."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = " ".join(BASE_INPUT_CLASSES)


class AskForm(_Dressed, PasswordResetForm):
    pass


class NewForm(_Dressed, SetPasswordForm):  # type: ignore[type-arg]  # of our own User
    pass


class _Page:
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page of the area shows."""
        request = self.request  # type: ignore[attr-defined]  # a view's
        return {**admin.site.each_context(request), **super().get_context_data(**kwargs)}  # type: ignore[misc]


class Ask(_Page, views.PasswordResetView):
    form_class = AskForm
    template_name = "campaign/password_reset.html"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: AskForm) -> HttpResponse:  # type: ignore[override]  # narrower
        """Queue the mail, unless this network address or this name asked too often; answer the same.

        The cluster sends it: in the request a slow relay would tell by its time who works here, and hold a thread.
        """
        email = str(form.cleaned_data["email"])
        if not throttling.wait(self.request, f"reset:{email}"):
            throttling.failed(self.request, f"reset:{email}")
            async_task(SEND, email, get_language() or "en")
        return HttpResponseRedirect(str(self.success_url))


def send(email: str, language: str) -> str:
    """Write to the address where somebody works here under it; returns a line that says nothing of whether."""
    area = urlsplit(conf.area_address(""))
    form = PasswordResetForm({"email": email})
    with translation.override(language):
        if form.is_valid():
            form.save(
                domain_override=area.netloc,
                use_https=area.scheme == "https",
                email_template_name="campaign/password_reset_mail.txt",
                subject_template_name="campaign/password_reset_subject.txt",
            )
    return "a password reset was asked for"


class Done(_Page, views.PasswordResetDoneView):
    template_name = "campaign/password_reset_done.html"


class Confirm(_Page, views.PasswordResetConfirmView):
    form_class = NewForm
    template_name = "campaign/password_reset_confirm.html"
    success_url = reverse_lazy("admin:login")

    def form_valid(self, form: NewForm) -> HttpResponse:  # type: ignore[override]  # narrower
        """Keep the password and tell the accounts; every session of the person ends."""
        answer = super().form_valid(form)
        user = self.user
        assert isinstance(user, User)  # noqa: S101  a valid form has its user
        accounts: list[int | None] = list(Membership.objects.filter(user=user).values_list("account_id", flat=True))
        for account in accounts or [None]:
            audit.record(account, user, audit.Verb.PASSWORD_RESET, user)
        return answer


def urls() -> list[URLPattern]:
    """Return the addresses, below the area's; the log-in page links to the first by its name."""
    return [
        path("password-reset/", Ask.as_view(), name="admin_password_reset"),
        path("password-reset/sent/", Done.as_view(), name="password_reset_done"),
        path("password-reset/<uidb64>/<token>/", Confirm.as_view(), name="password_reset_confirm"),
    ]
