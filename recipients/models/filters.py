from django.db import models
from django.utils.translation import gettext_lazy as _

from recipients.models.databases import Database


class FilterUse(models.TextChoices):
    REAL = "real", _("real")
    TEST = "test", _("test")
    BOTH = "both", _("both")


class Filter(models.Model):
    """A saved condition on a database (reference 3.5).

    `conditions` is a list of {"field", "op", "value"} or nested {"match", "conditions"}; `match` is all or
    any. An automatic filter was made by a run and picks the rows that it loaded.
    """

    database = models.ForeignKey(Database, models.CASCADE, related_name="filters", verbose_name=_("database"))
    name = models.CharField(_("name"), max_length=300)
    use = models.CharField(_("use"), max_length=4, choices=FilterUse.choices, default=FilterUse.BOTH)
    match = models.CharField(
        _("match"), max_length=3, choices=[("all", _("all")), ("any", _("any"))], default="all"
    )
    conditions = models.JSONField(_("conditions"), default=list)
    automatic = models.BooleanField(_("made by XML Delivery"), default=False, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("filter")
        verbose_name_plural = _("filters")
        constraints = [
            models.UniqueConstraint(
                fields=["database", "name"], condition=models.Q(automatic=False), name="one_filter_of_a_name"
            ),
            models.CheckConstraint(condition=models.Q(use__in=FilterUse.values), name="known_filter_use"),
            models.CheckConstraint(condition=models.Q(match__in=["all", "any"]), name="known_filter_match"),
        ]

    def __str__(self) -> str:
        return self.name
