from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from deliveries.models.deliveries import Delivery
from deliveries.models.states import MessageStatus

# With a number: what stands for the address of an erased person.
ERASED: Final = "erased-"

# What a person did at all, for queries and for SQL on a message m: figures, people and filters mean the same by it.
CLICKED: Final = models.Q(first_click_at__isnull=False)
OPENED: Final = models.Q(first_view_at__isnull=False) | CLICKED | models.Q(first_web_at__isnull=False)
CLICKED_SQL: Final = "m.first_click_at IS NOT NULL"
OPENED_SQL: Final = f"(m.first_view_at IS NOT NULL OR {CLICKED_SQL} OR m.first_web_at IS NOT NULL)"


class Message(models.Model):
    """One person's copy of a delivery: the ledger of sending (architecture, Sending).

    Written twice on the good way: the intent (`sending`, attempt, owner, before the final dot) and the
    result. `owner` is the sender's worker id and with `attempt` the fence against a late sender. Outcome:
    `category` is the bounce category (reference 6), `reason` the blacklist reason, `reply` the server's words.
    `composed_at` is the Date header, fixed with the first attempt; `body_digest` proves that the bytes stayed.
    `doubted`: it is sent again out of doubt, so it may have arrived whatever becomes of it now.
    `emptied` counts the person's values that were not an address, where one begins (reference 2.6).
    `first_view_at`, `first_click_at`, `first_web_at`: by a person; only the classifier writes them, and what makes
    one of them a time is counted once. `devices` is 1 for a view on a desktop plus 2 for one on a mobile.
    `recipient_id` is the row in the database's table; not a foreign key, as that table is made by hand.
    """

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="messages", db_index=False)
    recipient_id = models.BigIntegerField()
    address = models.CharField(_("address"), max_length=320)
    status = models.CharField(
        _("status"), max_length=19, choices=MessageStatus.choices, default=MessageStatus.PENDING
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    owner = models.BigIntegerField(null=True)
    not_before = models.DateTimeField(null=True)
    intent_at = models.DateTimeField(null=True)
    outcome_at = models.DateTimeField(null=True)
    code = models.PositiveSmallIntegerField(null=True)
    enhanced = models.CharField(max_length=12, blank=True, default="")
    reply = models.CharField(max_length=500, blank=True, default="")
    category = models.PositiveSmallIntegerField(null=True)
    reason = models.PositiveSmallIntegerField(null=True)
    composed_at = models.DateTimeField(null=True)
    doubted = models.BooleanField(default=False, db_default=False)
    emptied = models.PositiveSmallIntegerField(default=0, db_default=0)
    body_digest = models.BinaryField(max_length=32, null=True)
    first_view_at = models.DateTimeField(null=True)
    first_click_at = models.DateTimeField(null=True)
    first_web_at = models.DateTimeField(null=True)
    devices = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "recipient_id"], name="one_message_a_person"),
            models.CheckConstraint(
                condition=models.Q(status__in=MessageStatus.values), name="known_message_status"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="sending")
                | models.Q(attempt__gte=1, owner__isnull=False, intent_at__isnull=False),
                name="sending_has_an_intent",
            ),
        ]

    @property
    def is_erased(self) -> bool:
        """Whether its person was erased: then its address has a blank, as in no real one."""
        return self.address.startswith(ERASED) and " " in self.address

    @property
    def recipient(self) -> str:
        """The address as it is shown; `erased-<n>` of an erased person, whose domain is kept for the figures."""
        return self.address.partition(" ")[0] if self.is_erased else self.address


class MessageCopy(models.Model):
    """The bytes of a message that was deferred or is in doubt, compressed (zlib), kept until it is final."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="copy")
    body = models.BinaryField()


class SendingRange(models.Model):
    """A stretch of a delivery's message ids that one sender works at a time; gone when all in it are final.

    Nobody's when `owner` is null and due from `due_at`: the earliest retry among its deferred messages. `leases`
    counts how often it was leased: who returns or renews it names the lease that is meant.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="ranges")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    owner = models.BigIntegerField(null=True)
    lease_until = models.DateTimeField(null=True)
    leases = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="ranges_due")]
