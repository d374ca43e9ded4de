import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.accounts import Account


class DomainState(models.TextChoices):
    VOUCHED = "vouched", _("vouched for by the platform")
    PROVED = "proved", _("proved")
    UNPROVED = "unproved", _("not proved yet")


def new_token() -> str:
    """Return what the record of a proof holds: nobody guesses it, and another account's is another one."""
    return secrets.token_hex(20)


class SenderDomain(models.Model):
    """A domain that an account sends from, or wants to (reference 9): in A-labels and lower case."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="sender_domains", verbose_name=_("account"))
    domain = models.CharField(_("domain"), max_length=253)
    state = models.CharField(_("state"), max_length=10, choices=DomainState, default=DomainState.UNPROVED)
    token = models.CharField(max_length=40, default=new_token, editable=False)
    declared_at = models.DateTimeField(_("declared"), auto_now_add=True)
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True, editable=False)
    proved_at = models.DateTimeField(_("proved on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("sender domain")
        verbose_name_plural = _("sender domains")
        constraints = [
            models.UniqueConstraint(fields=["account", "domain"], name="a_domain_once_an_account"),
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(state=DomainState.PROVED), name="proved_by_one_account"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=DomainState.values), name="known_state_of_a_domain"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
