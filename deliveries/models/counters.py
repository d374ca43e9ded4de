from django.db import models

from deliveries.models.deliveries import Delivery


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
    settled), so no road of code can forget to. Only once no message is open may it be kept.
    """

    delivery = models.OneToOneField(Delivery, models.CASCADE, primary_key=True, related_name="kept_figures")
    outcomes = models.JSONField(default=dict)
    breakdown = models.JSONField(default=dict)
    stale = models.BooleanField(default=True, db_default=True)
    counted_at = models.DateTimeField(null=True)
