from django.db import models
from django.utils.translation import gettext_lazy as _

from deliveries.models.deliveries import Delivery


class Link(models.Model):
    """A tracked link of a delivery, made when it starts; `number` counts from 1 over both parts (reference 2.5).

    `url` is the address as written, entities read, markers unfilled: with markers each person's own travels in the
    token. Number 0 is no row: those are the links inside a person's own page. `category` can be edited at any time.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tracked_links", db_index=False)
    number = models.PositiveSmallIntegerField()
    url = models.TextField(_("address"))
    name = models.CharField(_("name"), max_length=300, blank=True)
    category = models.PositiveSmallIntegerField(_("category"), default=0)
    part = models.CharField(
        _("part"), max_length=4, choices=[("html", "HTML"), ("text", _("text"))], default="html"
    )

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["delivery", "number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="one_link_of_a_number"),
            models.CheckConstraint(condition=models.Q(part__in=["html", "text"]), name="known_part_of_a_link"),
        ]

    def __str__(self) -> str:
        return self.name or self.url
