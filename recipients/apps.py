from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecipientsConfig(AppConfig):
    """Who is written to; knows nothing of deliveries."""

    name = "recipients"
    verbose_name = _("Recipients")
