from django.db import models


class Worker(models.Model):
    """A long-lived process of one of four kinds, and when it was last heard of (database clock).

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
