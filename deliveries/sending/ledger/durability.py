"""The one thing that must hold of the database: a committed intent survives a crash of the machine."""

from typing import Final

from django.db import connection

from deliveries.errors import ServiceError

_NEEDED: Final = ("fsync", "synchronous_commit", "full_page_writes")
_ON: Final = frozenset({"on", "remote_apply", "remote_write", "local"})


def unsafe_settings() -> list[str]:
    """Return "name = value" of each setting with which a commit might be lost: a lost intent is a second mail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in _NEEDED))
        values = dict(zip(_NEEDED, cursor.fetchone(), strict=True))
    return [f"{name} = {value}" for name, value in values.items() if value not in _ON]


def require_safe_database() -> None:
    """Raise ServiceError(UNSAFE_DB_SETTING) if a commit might be lost."""
    unsafe = unsafe_settings()
    if unsafe:
        raise ServiceError(
            "UNSAFE_DB_SETTING",
            f"PostgreSQL has {' and '.join(unsafe)}: a lost commit would be a second mail. Set it to on; nothing is"
            " sent until then.",
        )
