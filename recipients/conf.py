"""The settings that this app reads (reference 10), in one place."""

from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

# Reference 10: what one list, one database and one value may have.
MAX_CSV_BYTES: Final = 2 * 1024**3
MAX_ZIP_RATIO: Final = 200
MAX_ROWS: Final = 5_000_000
MAX_FIELDS: Final = 100
MAX_VALUE_BYTES: Final = 64 * 1024
MAX_HTML_BYTES: Final = 1024**2
MAX_KEPT_ROW_FAULTS: Final = 10_000
CODE_FIELD: Final = "XML_DELIVERY_CODE"


def attempts() -> Path:
    """Return the folder in which failed log-ins and requests of the API are counted."""
    return Path(settings.STATE_DIR) / "login"


def area_address(path: str) -> str:
    """Return the full address of a page of the area, for a mail; `path` as reverse() gives it.

    Never by the Host of a request: who asks for the mail would choose where its secret link leads.
    """
    return f"{settings.ADMIN_URL}{path.removeprefix('/admin')}"


@cache
def data_key() -> bytes:
    """Return the secret from which the keys of address fingerprints and kept secrets are derived.

    Kept, as a message asks for it several times and the settings are slow to answer.
    """
    key: str = settings.DATA_KEY
    return key.encode()


@receiver(setting_changed)  # which only tests do
def _forget(setting: str, **_rest: object) -> None:
    if setting == "DATA_KEY":
        data_key.cache_clear()
