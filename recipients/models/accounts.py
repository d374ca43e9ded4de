from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

ZONE_BY_DEFAULT: Final = "Europe/Rome"


def validate_zone(name: str) -> None:
    """Raise ValidationError for what is not a time zone."""
    if name not in available_timezones():
        raise ValidationError(_("Write a time zone like Europe/Rome."), code="zone")


class Account(models.Model):
    """One customer: owns everything below it, sees nothing of another's (reference 0, 9)."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    xml_delivery = models.BooleanField(_("XML Delivery is active"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=60, default=ZONE_BY_DEFAULT, validators=[validate_zone])
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="it")
    # Of reports on the space, lists of bad rows and summaries by mail: client systems read them, and know English.
    report_language = models.CharField(
        _("language of reports"), max_length=5, choices=settings.LANGUAGES, default="en", db_default="en"
    )
    fetch_hosts = ArrayField(
        models.CharField(max_length=253), verbose_name=_("hosts to fetch from"), default=list, blank=True
    )
    ask_above = models.PositiveIntegerField(
        _("asks for the number above"),
        default=10_000,
        db_default=10_000,
        help_text=_("Who sends to more people than this types their number."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which schedules without an offset are meant."""
        return ZoneInfo(self.time_zone)


class User(AbstractUser):
    """A person or a client's system; `suid` names it in the XML (reference 2.1)."""

    suid = models.CharField(_("user key (suid)"), max_length=200, unique=True, null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, blank=True)
    # Roles decide what somebody may do in the area; Django's own switch would be a second rule.
    is_staff = models.BooleanField(default=True, editable=False)

    class Meta(AbstractUser.Meta):
        pass

    @property
    def called(self) -> str:
        """The name by which others read of them: their own, else the one they log in by."""
        return self.get_full_name() or self.get_username()


class Role(models.TextChoices):
    OPERATOR = "operator", _("operator")
    REVIEWER = "reviewer", _("reviewer")
    ACCOUNT_ADMIN = "account_admin", _("account administrator")


class Membership(models.Model):
    """A user's place in one account: the role, and the secret of the XML's `auth` (kept hashed)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships", verbose_name=_("account"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.OPERATOR)
    personal_data = models.BooleanField(_("may see personal data"), default=False)
    key_hash = models.CharField(max_length=200, blank=True, editable=False)
    key_made_at = models.DateTimeField(_("key made"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="one_membership_each"),
            models.UniqueConstraint(fields=["account", "name"], name="one_member_of_a_name"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="known_role"),
        ]

    def __str__(self) -> str:
        return self.name
