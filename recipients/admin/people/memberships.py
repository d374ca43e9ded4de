"""Users and rights of an account: who belongs to it, as what, with which key."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from recipients import audit
from recipients.admin.access import ACCOUNT_ADMINS, OPERATORS, OneAccountForm, is_platform
from recipients.admin.dialogs import Dialog, DialogsMixin, Question
from recipients.admin.people import api_tokens
from recipients.admin.people.inviting import InvitingPages
from recipients.admin.second_factor import devices
from recipients.models import Membership, User


def _ask_key(row: Membership) -> Question:
    return Question(
        _("Make a new key for «%(name)s»?") % {"name": row.name},
        [_("The present key stops working at once: bundles that carry it end in an error.")],
    )


def _new_key(row: Membership, user: User, _data: dict[str, Any]) -> str:
    """Keep the hash of a new key; the key is shown this once."""
    key = get_random_string(32)
    with transaction.atomic():
        Membership.objects.filter(pk=row.pk).update(key_hash=make_password(key), key_made_at=timezone.now())
        audit.record(row.account_id, user, audit.Verb.KEY_MADE, row)
    return _("The new key, shown only now: %(key)s") % {"key": key}


def _ask_second_factor(row: Membership) -> Question:
    return Question(
        _("Take the second factor of «%(name)s» away?") % {"name": row.name},
        [_("For who lost phone and recovery codes: the next log-in sets up a new one, or asks for none.")],
        _("Be sure that it is they who ask: whoever knows the password can log in then."),
    )


def _without_second_factor(row: Membership, user: User, _data: dict[str, Any]) -> str:
    devices.remove(row.user, actor=user)
    return _("«%(name)s» has no second factor now.") % {"name": row.name}


def _has_second_factor_here_only(row: Membership) -> bool:
    """Return whether it can be taken away here: not that of somebody who works in other accounts too."""
    alone = not row.user.is_superuser and row.user.memberships.count() == 1
    return alone and devices.app_of(row.user) is not None


class MembershipForm(OneAccountForm):
    """A person is once in an account, and so does a name."""

    sentences = {
        "one_member_of_a_name": ("name", lazy("There is a member of this name already: choose another.")),
        "one_membership_each": ("user", lazy("This person belongs to the account already: change what is there.")),
    }


@admin.register(Membership)
class MembershipAdmin(DialogsMixin):
    changers = ACCOUNT_ADMINS
    removers = ACCOUNT_ADMINS
    readers = ACCOUNT_ADMINS
    form = MembershipForm
    nothing = lazy("Nobody belongs to an account yet: invite a person, or add a client's system.")
    list_display = ("name", "user", "account", "role", "sees_people", "key_made_at")
    list_filter = ("role",)
    list_select_related = ("user", "account")
    search_fields = ("name", "user__email", "user__suid")
    autocomplete_fields = ("user",)
    fields = ("account", "user", "suid", "name", "role", "personal_data", "key_made_at")
    ordering = ("account__name", "name")
    dialogs = (
        Dialog("new-key", lazy("New key"), "key", _ask_key, _new_key, roles=ACCOUNT_ADMINS, variant="warning"),
        Dialog(
            "without-second-factor",
            lazy("Reset the second factor"),
            "phonelink_erase",
            _ask_second_factor,
            _without_second_factor,
            _has_second_factor_here_only,
            roles=ACCOUNT_ADMINS,
            variant="danger",
        ),
        *api_tokens.DIALOGS,
    )
    list_before_template = "campaign/people_acts.html"

    def get_urls(self) -> list[URLPattern]:
        return InvitingPages(self).urls() + list(super().get_urls())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show who was invited and has not come yet, and the ways in."""
        waiting = InvitingPages(self).waiting(request) if self.has_module_permission(request) else []
        ways_in = (
            {"label": _("Invite a person"), "url": reverse("admin:recipients_membership_invite")},
            {"label": _("Add a client's system"), "url": reverse("admin:recipients_membership_system")},
        )
        answer: HttpResponse = super().changelist_view(
            request, {**(extra_context or {}), "waiting": waiting, "ways_in": ways_in}
        )
        return answer

    @admin.display(description=lazy("sees personal data"))
    def sees_people(self, row: Membership) -> str:
        """Return what counts: the tick is for reviewers, the other roles see people by what they do."""
        if row.role in OPERATORS:
            return _("yes, by the role")
        return _("yes") if row.personal_data else _("no")

    @admin.display(description=lazy("user key (suid)"))
    def suid(self, row: Membership) -> str:
        """Return what the XML's `auth` names the user by."""
        return row.user.suid or "-"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the admin's signature
        """Let only the platform choose among all people: others invite, which shows them nobody's name."""
        return is_platform(request)

    def get_readonly_fields(self, _request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Keep a membership with its person and account."""
        return ("account", "user", "suid", "key_made_at") if obj else ("suid", "key_made_at")
