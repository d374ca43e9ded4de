from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models import Account, Database, Filter


class Newsletter(models.Model):
    """A group: where a delivery's database and every default of its message come from (reference 8)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="newsletters", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=200)
    channel = models.CharField(_("channel"), max_length=5, choices=[("email", _("e-mail"))], default="email")
    database = models.ForeignKey(Database, models.PROTECT, related_name="newsletters", verbose_name=_("database"))
    base_filter = models.ForeignKey(
        Filter, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("base filter")
    )
    kind = models.CharField(
        _("kind"),
        max_length=13,
        choices=[("marketing", _("marketing")), ("transactional", _("transactional"))],
        default="marketing",
    )
    from_name = models.CharField(_("sender's name"), max_length=200, blank=True)
    from_address = models.CharField(_("sender's address"), max_length=320)
    reply_to = models.CharField(_("reply to"), max_length=500, blank=True)
    encoding = models.CharField(_("encoding"), max_length=20, default="utf-8")
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    preferred_content = models.CharField(
        _("format"),
        max_length=11,
        blank=True,
        choices=[
            ("", _("the parts that are there")),
            ("rich_text", "HTML"),
            ("simple_text", _("text")),
            ("both", _("HTML and text")),
        ],
    )
    html = models.TextField("HTML", blank=True)
    text = models.TextField(_("text"), blank=True)
    unsubscribe = models.BooleanField(_("unsubscribe footer"), default=True)
    tracking = models.CharField(
        _("tracking"),
        max_length=10,
        choices=[("individual", _("of each person")), ("aggregate", _("of all together")), ("none", _("none"))],
        default="individual",
    )
    consent = models.CharField(
        _("basis for tracking"),
        max_length=8,
        choices=[
            ("unknown", _("not known")),
            ("declared", _("the account declares it")),
            ("field", _("a field of the recipient")),
        ],
        default="unknown",
    )
    consent_field = models.CharField(_("consent field"), max_length=63, blank=True)
    in_doubt = models.CharField(
        _("messages in doubt"),
        max_length=6,
        choices=[("leave", _("leave")), ("resend", _("resend"))],
        default="leave",
    )
    rate_per_hour = models.PositiveIntegerField(
        _("messages an hour"), default=0, validators=[MinValueValidator(0, _("Write 0 (no limit) or more."))]
    )
    rates = models.JSONField(_("messages an hour by domain"), default=dict, blank=True)
    seeds = ArrayField(models.CharField(max_length=320), verbose_name=_("seed addresses"), default=list, blank=True)
    sector = models.CharField(_("sector"), max_length=100, blank=True)
    link_categories = models.JSONField(
        _("link categories"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    public_url = models.CharField(_("own tracking address"), max_length=300, blank=True)
    bounce_domain = models.CharField(_("return-path domain"), max_length=253, blank=True)
    dkim_domain = models.CharField(_("DKIM domain"), max_length=253, blank=True)
    dkim_selector = models.CharField(_("DKIM selector"), max_length=63, blank=True)
    dkim_key = models.BinaryField(blank=True, default=b"", editable=False)
    dkim_second_selector = models.CharField(
        _("second DKIM selector"), max_length=63, blank=True, default="", db_default=""
    )
    dkim_second_key = models.BinaryField(blank=True, default=b"", db_default=b"", editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="one_newsletter_of_a_name"),
            models.CheckConstraint(condition=models.Q(kind__in=["marketing", "transactional"]), name="known_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class SenderDns(models.Model):
    """What the DNS said of a domain that mails come from: [kind, verdict] of each record (reference 8).

    `asked_at` is when a look was last queued, `answered_at` when one ended; null for never.
    """

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="+")
    domain = models.CharField(max_length=253)
    verdicts = models.JSONField(default=list)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "domain"], name="one_dns_answer_a_sender"),
        ]


class Subscription(models.Model):
    """What an address said of a newsletter: 1 subscribed, 0 never said or pending, -1 unsubscribed (reference 7).

    It belongs to the address, never to a row. After an erasure only the fingerprint stays.
    """

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="subscriptions")
    address = models.CharField(_("address"), max_length=320, null=True)
    fingerprint = models.BinaryField(max_length=32, editable=False)
    state = models.SmallIntegerField(_("state"), default=0)
    source = models.CharField(_("source"), max_length=30, blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "fingerprint"], name="one_subscription_an_address"),
            models.CheckConstraint(condition=models.Q(state__in=[-1, 0, 1]), name="known_subscription_state"),
        ]
        indexes = [models.Index(fields=["newsletter", "address"], name="subscription_by_address")]
