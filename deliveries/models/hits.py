from django.db import models

from deliveries.models.functions import DatabaseNow
from deliveries.tokens import HIDDEN_LINK


class Hit(models.Model):
    """What came to a tracking address, as it came: judged later (architecture, From hit to figure).

    `kind` is o (pixel), c (click) or w (web version). `message_id` is null for a shared pixel or a plain link, and
    `delivery_id` where the token names only the message. `link` is the link's number, 0 for an address in a
    person's own page, which then stands in `target`. `purpose` holds what a prefetcher says of itself. No foreign
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
    """One row: up to which hit everything is judged. Its lock keeps a second classifier out."""

    last_hit = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=DatabaseNow())
