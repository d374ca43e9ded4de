from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveriesConfig(AppConfig):
    """Everything that happens to a bundle and a mailing."""

    name = "deliveries"
    verbose_name = _("Deliveries")

    def ready(self) -> None:
        """Register the system checks and who keeps what is done to accounts; both need models, and so this late."""
        import_module("deliveries.checks")
        import_module("recipients.audit").kept_by(import_module("deliveries.audit").record)
