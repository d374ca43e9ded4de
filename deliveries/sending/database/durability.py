"""The one thing that must hold of the database: a committed intent survives a crash, and a fail-over."""

from typing import Final

from django.db import connection

from deliveries import conf
from deliveries.errors import ServiceError

_NEEDED: Final = ("fsync", "synchronous_commit", "full_page_writes")
_ON: Final = frozenset({"on", "remote_apply", "remote_write", "local"})
# Who may not see what others replicate sees the rows all the same, with nulls.
_STANDBYS: Final = """
    SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'), count(*)
    FROM pg_stat_replication WHERE coalesce(state, 'streaming') IN ('streaming', 'catchup')
    AND coalesce(application_name, '') NOT IN ('pg_receivewal', 'pg_basebackup')
"""


def unsafe_settings() -> list[str]:
    """Return "name = value" of each setting with which a commit might be lost: a lost intent is a second mail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in _NEEDED))
        values = dict(zip(_NEEDED, cursor.fetchone(), strict=True))
    return [f"{name} = {value}" for name, value in values.items() if value not in _ON]


def async_standby() -> bool:
    """Return whether a standby is connected that may lack the last commits, and nobody said that this is known."""
    if conf.allow_async_standby():
        return False
    with connection.cursor() as cursor:
        cursor.execute(_STANDBYS)
        names, commits, standbys = cursor.fetchone()
    return bool(standbys) and (not names or commits == "local")


def sentence() -> str:
    """Return why nothing may be sent, with its code, and what to do; "" where all is well."""
    unsafe = unsafe_settings()
    if unsafe:
        return (
            f"UNSAFE_DB_SETTING: PostgreSQL has {' and '.join(unsafe)}: a lost commit would be a second mail."
            " Set it to on; nothing is sent until then."
        )
    if async_standby():
        return (
            "ASYNC_STANDBY: a standby is connected that may lack the last commits: promoted, it would send mails a"
            " second time. Name it in synchronous_standby_names, or set XMLD_ALLOW_ASYNC_STANDBY=1 if it is never"
            " promoted; nothing is sent until then."
        )
    return ""


def require_safe_database() -> None:
    """Raise ServiceError (UNSAFE_DB_SETTING, ASYNC_STANDBY) if a commit might be lost."""
    found = sentence()
    if found:
        code, _, words = found.partition(": ")
        raise ServiceError(code, words)
