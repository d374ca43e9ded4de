"""What the link of an invitation opens: choose a password, or log in as whom one is already, and join."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.widgets import BASE_INPUT_CLASSES

from recipients import invitations
from recipients.admin.refusals import sentence
from recipients.errors import ClientError
from recipients.models import Invitation, User

BACKEND = "recipients.admin.logging_in.signing_in.NameOrEmailBackend"


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # of our own User
    """A password, twice, checked by the rules for passwords."""

    def __init__(self, user: User, request: HttpRequest) -> None:
        super().__init__(user, request.POST or None)
        for field in self.fields.values():
            field.widget.attrs["class"] = " ".join(BASE_INPUT_CLASSES)


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is offered; POST joins. Whatever is wrong with a token reads the same."""
    invitation = invitations.read_token(token)
    if invitation is None:
        return _page(request, None, None, 404)
    owner = invitations.owner_of(invitation)
    if owner is not None and not owner.is_active:
        return _page(request, None, None, 403, deactivated=True)
    if owner is not None:
        return _as_themselves(request, invitation, owner)
    user = get_user_model()(username=invitation.email, email=invitation.email)
    form = NewPasswordForm(user, request)
    if request.method == "POST" and form.is_valid():
        try:
            membership = invitations.accept_as_new(invitation, form.cleaned_data["new_password1"])
        except ClientError as error:
            form.add_error(None, sentence(error))
        else:
            login(request, membership.user, backend=BACKEND)
            return _welcome(request, invitation)
    return _page(request, invitation, form)


def _as_themselves(request: HttpRequest, invitation: Invitation, owner: User) -> HttpResponse:
    """Let a user who is there already join with the session that is their own."""
    if request.user != owner:
        query = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{reverse('admin:login')}?{query}")
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        try:
            invitations.accept(invitation, owner)
        except ClientError as error:
            form.is_valid()
            form.add_error(None, sentence(error))
        else:
            return _welcome(request, invitation)
    return _page(request, invitation, form)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to «%(account)s».") % {"account": invitation.account.name})
    return HttpResponseRedirect(reverse("admin:index"))


def _page(
    request: HttpRequest,
    invitation: Invitation | None,
    form: forms.Form | None,
    status: int = 200,
    *,
    deactivated: bool = False,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Invitation"),
        "invitation": invitation,
        "form": form,
        "deactivated": deactivated,
    }
    return render(request, "campaign/join.html", context, status=status)
