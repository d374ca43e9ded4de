from django.db import models


class Worker(models.Model):
    """A long-lived process (clock, cluster, sender) and when it was last heard of (database clock)."""

    kind = models.CharField(
        max_length=10, choices=[("clock", "clock"), ("cluster", "cluster"), ("sender", "sender")]
    )
    host = models.CharField(max_length=253)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "heartbeat_at"], name="workers_alive")]
