"""The pages by which an account administrator brings people and clients' systems in (reference 9)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from recipients import conf, invitations
from recipients.admin.access import ACCOUNT_ADMINS, accounts_of, may
from recipients.admin.refusals import sentence
from recipients.errors import ClientError, ServiceError
from recipients.models import Account, Invitation, Role, User


class _InOneAccount(forms.Form):
    """Asks for the account only where there are several to choose from."""

    account = forms.ModelChoiceField(Account.objects.none(), label=lazy("account"), widget=UnfoldAdminSelectWidget)
    name = forms.CharField(
        label=lazy("name"), max_length=150, widget=forms.TextInput(attrs={"class": " ".join(INPUT_CLASSES)})
    )

    def __init__(self, request: HttpRequest) -> None:
        mine = accounts_of(request, ACCOUNT_ADMINS).order_by("name")
        super().__init__(request.POST or None)
        field = self.fields["account"]
        field.queryset = mine  # type: ignore[attr-defined]  # a model choice
        only = list(mine[:2])
        if len(only) == 1:
            field.initial, field.widget = only[0].pk, forms.HiddenInput()


class InviteForm(_InOneAccount):
    """Whom to write to, and what they may do."""

    email = forms.EmailField(
        label=lazy("e-mail address"), widget=forms.EmailInput(attrs={"class": " ".join(INPUT_CLASSES)})
    )
    role = forms.ChoiceField(label=lazy("role"), choices=Role.choices, widget=UnfoldAdminSelectWidget)
    personal_data = forms.BooleanField(
        label=lazy("may see personal data"),
        required=False,
        help_text=lazy("Only a reviewer needs it: the other roles see people anyway."),
    )
    field_order = ("account", "email", "name", "role", "personal_data")


class SystemForm(_InOneAccount):
    """A name for a system that drops bundles."""


class InvitingPages:
    """Invite a person; add a system; withdraw or repeat an invitation."""

    def __init__(self, people: Any) -> None:
        self.people = people

    def urls(self) -> list[URLPattern]:
        wrap = self.people.admin_site.admin_view
        return [
            path("invite/", wrap(self.invite), name="recipients_membership_invite"),
            path("system/", wrap(self.system), name="recipients_membership_system"),
            path("invitations/<int:number>/", wrap(self.again), name="recipients_membership_again"),
        ]

    def waiting(self, request: HttpRequest) -> list[Invitation]:
        """Return the invitations of the user's accounts that wait for an answer, the newest first."""
        accounts = accounts_of(request, ACCOUNT_ADMINS)
        return list(invitations.all_open().filter(account__in=accounts).order_by("-id")[:100])

    def invite(self, request: HttpRequest) -> HttpResponse:
        """Ask whom; POST keeps the invitation and writes to them."""
        form = InviteForm(_checked(request))
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                made = invitations.invite(
                    data["account"], data["email"], data["name"], Role(data["role"]),
                    personal_data=data["personal_data"], actor=_actor(request),
                )  # fmt: skip
            except ClientError as error:
                form.add_error(None, sentence(error))
            else:
                self._write(request, made)
                return HttpResponseRedirect(self._list())
        intro = _("They get a mail with a link that is good for %(days)s days.") % {"days": invitations.VALID.days}
        return self._page(request, form, _("Invite a person"), intro, _("Invite"))

    def system(self, request: HttpRequest) -> HttpResponse:
        """Ask for a name; POST makes the system and shows its suid and key this once."""
        form = SystemForm(_checked(request))
        intro = _("A system that drops bundles logs in nowhere: it gets a user key (suid) and a key for the XML.")
        if request.method == "POST" and form.is_valid():
            try:
                suid, key = invitations.add_system(
                    form.cleaned_data["account"], form.cleaned_data["name"], actor=_actor(request)
                )
            except ClientError as error:
                form.add_error("name", sentence(error))
            else:
                return self._page(request, form, _("The keys of the system"), "", "", suid=suid, key=key)
        return self._page(request, form, _("Add a client's system"), intro, _("Add"))

    def again(self, request: HttpRequest, number: int) -> HttpResponse:
        """POST withdraws an invitation, or writes to the address again."""
        accounts = accounts_of(request, ACCOUNT_ADMINS)
        found = invitations.all_open().filter(pk=number, account__in=accounts).select_related("account").first()
        if request.method == "POST" and found is not None:
            if request.POST.get("act") == "withdraw":
                invitations.withdraw(found, _actor(request))
                messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": found.email})
            else:
                self._write(request, found)
        return HttpResponseRedirect(self._list())

    def _write(self, request: HttpRequest, made: Invitation) -> None:
        link = conf.area_address(reverse("invitation", args=[invitations.token_of(made)]))
        try:
            invitations.send(made, link)
        except ServiceError as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, _("An invitation went to %(email)s.") % {"email": made.email})

    def _list(self) -> str:
        return reverse("admin:recipients_membership_changelist")

    def _page(
        self, request: HttpRequest, form: forms.Form, title: str, intro: str, submit: str, **further: str
    ) -> HttpResponse:
        context = {
            **self.people.admin_site.each_context(request),
            "opts": self.people.opts,
            "title": title,
            "intro": intro,
            "submit": submit,
            "form": form,
            "back": self._list(),
            **further,
        }
        return TemplateResponse(request, "campaign/invite.html", context)


def _checked(request: HttpRequest) -> HttpRequest:
    if not may(request, None, ACCOUNT_ADMINS):
        raise PermissionDenied
    return request


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the admin lets nobody else in
    return request.user
