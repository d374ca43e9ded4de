"""How the area looks: Unfold's settings, with our colours, sheets and scripts."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static

# In this order: a later sheet has the last word.
_STYLES: Final = ("parts", "lists", "ways_in", "filter_builder", "reports", "steps")


def _asset(name: str) -> Callable[[HttpRequest], str]:
    """Return what asks for the address of a file of ours when a page is made: only then is its hash known."""
    return lambda _request: static(f"deliveries/{name}")


UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "XML Delivery",
    "SITE_HEADER": "XML Delivery",
    "SITE_SUBHEADER": "deliveries.admin.shell.menu.account_shown",
    "SITE_URL": None,
    "SITE_ICON": _asset("mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _asset("mark.svg")},
    ],
    "SHOW_LANGUAGES": True,
    "COLORS": {
        "primary": {
            "50": "#eff5ff",
            "100": "#dbe8fe",
            "200": "#bfd7fe",
            "300": "#93bbfd",
            "400": "#7aa7fb",
            "500": "#3b76f6",
            "600": "#1d4ed8",
            "700": "#1e40af",
            "800": "#1e3a8a",
            "900": "#1c3270",
            "950": "#172554",
        },
    },
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [_asset(f"{name}.css") for name in _STYLES],
    "SCRIPTS": [_asset(f"{name}.js") for name in ("live", "dialogs", "report", "drop")],
    "COMMAND": {"search_callback": "deliveries.admin.shell.finding.results_for"},
    "DASHBOARD_CALLBACK": "deliveries.admin.shell.home.dashboard",
    "SIDEBAR": {"navigation": "xmld_project.caught.menu.navigation"},
}
