"""The mailing itself; its message is in contents.py."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from deliveries.models.newsletters import Newsletter
from deliveries.models.states import DeliveryStatus
from recipients.faults import say
from recipients.models import Account, Database, Filter


class Delivery(models.Model):
    """One mailing to many people (reference 5); made by XML or by hand it is the same row.

    `start_at` is when it goes out while it is scheduled, `proposed_at` the time written beside `manual`.
    `version` grows with each edit, so two operators cannot overwrite each other. A filter that is null
    means all users of the database. A test by hand (`test_of`) is copies, all written with the values of the row
    `copies_of`; their links act on nobody; so are the copies that seed addresses get of a real one (`seeds_of`).
    `size` is null until the audience is frozen at the start.
    `measured` has a v where views are counted, a c where clicks are, a w where visits of the web version are; it is
    empty where nothing is tracked, before the start, and for what is older than the measuring.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="deliveries", verbose_name=_("account"))
    newsletter = models.ForeignKey(
        Newsletter, models.PROTECT, related_name="deliveries", verbose_name=_("newsletter")
    )
    database = models.ForeignKey(Database, models.PROTECT, related_name="deliveries", verbose_name=_("database"))
    filter = models.ForeignKey(
        Filter, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name=_("filter")
    )
    type = models.CharField(
        _("type"), max_length=6, choices=[("normal", _("normal")), ("test", _("test"))], default="normal"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.NEW
    )
    source = models.CharField(
        _("source"), max_length=3, choices=[("xml", "XML"), ("ui", _("by hand"))], default="ui"
    )
    run = models.ForeignKey(
        "deliveries.ProcessingRun",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("run"),
    )
    title = models.CharField(_("title"), max_length=500)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    start_at = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    proposed_at = models.DateTimeField(_("proposed for"), null=True, blank=True)
    start_queued_at = models.DateTimeField(null=True, editable=False)
    start_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    remove_duplicates = models.BooleanField(_("remove duplicates"), default=False)
    transactional = models.BooleanField(_("transactional"), default=False)
    publish_on_web = models.BooleanField(_("publish on the web"), default=False)
    most_recipients = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    copies_of = models.BigIntegerField(null=True, editable=False)
    test_of = models.ForeignKey("self", models.SET_NULL, null=True, editable=False, related_name="tests_by_hand")
    seeds_of = models.ForeignKey("self", models.SET_NULL, null=True, editable=False, related_name="seed_copies")
    size = models.PositiveIntegerField(_("size"), null=True, editable=False)
    left_out_duplicates = models.PositiveIntegerField(default=0, editable=False)
    left_out_unsubscribed = models.PositiveIntegerField(default=0, editable=False)
    measured = models.CharField(max_length=3, blank=True, default="", db_default="", editable=False)
    fault = models.JSONField(_("why"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=DeliveryStatus.values), name="known_delivery_status"
            ),
            models.CheckConstraint(condition=models.Q(type__in=["normal", "test"]), name="known_delivery_type"),
        ]
        indexes = [
            models.Index(fields=["account", "status", "-id"], name="deliveries_by_status"),
            models.Index(fields=["status", "start_at"], name="deliveries_due"),
            models.Index(fields=["account", "type", "status"], name="deliveries_by_tab"),
            models.Index(
                fields=["account", "-ended_at", "-id"], include=["type", "status"], name="deliveries_by_end"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def note(self) -> str:
        """Why it failed, waits or started late, in the language that is active; "" where nothing is to say."""
        return say(self.fault)
