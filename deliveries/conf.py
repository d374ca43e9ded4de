"""The settings that this app reads, in one place (reference 10)."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

# Reference 10: what one bundle may bring.
MAX_XML_BYTES: Final = 10 * 1024**2
MAX_TEST_RECIPIENTS: Final = 30
MAX_ATTACHMENTS: Final = 10
MAX_ATTACHMENT_BYTES: Final = 10 * 1024**2
MAX_MESSAGE_BYTES: Final = 10 * 1024**2
MAX_LABELS: Final = 50
MAX_LINK_CATEGORY: Final = 9_999
POLL_LEASE: Final = timedelta(seconds=45)  # renewed every 10 s: three renewals may fail before another worker comes
LOCK_LEASE: Final = timedelta(seconds=60)  # for so long a worker that died keeps a database from others
LOCK_RETRY: Final = timedelta(seconds=5)  # reference 3.4
# Reference 1: then the client learns that its server was away.
SERVER_TROUBLE_LONGEST: Final = timedelta(minutes=30)
MAX_CRASHES: Final = 3  # what crashed a worker three times at one step will do so again
KEEP_UPLOADS: Final = timedelta(days=1)  # reference 10: until it is confirmed
KEEP_INVITATIONS: Final = timedelta(days=30)  # whom a place was offered to: three weeks after the offer is over
SENDER_DEAD_AFTER: Final = timedelta(seconds=60)  # then its ranges are given to others and its intents are in doubt
RANGE_SIZE: Final = 2_000  # messages of one lease: so many wait while a dead sender holds it


def spool() -> Path:
    """Return the folder in which received bundles are kept, one folder a run."""
    return Path(settings.STATE_DIR) / "spool"


def downloads() -> Path:
    """Return the folder of large exports, a file each."""
    return state_dir() / "downloads"


def uploads() -> Path:
    """Return the folder of what pages took and nobody has confirmed yet, a file each."""
    return state_dir() / "uploads"


def keep_downloads() -> timedelta:
    """Return how long large exports are kept."""
    return timedelta(days=settings.KEEP_DOWNLOADS_DAYS)


def export_rows() -> int:
    """Return above how many rows an export is made by a task."""
    return int(settings.EXPORT_ROWS)


def clients_html_policy(*, images: bool = True) -> str:
    """Return the policy of pages that show a client's HTML: no script runs (reference, Public addresses).

    Without `images` nothing is asked of anybody.
    """
    there, sheets, fonts = ("* data:", " https:", "*") if images else ("data:", "", "data:")
    return (
        f"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {there}; "
        f"style-src 'unsafe-inline'{sheets}; font-src {fonts}"
    )


def lock_retry_longest() -> timedelta:
    """Return how long a run with <retry/> waits for a locked database."""
    return timedelta(hours=settings.LOCK_RETRY_HOURS)


def keep_events() -> timedelta:
    """Return how long events are kept; a month here has 31 days, so that nothing goes too early."""
    return timedelta(days=31 * settings.KEEP_EVENTS_MONTHS)


def keep_messages() -> timedelta:
    """Return how long messages are kept, counted from the start of their delivery."""
    return timedelta(days=31 * settings.KEEP_MESSAGES_MONTHS)


def keep_ip_addresses() -> timedelta:
    """Return how long it is kept from where somebody opened or clicked."""
    return timedelta(days=settings.KEEP_IP_ADDRESSES_DAYS)


def keep_bundles() -> timedelta:
    """Return how long the files of a run are kept."""
    return timedelta(days=settings.KEEP_BUNDLES_DAYS)


def keep_row_errors() -> timedelta:
    """Return how long it is kept which rows were not loaded."""
    return timedelta(days=settings.KEEP_ROW_ERRORS_DAYS)


def smtp_url() -> str:
    """Return the relay's address: smtp://, smtps:// or smtp+starttls://."""
    return str(settings.SMTP_URL)


def connections() -> int:
    """Return how many connections one sender keeps to the relay."""
    return int(settings.CONNECTIONS)


def relay_rate() -> int:
    """Return how many messages an hour the relay gets from all senders together, 0 for as many as it takes."""
    return int(settings.RELAY_RATE_PER_HOUR)


def allow_async_standby() -> bool:
    """Return whether mails may go out although a standby could lack the last intents."""
    return bool(settings.ALLOW_ASYNC_STANDBY)


def public_url() -> str:
    """Return the base of public pages, without a slash at its end."""
    return str(settings.PUBLIC_URL)


def admin_url() -> str:
    """Return the base of the operators' pages, as our own mails link to it, without a slash at its end."""
    return str(settings.ADMIN_URL)


def bounce_domain(sender_domain: str) -> str:
    """Return the domain of return paths for mails of this sender's domain."""
    return str(settings.BOUNCE_DOMAIN or f"bounces.{sender_domain}")


def bounces_come_within() -> timedelta:
    """Return after how long a delivered message is taken for one that does not bounce."""
    return timedelta(days=settings.BOUNCE_CLEAR_DAYS)


def bounce_maildir() -> Path | None:
    """Return the Maildir that bounces come into, or None."""
    return Path(settings.BOUNCE_MAILDIR) if settings.BOUNCE_MAILDIR else None


def mail_from() -> str:
    """Return the sender's address of our own mails: summaries and reports."""
    return str(settings.DEFAULT_FROM_EMAIL)


def sftp_port() -> int:
    """Return the port of the bundled SFTP server."""
    return int(settings.SFTP_PORT)


def sftp_socket() -> Path:
    """Return where the bundled SFTP server answers our own polls, whatever happens before its port."""
    return Path(settings.SFTP_SOCKET)


def state_dir() -> Path:
    """Return the state folder."""
    return Path(settings.STATE_DIR)


def undo_seconds() -> int:
    """Return how long what was sent by hand waits, so that it can be taken back; 0 is not at all."""
    return int(settings.UNDO_SECONDS)


def stop_seconds() -> int:
    """Return how long a sender that was told to stop waits for replies still out."""
    return int(settings.STOP_SECONDS)
