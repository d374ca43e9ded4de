from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models import Account


class Verb(models.TextChoices):
    """What is done with deliveries, runs and spaces; the value is stored, the label is read."""

    STARTED = "started", _("started")
    SCHEDULED = "scheduled", _("scheduled")
    UNSCHEDULED = "unscheduled", _("taken off the schedule")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("resumed")
    STOPPED = "stopped", _("stopped")
    DELETED = "deleted", _("deleted")
    FAILED = "failed", _("failed")
    EDITED = "edited", _("title or labels edited")
    TAKEN_BACK = "taken back to ready", _("taken back to ready")
    DOUBT_SENT = "doubt marked sent", _("in doubt marked as sent")
    DOUBT_RESENT = "doubt resent", _("in doubt sent again")
    CREATED = "created", _("made by hand")
    CONTENT_EDITED = "content edited", _("message or recipients edited")
    LINKS_CATEGORISED = "link categories edited", _("link categories edited")
    FINISHED = "finished", _("made ready")
    TEST_SENT = "test sent", _("test sent")
    RESTORED = "restored from a back-up", _("restored from a back-up")
    RUN_RETRIED = "run retried", _("run retried")
    RUN_GOOD_ROWS = "run retried with its good rows", _("good rows loaded anyway")
    RUN_RELEASED = "run released", _("run released")
    RUN_DISCARDED = "run discarded", _("run discarded")
    SPACE_PAUSED = "space paused", _("space paused")
    SPACE_RESUMED = "space resumed", _("space resumed")
    SPACE_POLLED = "space polled", _("space polled by hand")
    BUNDLE_DROPPED = "bundle put on the space", _("bundle put on the space")
    SPACE_TESTED = "space tested", _("connection tested")
    SPACE_KEY_PINNED = "space key pinned", _("host key pinned")


class Activity(models.Model):
    """Who did what, when, on what: append-only. `actor` is null for what the product did by itself.

    `verb` is a Verb of this module or of recipients.audit; `params` are the values that its sentence is made of
    when somebody reads it. `target` is the name that the thing had then: it may be deleted or renamed since.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("when"), auto_now_add=True)
    verb = models.CharField(_("what"), max_length=60)
    target_type = models.CharField(max_length=40, blank=True, default="", db_default="")
    target_id = models.BigIntegerField(null=True)
    target = models.CharField(max_length=500, blank=True, default="", db_default="")
    delivery = models.ForeignKey("deliveries.Delivery", models.SET_NULL, null=True, related_name="activity")
    run = models.ForeignKey("deliveries.ProcessingRun", models.SET_NULL, null=True, related_name="activity")
    space = models.ForeignKey("deliveries.SftpSpace", models.SET_NULL, null=True, related_name="activity")
    params = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("activity")
        verbose_name_plural = _("activity")
