from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from deliveries.models.deliveries import Delivery


class Content(models.Model):
    """What a delivery writes: the message as it was given, markers unfilled (reference 2.5).

    `html_links` and `text_links` are parse or off; `html_views` likewise for the open pixel; the `unescape`
    flags say whether entities inside markers are read as their characters. `frozen_labels` and `frozen_title` are
    those of the start, None and empty before it: the delivery's own can be edited while it goes out, and everybody
    gets the same words. `tracking` is the newsletter's mode at the start (individual, aggregate, none; empty before
    it), `consent_field` the field that each person's consent is read from (empty where none is asked).
    `link_categories` are those chosen before the start, by the link's address as written.
    """

    delivery = models.OneToOneField(Delivery, models.CASCADE, primary_key=True, related_name="content")
    encoding = models.CharField(_("encoding"), max_length=20, default="utf-8")
    language = models.CharField(_("language"), max_length=5, default="it")
    from_name = models.CharField(_("sender's name"), max_length=500, blank=True)
    from_address = models.CharField(_("sender's address"), max_length=500)
    reply_to = models.CharField(_("reply to"), max_length=500, blank=True)
    html = models.TextField("HTML", blank=True)
    text = models.TextField(_("text"), blank=True)
    html_links = models.CharField(max_length=5, default="off")
    text_links = models.CharField(max_length=5, default="parse")
    html_views = models.CharField(max_length=5, default="parse")
    html_unescape = models.BooleanField(default=True)
    text_unescape = models.BooleanField(default=True)
    footer = models.BooleanField(_("unsubscribe footer"), default=False)
    frozen_labels = models.JSONField(null=True)
    frozen_title = models.CharField(max_length=500, blank=True, default="", db_default="")
    tracking = models.CharField(max_length=10, blank=True, default="", db_default="")
    consent_field = models.CharField(max_length=63, blank=True, default="", db_default="")
    link_categories = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)


class Attachment(models.Model):
    """A file that goes with every message; `cid` is set for an image embedded in the HTML."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    cid = models.CharField(max_length=100, blank=True)
    content = models.BinaryField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class Label(models.Model):
    """name = value, attached to a delivery; a bundle's notes become these (reference 2.4)."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="labels")
    name = models.CharField(_("label"), max_length=100)
    value = models.TextField(_("value"), blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["delivery", "name"], name="one_label_of_a_name")]


class ReportPlan(models.Model):
    """Statistics that go out by mail some hours after the start (reference 2.3, schedule_report)."""

    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="report_plan")
    recipients = ArrayField(models.CharField(max_length=320))
    delay_hours = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)


class Link(models.Model):
    """A tracked link of a delivery, made when it starts; `number` counts from 1 over both parts (reference 2.5).

    `url` is the address as written, entities read, markers unfilled: with markers each person's own travels in the
    token. Number 0 has no row: it is the links inside a person's own page. `category` can be edited at any time.
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
