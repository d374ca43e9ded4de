from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.accounts import Account, User


class Reason(models.IntegerChoices):
    """Why an address is not written to (reference 7)."""

    MAILBOX = 1, _("mailbox does not exist")
    BY_HAND = 2, _("by hand")
    ABUSE = 3, _("abuse notice")
    UNSUBSCRIBED = 4, _("unsubscription")
    BOUNCES = 5, _("bounce limit")
    FEEDBACK_LOOP = 6, _("feedback loop")
    LIST_UNSUBSCRIBE = 7, _("list-unsubscribe")


class BlacklistEntry(models.Model):
    """An address of an account that is not written to: for good (`permanent`), or until a time.

    `count` is the bounces in a row, `delivery` the number of the one that brought the address here (not a foreign
    key: this app knows nothing of deliveries), `entered_by` who did by hand.

    After an erasure only the fingerprint stays, so that a later list
    does not bring the person back.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="blacklist", verbose_name=_("account"))
    address = models.CharField(_("address"), max_length=320, null=True)
    fingerprint = models.BinaryField(max_length=32, editable=False)
    permanent = models.BooleanField(_("permanent"), default=False)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.PositiveSmallIntegerField(_("reason"), choices=Reason.choices, null=True)
    count = models.PositiveSmallIntegerField(_("bounces in a row"), default=0)
    note = models.CharField(_("note"), max_length=500, blank=True)
    delivery = models.BigIntegerField(_("delivery"), null=True, editable=False)
    entered_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("entered by")
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("blacklist entry")
        verbose_name_plural = _("blacklist")
        constraints = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="one_entry_an_address"),
            models.CheckConstraint(
                condition=models.Q(reason__isnull=True) | models.Q(reason__in=Reason.values),
                name="known_blacklist_reason",
            ),
        ]
        indexes = [models.Index(fields=["account", "address"], name="blacklist_by_address")]

    def __str__(self) -> str:
        return self.address or "erased"
