from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.accounts import Account, Role


class Invitation(models.Model):
    """A place in an account that is offered to an address: who opens the mail's link takes it (reference 9).

    It is open while it is neither accepted nor withdrawn and no older than `recipients.invitations.VALID`.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="invitations", verbose_name=_("account"))
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.OPERATOR)
    personal_data = models.BooleanField(_("may see personal data"), default=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("invited"), auto_now_add=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.CheckConstraint(condition=models.Q(role__in=Role.values), name="known_invited_role")]

    def __str__(self) -> str:
        return self.name
