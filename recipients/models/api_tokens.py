from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.accounts import Account, Membership


class ApiToken(models.Model):
    """What opens the read API of one account (reference 11). The secret is kept hashed and shown once.

    `membership` is whose it is, where provisioning made it: it ends with the person's place in the account. Without
    `personal_data` it reads no addresses.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=150)
    token_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    personal_data = models.BooleanField(_("may read personal data"), default=False)
    membership = models.OneToOneField(
        Membership, models.CASCADE, null=True, blank=True, related_name="api_token", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_living_api_token_of_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.name
