from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models import Account


class DownloadKind(models.TextChoices):
    PEOPLE = "people", _("people of a database")
    EVENTS = "events", _("event log")
    BEHIND = "behind", _("people behind a figure")


class DownloadStatus(models.TextChoices):
    WAITING = "waiting", _("being made")
    READY = "ready", _("ready to be taken")
    FAILED = "failed", _("could not be made")


class Download(models.Model):
    """A large export, made by a task and kept as a file for some days (reference 10).

    `params` are what the kind needs: ids, a search, a figure. `size` is in bytes, null until the file is ready.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("account"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=DownloadKind.choices)
    params = models.JSONField(default=dict)
    name = models.CharField(_("file"), max_length=200)
    about = models.CharField(_("contents of"), max_length=500)
    status = models.CharField(
        _("status"), max_length=10, choices=DownloadStatus.choices, default=DownloadStatus.WAITING
    )
    size = models.BigIntegerField(_("file size"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")

    def __str__(self) -> str:
        return self.name
