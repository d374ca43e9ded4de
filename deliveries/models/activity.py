from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models import Account


class Activity(models.Model):
    """Who did what, when: append-only. `actor` is null for what the product did by itself."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("when"), auto_now_add=True)
    verb = models.CharField(_("what"), max_length=60)
    delivery = models.ForeignKey("deliveries.Delivery", models.SET_NULL, null=True, related_name="activity")
    run = models.ForeignKey("deliveries.ProcessingRun", models.SET_NULL, null=True, related_name="activity")
    space = models.ForeignKey("deliveries.SftpSpace", models.SET_NULL, null=True, related_name="activity")
    detail = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
