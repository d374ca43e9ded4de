from django.db import models
from django.utils.translation import gettext_lazy as _

from deliveries.models.deliveries import Delivery
from deliveries.models.messages import Message
from recipients.models import Account


class Action(models.TextChoices):
    """What happened to a message (reference 6).

    Outcomes of sending (d, e, b at SMTP time, i, k and j at the
    start) are read from the message itself; rows here are what came after.
    """

    DELIVERED = "d", _("delivered")
    ERROR = "e", _("error")
    BOUNCE = "b", _("bounce")
    INTERRUPTED = "i", _("interrupted")
    VIEW = "v", _("view")
    CLICK = "c", _("click")
    OPT_OUT = "o", _("opt-out")
    OPT_IN = "s", _("opt-in")
    PROFILE = "m", _("profile update")
    MATCHED_PERMANENT = "k", _("was on the blacklist")
    MATCHED_TEMPORARY = "j", _("was on the temporary blacklist")
    ENTERED_TEMPORARY = "y", _("entered the temporary blacklist")
    ENTERED_PERMANENT = "z", _("entered the blacklist")
    ABUSE = "a", _("abuse")
    FEEDBACK_LOOP = "f", _("feedback loop")
    LIST_UNSUBSCRIBE = "l", _("list-unsubscribe")


class Origin(models.TextChoices):
    PERSON = "person", _("person")
    DEDUCED = "deduced", _("deduced")
    WEB = "web", _("web")
    MACHINE = "machine", _("machine")


class Event(models.Model):
    """One thing that happened to one message after it went out (architecture, From hit to figure).

    Written by `deliveries.messages.event_log.record` alone, which counts it in the same transaction and writes a
    `key` that came before no second time. `message` is null for a hit of a shared pixel or a plain link, `hit` the
    raw hit that it was made from. The table is partitioned by month: it has no foreign keys in the database.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="events", db_index=False, db_constraint=False
    )
    message = models.ForeignKey(
        Message, models.CASCADE, null=True, related_name="events", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    action = models.CharField(max_length=1, choices=Action.choices)
    origin = models.CharField(max_length=7, choices=Origin.choices, blank=True, default="")
    classification = models.SmallIntegerField(null=True)
    reference = models.CharField(max_length=100, blank=True, default="")
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=500, blank=True, default="")
    key = models.CharField(max_length=100, null=True)
    hit = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["delivery", "action"], name="events_of_a_delivery"),
            models.Index(fields=["message", "at"], name="events_of_a_message"),
            models.Index(fields=["account", "at"], name="events_by_time"),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(action__in=Action.values), name="known_action")]


class EventKey(models.Model):
    """The key of an event that may be told twice: an unsubscription, a bounce, a complaint."""

    key = models.CharField(primary_key=True, max_length=100)
    at = models.DateTimeField()
