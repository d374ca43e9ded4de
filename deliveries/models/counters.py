"""From hit to figure (architecture): what came in, and what is counted of it."""

from django.db import models

from deliveries.models.deliveries import Delivery
from deliveries.models.functions import DatabaseNow
from deliveries.tokens import HIDDEN_LINK


class Hit(models.Model):
    """What came to a tracking address, as it came: classified later (architecture, From hit to figure).

    `kind` is o (pixel), c (click) or w (web version). `message_id` is null for a shared pixel or a plain link, and
    `delivery_id` where the token names only the message. `link` is the link's number, 0 for an address in a
    person's own page, which is then kept in `target`. `purpose` holds what a prefetcher says of itself. No foreign
    keys: a hit is one cheap insert, and the table is partitioned by month.
    """

    at = models.DateTimeField(db_default=DatabaseNow())
    kind = models.CharField(max_length=1)
    delivery_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    link = models.PositiveIntegerField(null=True)
    target = models.TextField(blank=True, default="")
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=500, blank=True, default="")
    method = models.CharField(max_length=8, default="GET")
    purpose = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["message_id", "at"],
                name="hits_of_a_message",
                condition=models.Q(message_id__isnull=False),
            ),
            models.Index(fields=["message_id"], name="hits_of_hidden_links", condition=models.Q(link=HIDDEN_LINK)),
        ]


class ClassifierMark(models.Model):
    """One row: up to which hit everything is classified. Its lock keeps a second classifier out."""

    last_hit = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=DatabaseNow())


class Counter(models.Model):
    """A figure of a delivery, summed over its stripes, which keep writers out of each other's way.

    `dimension` is empty for the figure itself, else hour (`key` an ISO hour, UTC), domain, link (`key` a link's
    number, or ~ and a digest for an address in a person's own page) or device (0 desktop, 1 mobile).
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="counters", db_index=False)
    figure = models.CharField(max_length=24)
    dimension = models.CharField(max_length=8, blank=True, default="")
    key = models.CharField(max_length=255, blank=True, default="")
    stripe = models.SmallIntegerField(default=0)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "dimension", "figure", "key", "stripe"], name="one_counter_a_stripe"
            )
        ]


class LinkVisit(models.Model):
    """That a message's person clicked one link (`key` as in Counter) at all: what makes clicks unique."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="+", db_constraint=False)
    message_id = models.BigIntegerField()
    key = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message_id", "key"], name="one_first_visit_a_link")]


class OwnTarget(models.Model):
    """An address clicked in people's own pages, under the key that counters give it."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="own_targets", db_index=False)
    key = models.CharField(max_length=40)
    url = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "key"], name="one_own_target_a_key")]


class KeptFigures(models.Model):
    """What the messages of an ended delivery say, counted once: outcomes, bounces, domains, hours.

    A trigger of the message table marks it `stale` when a message leaves a final state (a late bounce, a doubt
    settled), so no code can forget to. Only once no message is open may it be kept.
    """

    delivery = models.OneToOneField(Delivery, models.CASCADE, primary_key=True, related_name="kept_figures")
    outcomes = models.JSONField(default=dict)
    breakdown = models.JSONField(default=dict)
    stale = models.BooleanField(default=True, db_default=True)
    counted_at = models.DateTimeField(null=True)
