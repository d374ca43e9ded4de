"""Our own long-lived processes, and what the senders among them share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    """A long-lived process of one of four kinds, and its last heartbeat (database clock).

    A sender tells how many messages were accepted in how many waves that took how long.
    `fence` counts how often a sender lost a wave's answer: what comes of an older number grants nothing.
    """

    kind = models.CharField(
        max_length=10, choices=[(kind, kind) for kind in ("clock", "cluster", "sender", "bounces")]
    )
    host = models.CharField(max_length=253)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    accepted = models.BigIntegerField(default=0, db_default=0)
    waves = models.BigIntegerField(default=0, db_default=0)
    wave_seconds = models.FloatField(default=0.0, db_default=0.0)
    fence = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["kind", "heartbeat_at"], name="workers_alive")]


class RelayHealth(models.Model):
    """How a relay (host:port) answers the senders: `failing_since` is null once it took a connection or a message.

    `code` names the trouble (reference 5, codes of sending), `words` are the server's own.
    """

    relay = models.CharField(max_length=300, unique=True)
    failing_since = models.DateTimeField(null=True)
    code = models.CharField(max_length=20, blank=True, default="")
    words = models.CharField(max_length=500, blank=True, default="")
    told_at = models.DateTimeField()

    class Meta:
        verbose_name = _("relay")
        verbose_name_plural = _("relays")


class RateBucket(models.Model):
    """Leave to send, shared by all senders: a token is one message (reference 5.3, rates).

    `key` is relay, newsletter:ID or newsletter:ID:DOMAIN. `at` is when the tokens were counted (database clock),
    `empty_at` when somebody last asked in vain.
    """

    key = models.CharField(max_length=300, unique=True)
    tokens = models.FloatField()
    at = models.DateTimeField()
    empty_at = models.DateTimeField(null=True)
