from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.validators import ArrayMaxLengthValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.errors import ClientError
from recipients.faults import say
from recipients.loading.encodings import declared_encoding
from recipients.models import Account

# Of our own mails: so many people may be told of a run, or get a copy of a delivery.
MOST_MAILBOXES: Final = 30
REPORTS: Final = [("xml", _("XML on the space")), ("email", _("summary by mail"))]

_PORT: Final = _("Write a number from 1 to 65535.")
_SECONDS: Final = _("Write 5 or more, and at most 86400 (a day).")
_WINDOW: Final = _("Write minutes from 0 (off) to 43200 (30 days).")
_SHARE: Final = _("Write a share between 0 and 1, as 0.1 for 10 %%.")  # a validator fills in values


def validate_encoding(name: str) -> None:
    """Raise ValidationError for an encoding that lists can't be read in."""
    try:
        declared_encoding(name)
    except ClientError as error:
        raise ValidationError(error.message, code=error.code) from error


class SftpSpace(models.Model):
    """One polling configuration (reference 1): where bundles are dropped, how they are read, who is told of them.

    `queued_at` is set while a poll waits in the queue or works; the lease keeps two clusters off one space,
    and its epoch fences a worker that wakes after its lease (docs/architecture.md).
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="spaces", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=200)
    embedded = models.BooleanField(_("served by the bundled SFTP server"), default=False)
    host = models.CharField(_("host"), max_length=253, blank=True)
    port = models.PositiveIntegerField(
        _("port"), default=22, validators=[MinValueValidator(1, _PORT), MaxValueValidator(65_535, _PORT)]
    )
    username = models.CharField(_("user name"), max_length=100)
    password = models.BinaryField(blank=True, default=b"", editable=False)
    private_key = models.BinaryField(blank=True, default=b"", editable=False)
    authorized_keys = ArrayField(models.TextField(), verbose_name=_("authorized keys"), default=list, blank=True)
    host_key = models.TextField(_("host key"), blank=True)
    directory = models.CharField(_("directory"), max_length=500, default="/")
    poll_seconds = models.PositiveIntegerField(
        _("seconds between polls"),
        default=30,
        validators=[MinValueValidator(5, _SECONDS), MaxValueValidator(86_400, _SECONDS)],
    )
    separator = models.CharField(_("separator"), max_length=1, default=",")
    quote = models.CharField(_("quote"), max_length=1, default='"')
    escape = models.CharField(_("escape"), max_length=1, blank=True, default="")
    csv_encoding = models.CharField(
        _("CSV encoding"), max_length=20, blank=True, default="", validators=[validate_encoding]
    )
    bad_rows_limit = models.FloatField(
        _("share of bad rows allowed"),
        default=0.1,
        validators=[MinValueValidator(0, _SHARE), MaxValueValidator(1, _SHARE)],
    )
    duplicate_window_minutes = models.PositiveIntegerField(
        _("duplicate window in minutes"),
        default=60,
        validators=[MinValueValidator(0, _WINDOW), MaxValueValidator(30 * 24 * 60, _WINDOW)],
    )
    hold_filter_only = models.BooleanField(_("hold repeated bundles without recipients too"), default=False)
    after_run = models.CharField(
        _("files after a run"),
        max_length=7,
        choices=[("leave", _("leave")), ("archive", _("archive")), ("delete", _("delete"))],
        default="leave",
    )
    reports = ArrayField(
        models.CharField(max_length=5, choices=REPORTS),
        verbose_name=_("reports"),
        default=list,
        blank=True,
    )
    notify = ArrayField(
        models.CharField(max_length=320),
        verbose_name=_("summary to"),
        default=list,
        blank=True,
        validators=[ArrayMaxLengthValidator(MOST_MAILBOXES)],
    )

    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    next_poll_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True, editable=False)
    lease_owner = models.CharField(max_length=100, blank=True, default="", editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_epoch = models.BigIntegerField(default=0, editable=False)
    last_poll_at = models.DateTimeField(_("last poll"), null=True, editable=False)
    last_ok_at = models.DateTimeField(_("last good poll"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    consecutive_errors = models.PositiveIntegerField(default=0, editable=False)
    last_error_code = models.CharField(max_length=40, blank=True, default="", editable=False)
    last_fault = models.JSONField(_("last error"), null=True, editable=False)
    # Since when failed runs are no longer mailed one by one (reference 4.2).
    collecting_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("SFTP space")
        verbose_name_plural = _("SFTP spaces")
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="one_space_of_a_name"),
            models.UniqueConstraint(
                fields=["username"], condition=models.Q(embedded=True), name="one_embedded_space_a_username"
            ),
            models.CheckConstraint(condition=models.Q(poll_seconds__gte=5), name="poll_not_too_often"),
        ]
        indexes = [models.Index(fields=["next_poll_at"], name="spaces_due")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse marks by which no list can be read, and a space that nobody serves."""
        marks = [self.separator or ",", self.quote or '"', self.escape]
        if len(set(marks)) < len(marks):
            raise ValidationError({"quote": _("Separator, quote and escape must differ.")})
        if {"\n", "\r"} & set(marks):
            raise ValidationError(_("A line end can't be separator, quote or escape."))
        if not self.embedded and not self.host:
            raise ValidationError(_("Write the server in host, or have the bundled server serve the space."))

    @property
    def last_error(self) -> str:
        """What is wrong with it now, in the language that is active; "" once it is mended."""
        return say(self.last_fault)
