"""Desktop or mobile, by the user agent (reference 6, actionClassification of a view)."""

from functools import lru_cache
from typing import Final

from ua_parser import parse_os

DESKTOP: Final = 0
MOBILE: Final = 1
_MOBILE: Final = frozenset(
    {"Android", "iOS", "iPadOS", "Windows Phone", "Windows Mobile", "BlackBerry OS", "KaiOS", "HarmonyOS", "Tizen"}
)


@lru_cache(maxsize=8192)
def device_of(agent: str) -> int:
    """Return MOBILE for a telephone or tablet; the image proxies of Gmail and Yahoo hide it and are desktops."""
    found = parse_os(agent)
    return MOBILE if found is not None and found.family in _MOBILE else DESKTOP
