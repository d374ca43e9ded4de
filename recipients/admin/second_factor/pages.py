"""The page of one's own second factor: set it up, show it at a log-in, new codes, turn it off."""

from typing import Any, Final

import django_otp
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.widgets import BASE_INPUT_CLASSES

from recipients.admin.second_factor import devices, policy
from recipients.models import User

WRONG: Final = lazy("This code is not valid: take the one that the app shows now.")
WAIT: Final = lazy("Too many wrong codes: wait a little, then take the one that the app shows.")


class CodeForm(forms.Form):
    """Six figures of the app, or one of the recovery codes."""

    code = forms.CharField(
        label=lazy("Code"),
        max_length=16,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": "", "class": " ".join(BASE_INPUT_CLASSES)}
        ),
    )

    def clean_code(self) -> str:
        """Return the code without the blanks that apps show in it."""
        return "".join(str(self.cleaned_data["code"]).split())


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show what the session lacks: the app's set-up, the question for a code, or how things stand."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  login_required lets nobody else in
    if devices.app_of(user) is None:
        return _set_up(request, user)
    if not user.is_verified():  # type: ignore[attr-defined]  # django-otp's middleware adds it
        return _ask(request, user)
    return _standing(request, user)


def _set_up(request: HttpRequest, user: User) -> HttpResponse:
    device = devices.prepare_app(user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = devices.confirm_app(device, form.cleaned_data["code"])
        if codes:
            django_otp.login(request, devices.app_of(user))
            return _show_codes(request, codes)
        form.add_error("code", WRONG)
    return _page(
        request,
        "set_up",
        title=_("Set up the second factor"),
        form=form,
        picture=devices.picture_of(device),
        secret=devices.secret_of(device),
        must=policy.must_have(user),
    )


def _ask(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        app = devices.app_of(user)
        allowed = app is not None and app.verify_is_allowed()[0]
        device = django_otp.match_token(user, form.cleaned_data["code"])
        if device is not None:
            django_otp.login(request, device)
            return HttpResponseRedirect(_next(request))
        form.add_error("code", WRONG if allowed else WAIT)
    return _page(request, "ask", title=_("Second factor"), form=form)


def _standing(request: HttpRequest, user: User) -> HttpResponse:
    """Show how things stand; POST makes new recovery codes or turns it off."""
    if request.method == "POST" and request.POST.get("act") == "codes":
        return _show_codes(request, devices.new_codes(user))
    if request.method == "POST" and request.POST.get("act") == "off" and not policy.must_have(user):
        devices.remove(user, actor=user)
        messages.success(request, _("The second factor is off."))
        return HttpResponseRedirect(reverse("admin:index"))
    left = devices.codes_left(user)
    return _page(request, "standing", title=_("Second factor"), left=left, must=policy.must_have(user))


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "codes", title=_("Recovery codes"), codes=codes)


def _page(request: HttpRequest, part: str, **context: Any) -> HttpResponse:
    return render(
        request,
        "campaign/second_factor.html",
        {**admin.site.each_context(request), "part": part, "next": _next(request), **context},
    )


def _next(request: HttpRequest) -> str:
    """Return where to go on: the page that was asked for, where it is ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if ours and wanted.startswith("/admin/") else reverse("admin:index")
