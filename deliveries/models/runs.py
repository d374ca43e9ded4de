from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from deliveries import conf
from deliveries.models.spaces import SftpSpace
from deliveries.models.states import RunStatus, SubStatus
from recipients.errors import RowFault
from recipients.faults import Fault, say
from recipients.models import Account, Membership


class ProcessingRun(models.Model):
    """One bundle being worked, or its end (reference 4).

    `worked_by` is committed before the work and emptied when the run is put down: found filled, its worker did not
    come to that. Since its last new step `crashes` counts those that are the run's own (the third quarantines it),
    `interruptions` every end of a worker under it, also that of a whole machine. `epoch` is the lease of the space
    under which the run is worked: who has an older one changes nothing any more.
    `resume_at` is set while the run waits (for a lock, for a server) and says when the clock has it gone on with.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="runs", verbose_name=_("account"))
    space = models.ForeignKey(SftpSpace, models.CASCADE, related_name="runs", verbose_name=_("space"))
    semaphore = models.CharField(_("semaphore"), max_length=255)
    file = models.CharField(_("file"), max_length=255)
    status = models.CharField(_("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.LOADING)
    sub_status = models.CharField(
        _("sub-status"), max_length=40, choices=SubStatus.choices, default=SubStatus.SEMAPHORE_FOUND
    )
    code = models.CharField(_("code"), max_length=40, blank=True, default="")
    fault = models.JSONField(_("error"), null=True)
    first_fault = models.JSONField(_("first error"), null=True)
    faults = models.JSONField(_("all errors"), default=list)
    warning_faults = models.JSONField(_("warnings"), default=list)
    started_at = models.DateTimeField(_("began"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    worked_by = models.CharField(max_length=100, blank=True, default="")
    crashes = models.PositiveSmallIntegerField(default=0)
    interruptions = models.PositiveSmallIntegerField(default=0)
    epoch = models.BigIntegerField(default=0)
    resume_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    semaphore_mtime = models.BigIntegerField(null=True)
    semaphore_gone = models.BooleanField(default=False)
    files_settled = models.BooleanField(default=False)
    content_sha256 = models.BinaryField(max_length=32, null=True)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", verbose_name=_("same as run")
    )
    released = models.BooleanField(default=False)
    retry_of_error = models.BooleanField(default=False)
    member = models.ForeignKey(Membership, models.SET_NULL, null=True, related_name="+", verbose_name=_("user"))
    database = models.ForeignKey("recipients.Database", models.SET_NULL, null=True, related_name="+")
    filter = models.ForeignKey("recipients.Filter", models.SET_NULL, null=True, related_name="+")
    test_filter = models.ForeignKey("recipients.Filter", models.SET_NULL, null=True, related_name="+")
    delivery = models.ForeignKey("deliveries.Delivery", models.SET_NULL, null=True, related_name="+")
    test_delivery = models.ForeignKey("deliveries.Delivery", models.SET_NULL, null=True, related_name="+")
    rows_good = models.PositiveIntegerField(_("good rows"), null=True)
    rows_bad = models.PositiveIntegerField(_("bad rows"), null=True)
    # Good rows of a list that was refused for its bad ones; whether an operator took these alone.
    rows_loadable = models.PositiveIntegerField(null=True)
    takes_good_rows = models.BooleanField(default=False)
    rows_so_far = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-id"]
        constraints = [
            # While its semaphore may still lie there, a name makes one run; once it is gone the name is free.
            models.UniqueConstraint(
                fields=["space", "semaphore"],
                condition=models.Q(semaphore_gone=False),
                name="one_run_a_semaphore",
            ),
            models.CheckConstraint(condition=models.Q(status__in=RunStatus.values), name="known_run_status"),
            models.CheckConstraint(condition=models.Q(sub_status__in=SubStatus.values), name="known_sub_status"),
        ]
        indexes = [
            models.Index(fields=["space", "status"], name="runs_of_a_space"),
            models.Index(fields=["account", "-id"], name="runs_of_an_account"),
            models.Index(fields=["space", "content_sha256"], name="runs_by_content"),
            models.Index(
                fields=["space"],
                condition=models.Q(semaphore_gone=False) | models.Q(reported_at=None) | models.Q(status="LOADING"),
                name="runs_a_poll_looks_at",
            ),
        ]

    people = True  # whether who reads this object may see people; pages say no (reference 9)

    def __str__(self) -> str:
        return f"{self.file} ({self.pk})"

    @property
    def error(self) -> str:
        """What went wrong, in the language that is active."""
        return say(self.fault, people=self.people)

    @property
    def first_error(self) -> str:
        """What went wrong at first, where a later attempt ended otherwise."""
        return say(self.first_fault, people=self.people)

    @property
    def warnings(self) -> list[str]:
        """What the run went on with, in the language that is active."""
        return [say(fault, people=self.people) for fault in self.warning_faults]

    @property
    def problems(self) -> list[dict[str, Any]]:
        """All mistakes of the kind that ended the run: code, file, line, element, message."""
        return [
            {
                "code": (fault := Fault.from_json(each["fault"])).code,
                **{name: each[name] for name in ("file", "line", "element")},
                "message": fault.say(people=self.people),
            }
            for each in self.faults
        ]


class RunFile(models.Model):
    """A file of a run as it was received; `path` is below the spool, keys in the kept XML are masked."""

    run = models.ForeignKey(ProcessingRun, models.CASCADE, related_name="files")
    role = models.CharField(max_length=20)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    path = models.CharField(max_length=500)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "role", "name"], name="one_file_a_role")]

    @property
    def place(self) -> Path:
        """Where it lies now: the state folder may have been moved since."""
        return conf.spool() / self.path


class RunTransition(models.Model):
    """One step of a run: when it began and ended, and what it found."""

    run = models.ForeignKey(ProcessingRun, models.CASCADE, related_name="transitions")
    sub_status = models.CharField(max_length=40, choices=SubStatus.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True, default="")  # a name, an id or a number
    fault = models.JSONField(null=True)  # what needs words

    class Meta:
        ordering = ["id"]

    def sentence(self, *, people: bool = True) -> str:
        """Return what it found, in the language that is active."""
        return say(self.fault, people=people) or self.message


class RowError(models.Model):
    """A row that was not loaded, with its place and reason (reference 3.2)."""

    run = models.ForeignKey(ProcessingRun, models.CASCADE, related_name="row_errors")
    file = models.CharField(max_length=255)
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=63, blank=True)
    code = models.CharField(max_length=40)
    fault = models.JSONField()
    excerpt = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]

    @property
    def row_fault(self) -> RowFault:
        """The row as loading told of it."""
        return RowFault(self.line, self.column, Fault.from_json(self.fault), self.excerpt)
