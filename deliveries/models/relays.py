from django.db import models
from django.utils.translation import gettext_lazy as _


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
