"""The side menu, with the catcher's line when there is a demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from deliveries.admin.shell import menu
from recipients.admin.access import is_platform


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu of the campaign area and, in the demo and for those who may open it, caught mail."""
    if not settings.DEMO:
        return menu.navigation(request)
    listed = reverse("caught:list")
    line = {
        "title": _("Caught mail"),
        "icon": "mark_email_read",
        "link": listed,
        "active": request.path.startswith(listed),
        "permission": is_platform,
    }
    return [*menu.navigation(request), {"title": _("Demo"), "separator": True, "items": [line]}]
